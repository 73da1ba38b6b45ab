import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A directory of a test's own. */
export interface Folder {
  readonly path: string
  at(name: string): string
  address(name: string): string
  /** The names of what is in it, hidden ones too. */
  list(): string[]
}

/** Makes a directory that goes with the test. On Windows addresses in it are pipes. */
export function folder(t: Pick<Test, 'teardown'>): Folder {
  const path = mkdtempSync(join(tmpdir(), 'ipc-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  const at = (name: string) => join(path, name)
  return {
    path,
    at,
    address: (name) =>
      process.platform === 'win32'
        ? `ipc://./pipe/hawser-${process.pid}-${name}`
        : `ipc://${at(`${name}.sock`)}`,
    list: () => readdirSync(path).sort(),
  }
}

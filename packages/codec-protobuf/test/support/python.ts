import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const fixtures: string = fileURLToPath(new URL('../fixtures/', import.meta.url))

// Debian's, which has the packages of Debian.
const python = '/usr/bin/python3'

/** Why Python's protobuf cannot be asked here; undefined where it can. In CI it has to be. */
export function missingPython(): string | undefined {
  for (const [program, ...args] of [
    ['protoc', '--version'],
    [python, '-c', 'import google.protobuf'],
  ] as const)
    if (spawnSync(program, args).status !== 0) {
      if (process.env.CI) throw new Error(`${program} ${args.join(' ')} has to succeed in CI`)
      return `protobuf-compiler or python3-protobuf is missing`
    }
  return undefined
}

/** Asks Python's protobuf, with modules that protoc makes of the fixtures. */
export function askPython(what: 'golden' | 'echo', input = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-protobuf-'))
  try {
    execFileSync('protoc', [`--python_out=${folder}`, 'three.proto', 'two.proto'], { cwd: fixtures })
    return execFileSync(python, [join(fixtures, 'vectors.py'), what, folder], {
      input,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

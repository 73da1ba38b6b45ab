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
    const script = join(fixtures, 'vectors.py')
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
    execFileSync(python, [script, 'known', folder], { env })
    const known = `--descriptor_set_in=${join(folder, 'known.bin')}`
    const files = ['known.proto', 'three.proto', 'two.proto']
    execFileSync('protoc', [known, '-I.', `--python_out=${folder}`, ...files], { cwd: fixtures })
    return execFileSync(python, [script, what, folder], {
      input,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      stdio: ['pipe', 'pipe', 'ignore'],
      env,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Outcome } from './terminal.js'

/** The command as it is installed. */
export const bin: string = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** Starts it; tap's own hooks into Node.js stay behind. */
export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const { PATH, TMPDIR } = process.env
  return spawn(process.execPath, [bin, ...args], { env: { PATH, ...(TMPDIR && { TMPDIR }), ...env } })
}

/** Runs it to its end. */
export async function ran(child: ChildProcess, input = ''): Promise<Outcome> {
  child.stdin!.end(input)
  const [out, err, [code]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'close'),
  ])
  return { code: code as number, out, err }
}

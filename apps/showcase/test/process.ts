import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A program of this app, run by its path from this folder. */
export function start(path: string, ...args: string[]): ChildProcess {
  const file = fileURLToPath(new URL(path, import.meta.url))
  return spawn(process.execPath, ['--import=tsx', file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Runs it to its end. */
export async function run(
  path: string,
  ...args: string[]
): Promise<{ code: number; lines: string[]; errors: string }> {
  const child = start(path, ...args)
  const exited = once(child, 'exit')
  const [lines, errors] = await Promise.all([linesOf(child.stdout!), linesOf(child.stderr!)])
  const [code] = (await exited) as [number]
  return { code, lines, errors: errors.join('\n') }
}

async function linesOf(stream: NodeJS.ReadableStream): Promise<string[]> {
  const lines: string[] = []
  for await (const line of createInterface({ input: stream })) lines.push(line)
  return lines
}

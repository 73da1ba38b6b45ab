import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

/** A fixture in a process of its own, with so many file descriptors at most; it ends with the test. */
export function run(
  t: Pick<Test, 'teardown'>,
  name: string,
  parameters: readonly string[] = [],
  descriptors?: number,
): ChildProcess {
  const fixture = fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url))
  const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors}; `
  const command = `${limit}exec "$0" --import=tsx "$@"`
  const child = spawn('sh', ['-c', command, process.execPath, fixture, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  // Also of a test that failed, and of a process that is stopped.
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

/** The next message of a process; rejects when it ends without one. */
export function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const told = (value: unknown) => {
      child.off('exit', ended)
      resolve(value as T)
    }
    const ended = (code: number | null, signal: string | null) => {
      child.off('message', told)
      reject(new Error(`the process ended with ${signal ?? code}`))
    }
    child.once('message', told)
    child.once('exit', ended)
  })
}

/** Ends a process, and waits until it is gone. */
export async function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  const closed = once(child, 'close')
  child.kill(signal)
  await closed
}

import type { Readable, Writable } from 'node:stream'
import { exitCodes } from './exit-code.js'

/** What a command reads from and writes to. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean | undefined }
  readonly output: Writable & { readonly isTTY?: boolean | undefined }
  readonly errors: Writable & { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted when the user interrupts. */
  readonly interrupted: AbortSignal
}

/** The terminal of this process. Until it is disposed of, Ctrl-C aborts its signal; a second one ends the process. */
export function processTerminal(): Terminal & Disposable {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted)
    controller.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return {
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr,
    env: process.env,
    interrupted: controller.signal,
    [Symbol.dispose]() {
      process.off('SIGINT', interrupt)
      process.off('SIGTERM', interrupt)
    },
  }
}

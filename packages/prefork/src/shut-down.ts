import { constants } from 'node:os'
import type { Cancel, RpcError } from '@hawser/contract'

/** What can be shut down: a server, a client, or what `serve` returns. */
export interface ShutsDown {
  close(options?: Cancel): Promise<void>
  /** Resolves to an error when it has ended by itself. */
  readonly closed?: Promise<RpcError | undefined>
}

const failed = 1
const signalled = 128

/**
 * Ends the process in good order: the first of the signals closes, which lets running calls end, and exits with 0; a second one
 * exits now, with 128 and its number. Where it ends by itself, or closing fails, the process exits with 1.
 * @returns takes the listeners away again
 */
export function shutDownOn(signals: readonly NodeJS.Signals[], subject: ShutsDown): () => void {
  const now = new AbortController()
  let signal: NodeJS.Signals | undefined
  const heard = (name: NodeJS.Signals) => {
    if (signal) {
      signal = name
      now.abort()
      return
    }
    signal = name
    subject.close({ signal: now.signal }).then(
      () => process.exit(now.signal.aborted ? signalled + constants.signals[signal!] : 0),
      () => process.exit(failed),
    )
  }
  for (const name of signals) process.on(name, heard)
  void subject.closed?.then((reason) => {
    if (reason && !signal) process.exit(failed)
  })
  return () => {
    for (const name of signals) process.off(name, heard)
  }
}

import type { Call, RpcError } from '@hawser/contract'
import type { Abortable } from './signals.js'

/** The calls that middleware has in hand: connections know nothing of them, and a client that closes waits for them, too. */
export class UnderWay {
  readonly #calls = new Set<Call & Abortable>()
  #ended: (() => void) | undefined

  add(call: Call & Abortable): void {
    this.#calls.add(call)
  }

  delete(call: Call): void {
    if (this.#calls.delete(call as Call & Abortable) && this.#calls.size === 0) this.#ended?.()
  }

  cancel(reason: RpcError): void {
    for (const call of [...this.#calls]) call.cancel(reason)
  }

  /** Resolves when there is none. */
  async ended(): Promise<void> {
    if (this.#calls.size > 0)
      await new Promise<void>((resolve) => {
        this.#ended = resolve
      })
  }
}

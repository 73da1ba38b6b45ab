import type { RpcError } from '@hawser/contract'
import { abortError } from './abort-error.js'

/** What a signal can end. */
export interface Abortable {
  cancel(reason: RpcError): void
}

/** The calls that one signal ends. However many there are, the signal has one listener: more than a few draw a warning. */
export class SignalCalls {
  readonly #signal: AbortSignal
  readonly #calls = new Set<Abortable>()
  readonly #aborted = () => {
    const calls = [...this.#calls]
    this.#calls.clear()
    const reason = abortError(this.#signal.reason)
    for (const call of calls) call.cancel(reason)
  }

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  add(call: Abortable): void {
    if (this.#signal.aborted) {
      call.cancel(abortError(this.#signal.reason))
      return
    }
    this.#calls.add(call)
    if (this.#calls.size === 1) this.#signal.addEventListener('abort', this.#aborted, { once: true })
  }

  remove(call: Abortable): void {
    if (this.#calls.delete(call) && this.#calls.size === 0)
      this.#signal.removeEventListener('abort', this.#aborted)
  }
}

/** What calls each signal ends, for one client. */
export class Signals {
  readonly #signals = new WeakMap<AbortSignal, SignalCalls>()

  of(signal: AbortSignal): SignalCalls {
    let calls = this.#signals.get(signal)
    if (!calls) {
      calls = new SignalCalls(signal)
      this.#signals.set(signal, calls)
    }
    return calls
  }
}

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

/** What ends calls from outside, for one client: each signal, and for streams the closing of the client. */
export class Signals {
  readonly #signals = new WeakMap<AbortSignal, SignalCalls>()
  readonly #streams = new Set<Abortable>()

  of(signal: AbortSignal): SignalCalls {
    let calls = this.#signals.get(signal)
    if (!calls) {
      calls = new SignalCalls(signal)
      this.#signals.set(signal, calls)
    }
    return calls
  }

  /** A stream of answers goes on until it is {@link streamEnded}, or {@link endStreams} ends it. */
  streamBegan(stream: Abortable): void {
    this.#streams.add(stream)
  }

  streamEnded(stream: Abortable): void {
    this.#streams.delete(stream)
  }

  endStreams(reason: RpcError): void {
    const streams = [...this.#streams]
    this.#streams.clear()
    for (const stream of streams) stream.cancel(reason)
  }
}

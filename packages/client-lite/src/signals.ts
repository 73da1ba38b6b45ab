import { RpcError } from '@hawser/contract'
import type { Abortable } from './call.js'
import { cancelledError } from './loss.js'

/** The calls that signals end. However many one ends, it has one listener: more than a few draw a warning. */
export class Signals {
  readonly #signals = new Map<AbortSignal, { readonly calls: Set<Abortable>; aborted(): void }>()

  add(signal: AbortSignal, call: Abortable): void {
    if (signal.aborted) {
      call.cancel(abortError(signal.reason))
      return
    }
    const known = this.#signals.get(signal)
    if (known) {
      known.calls.add(call)
      return
    }
    const calls = new Set([call])
    const aborted = () => {
      this.#signals.delete(signal)
      const reason = abortError(signal.reason)
      for (const each of calls) each.cancel(reason)
    }
    this.#signals.set(signal, { calls, aborted })
    signal.addEventListener('abort', aborted, { once: true })
  }

  remove(signal: AbortSignal, call: Abortable): void {
    const known = this.#signals.get(signal)
    if (!known?.calls.delete(call) || known.calls.size > 0) return
    this.#signals.delete(signal)
    signal.removeEventListener('abort', known.aborted)
  }
}

function abortError(reason: unknown): RpcError {
  if (RpcError.is(reason)) return reason
  // AbortSignal.timeout() gives a TimeoutError, and means a deadline.
  return (reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
    ? new RpcError('deadline_exceeded', 'The signal of the call timed out', {
        reason: 'deadline',
        cause: reason,
      })
    : cancelledError('The call was cancelled by its signal', reason)
}

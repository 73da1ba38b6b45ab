import { type CancelListener, type Cancellable, RpcError, type TimerEntry } from '@hawser/contract'

/**
 * The life of one call: its deadline, and its cancellation. Both sides' calls are one. It is its own timer entry and
 * makes its AbortController only when somebody reads `signal`, so a call that just runs pays for neither.
 */
export class CallScope implements Cancellable, TimerEntry {
  /** Clock milliseconds; Infinity for none. */
  readonly deadline: number
  cancelReason: RpcError | undefined = undefined
  _at = 0
  _next: TimerEntry | undefined = undefined
  _previous: TimerEntry | undefined = undefined
  _listeners: CancelListener | CancelListener[] | undefined = undefined
  _controller: AbortController | undefined = undefined

  constructor(deadline: number) {
    this.deadline = deadline
  }

  get signal(): AbortSignal {
    if (!this._controller) {
      this._controller = new AbortController()
      if (this.cancelReason) this._controller.abort(this.cancelReason)
    }
    return this._controller.signal
  }

  /** Cancels, once; a second reason is ignored. */
  cancel(reason: RpcError): void {
    if (this.cancelReason) return
    this.cancelReason = reason
    const listeners = this._listeners
    this._listeners = undefined
    if (Array.isArray(listeners)) for (const listener of listeners) listener.cancelled(reason)
    else listeners?.cancelled(reason)
    this._controller?.abort(reason)
  }

  onCancel(listener: CancelListener): void {
    if (this.cancelReason) listener.cancelled(this.cancelReason)
    else if (!this._listeners) this._listeners = listener
    else if (Array.isArray(this._listeners)) this._listeners.push(listener)
    else this._listeners = [this._listeners, listener]
  }

  offCancel(listener: CancelListener): void {
    const listeners = this._listeners
    if (listeners === listener) this._listeners = undefined
    else if (Array.isArray(listeners)) {
      const index = listeners.indexOf(listener)
      if (index >= 0) listeners.splice(index, 1)
    }
  }

  /** The timer's call: the deadline has passed. */
  expire(): void {
    this.cancel(deadlineError())
  }
}

/** What a call fails with when its time is up. */
export function deadlineError(executed: 'no' | 'maybe' | 'yes' = 'maybe'): RpcError {
  return new RpcError('deadline_exceeded', 'The deadline of the call has passed', {
    reason: 'deadline',
    executed,
  })
}

/** The last option of every asynchronous method. */
export interface Cancel {
  readonly signal?: AbortSignal | undefined
}

/** Told once when a call is cancelled. An object rather than a function, so that no closure is made per call. */
export interface CancelListener {
  /** @param reason an RpcError with the code `cancelled` or `deadline_exceeded` (or what ended the connection). */
  cancelled(reason: Error): void
}

/**
 * Something that can be cancelled, once. `signal` is the same fact for users and for platform APIs; it is made when it is
 * first read, because an AbortController costs more than a whole call.
 */
export interface Cancellable {
  readonly signal: AbortSignal
  /** What cancelled it; undefined while it goes on. */
  readonly cancelReason: Error | undefined
  /** Adds a listener; one that comes too late is told at once. */
  onCancel(listener: CancelListener): void
  offCancel(listener: CancelListener): void
}

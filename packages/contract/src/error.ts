import type { Code, Reason } from './codes.js'

/**
 * Did the handler run? `no`: certainly not, so repeating is safe. `maybe`: it may have. `yes`: it did, and this error is
 * its outcome.
 */
export type Executed = 'no' | 'maybe' | 'yes'

/** What an {@link RpcError} may carry besides its code and message. */
export interface RpcErrorOptions {
  readonly reason?: Reason | undefined
  /** Default `maybe`. */
  readonly executed?: Executed | undefined
  /**
   * Default: true for `unavailable` and `resource_exhausted` errors whose call was certainly not executed, and for any with
   * `retryAfterMs`.
   */
  readonly retryable?: boolean | undefined
  /** Milliseconds before which another try makes no sense. Negative, or Infinity: none ever does. Default: nothing is said. */
  readonly retryAfterMs?: number | undefined
  /** Any value the call's codec can carry. Between the layers it is bytes in that codec. */
  readonly details?: unknown
  readonly cause?: unknown
}

const brand = Symbol.for('hawser.RpcError')

/**
 * The one error class. Throw it in a handler to choose what the caller sees; whatever else a handler throws arrives as
 * `internal` with the reason `handler_failed`. The stack never crosses the wire.
 */
export class RpcError extends Error {
  override readonly name: string = 'RpcError'
  readonly code: Code
  readonly reason: Reason | undefined
  readonly executed: Executed
  readonly retryable: boolean
  /** Milliseconds, from when the error was made or came; Infinity: never. */
  readonly retryAfterMs: number | undefined
  readonly details: unknown

  constructor(code: Code, message: string, options: RpcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.reason = options.reason
    this.executed = options.executed ?? 'maybe'
    this.retryAfterMs = waitOf(options.retryAfterMs)
    this.retryable =
      this.retryAfterMs !== Infinity &&
      (options.retryable ??
        (this.retryAfterMs !== undefined ||
          (this.executed === 'no' && (code === 'unavailable' || code === 'resource_exhausted'))))
    this.details = options.details
  }

  /** True for every RpcError, also one from another installed copy of this package. */
  static is(value: unknown): value is RpcError {
    return typeof value === 'object' && value !== null && Reflect.get(value, brand) === true
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return RpcError.is(value)
  }

  /** An RpcError as it is; anything else wrapped, with the given code (`internal` unless told) and itself as the cause. */
  static from(value: unknown, code: Code = 'internal', options: RpcErrorOptions = {}): RpcError {
    if (RpcError.is(value)) return value
    return new RpcError(code, messageOf(value), { ...options, cause: value })
  }

  /** The same error with some of its facts changed. */
  with(options: RpcErrorOptions): RpcError {
    const executed = options.executed ?? this.executed
    return new RpcError(this.code, this.message, {
      reason: this.reason,
      details: this.details,
      cause: this.cause,
      retryAfterMs: this.retryAfterMs,
      // A retryable that was derived from `executed` has to be derived again when that changes.
      retryable: executed === this.executed || this.retryAfterMs !== undefined ? this.retryable : undefined,
      ...options,
      executed,
    })
  }
}

// On the prototype, not on each error: it costs nothing per error and does not show when one is printed.
Object.defineProperty(RpcError.prototype, brand, { value: true })

// Only numbers that mean something: errors are made in the middle of failures, where nothing more may be thrown.
function waitOf(milliseconds: number | undefined): number | undefined {
  if (milliseconds === undefined || Number.isNaN(milliseconds)) return undefined
  return milliseconds < 0 ? Infinity : milliseconds
}

function messageOf(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    const message = (value as { message?: unknown } | null | undefined)?.message
    if (typeof message === 'string') return message
    return String(value)
  } catch {
    // A thrown value may have getters and toString methods that throw in turn.
    return 'a value that has no text was thrown'
  }
}

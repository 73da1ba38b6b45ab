import { currentCall, inheritedHeaders } from '@hawser/context'
import type {
  Body,
  Call,
  CallKind,
  Clock,
  Codec,
  Headers,
  Limits,
  RpcError as RpcErrorType,
} from '@hawser/contract'
import { RpcError } from '@hawser/contract'
import { CallScope, noHeaders } from '@hawser/wire'
import type { CallOptions } from './options.js'

const longest = Number.MAX_SAFE_INTEGER

/**
 * A call as its caller makes it: it carries the deadline and ties itself to what may cancel it, the surrounding call and
 * the caller's signal, for as long as it goes on.
 */
export class ClientCall extends CallScope implements Call {
  readonly method: string
  readonly kind: CallKind
  readonly headers: Headers
  readonly probe: boolean
  codec: string
  input: Body
  readonly idempotent: boolean
  readonly _parent: Call | undefined
  readonly _signal: AbortSignal | undefined
  _aborted: (() => void) | undefined = undefined

  constructor(
    method: string,
    kind: CallKind,
    codec: string,
    input: Body,
    deadline: number,
    headers: Headers,
    probe: boolean,
    options: CallOptions,
    parent: Call | undefined,
  ) {
    super(deadline)
    this.method = method
    this.kind = kind
    this.codec = codec
    this.input = input
    this.headers = headers
    this.probe = probe
    this.idempotent = options.idempotent === true
    this._parent = parent
    this._signal = options.signal
  }

  /** Ties the call to what may cancel it; it may be cancelled already when this returns. */
  tie(): void {
    this._parent?.onCancel(this)
    const signal = this._signal
    if (!signal) return
    this._aborted = () => this.cancel(abortError(signal.reason))
    if (signal.aborted) this._aborted()
    else signal.addEventListener('abort', this._aborted, { once: true })
  }

  /** The call is over: nothing holds on to it. */
  untie(): void {
    this._parent?.offCancel(this)
    if (this._aborted) this._signal?.removeEventListener('abort', this._aborted)
  }

  /** The surrounding call was cancelled. */
  cancelled(reason: RpcErrorType): void {
    this.cancel(reason)
  }
}

/** Makes calls for one client: fills in what the options and the surrounding call say. */
export class CallMaker {
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #context: boolean

  constructor(clock: Clock, limits: Limits, context: boolean) {
    this.#clock = clock
    this.#limits = limits
    this.#context = context
  }

  make(
    method: string,
    kind: CallKind,
    codec: Codec,
    input: Body,
    options: CallOptions,
    probe: boolean,
  ): ClientCall {
    const parent = options.parent ?? (this.#context ? currentCall() : undefined)
    const streams = kind === 'server-stream' || kind === 'duplex'
    const timeoutMs = options.timeoutMs ?? (streams ? Infinity : this.#limits.callMs)
    if (!(timeoutMs >= 0)) throw new TypeError(`timeoutMs must be a number from 0 up, not ${timeoutMs}`)
    let deadline = timeoutMs < longest ? this.#clock.now() + timeoutMs : Infinity
    if (parent && parent.deadline < deadline) deadline = parent.deadline
    return new ClientCall(
      method,
      kind,
      codec.name,
      input,
      deadline,
      headersOf(options, parent),
      probe,
      options,
      parent,
    )
  }
}

function headersOf({ headers }: CallOptions, parent: Call | undefined): Headers {
  const inherited = parent && inheritedHeaders(parent.headers)
  if (!headers) return inherited ?? noHeaders
  const own =
    headers instanceof Map
      ? (headers as Headers)
      : Object.entries(headers as Readonly<Record<string, string>>)
  return new Map([...(inherited ?? []), ...own])
}

function abortError(reason: unknown): RpcError {
  if (RpcError.is(reason)) return reason
  // AbortSignal.timeout() gives a TimeoutError, and means a deadline.
  const timedOut = (reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
  return timedOut
    ? new RpcError('deadline_exceeded', 'The signal of the call timed out', {
        reason: 'deadline',
        cause: reason,
      })
    : new RpcError('cancelled', 'The call was cancelled by its signal', {
        reason: 'cancelled',
        cause: reason,
      })
}

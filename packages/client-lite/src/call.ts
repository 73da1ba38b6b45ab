import { type DeclaredErrors, type Headers, RpcError } from '@hawser/contract'
import { type MethodCodecs, type MethodLayout, noHeaders } from '@hawser/wire'
import type { Expiring } from './deadlines.js'
import type { Endpoint } from './endpoint.js'
import { cancelledFor, fault, late, unavailable } from './fault.js'
import { Inflow, type InflowOwner } from './inflow.js'
import type { CallOptions } from './options.js'
import type { Outflow } from './outflow.js'
import type { Outgoing } from './outgoing.js'
import type { Session } from './session.js'

const nothing = new Uint8Array(0)
// What a connection ends with in peace, or by accident: another one does better.
const moving: readonly unknown[] = ['draining', 'closed', 'idle', 'connection_lost']

/** What is to be called. */
export interface Target {
  readonly endpoint: Endpoint
  readonly method: string
  /** By its number on the wire. */
  readonly kind: number
  readonly layout: MethodLayout
  readonly errors?: DeclaredErrors | undefined
}

/** Who is told how a call without a stream of answers ends. */
export interface Settle {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** A call as its caller makes it: with its deadline and what may cancel it, and sent again where that is safe. */
export class Call implements Outgoing, InflowOwner, Expiring {
  readonly kind: number
  readonly probe: boolean
  headers: Headers = noHeaders
  deadline: number = Infinity
  readonly inflow: Inflow | undefined
  body: Uint8Array = nothing
  items: AsyncIterable<Uint8Array> | undefined
  // The session's own.
  id = 0
  codecIndex = 0
  outflow: Outflow | undefined
  streams = false
  cancelCode = 0
  /** Where it was sent. */
  session: Session | undefined
  readonly #target: Target
  readonly #value: unknown
  readonly #options: CallOptions
  readonly #settle: Settle | undefined
  #codecs!: MethodCodecs
  #begun = false
  #over = false
  #attempts = 0
  // May an attempt have run the handler? Then no later error can say that nothing was run.
  #mayHaveRun = false
  #recoded = false
  // The caller's items have been asked for: they cannot be sent from their start again.
  #flowing = false

  /** @param settle absent for calls that are answered with a stream */
  constructor(target: Target, value: unknown, options: CallOptions, settle?: Settle, probe = false) {
    this.#target = target
    this.#value = value
    this.#options = options
    this.#settle = settle
    this.kind = target.kind
    this.probe = probe
    this.inflow = settle ? undefined : new Inflow(this, target.endpoint.around.limits.streamWindow)
  }

  get method(): string {
    return this.#target.method
  }
  get codec(): string {
    return this.#codecs.plain.name
  }

  /**
   * Sends it, the first time this is said. It fails with what the codec says of an input that cannot travel, and with a TypeError
   * for options that make no sense.
   */
  begin(): void {
    if (this.#begun) return
    this.#begun = true
    const { endpoint } = this.#target
    const { signal, timeoutMs, headers } = this.#options
    const { clock, limits, calls } = endpoint.around
    const time = timeoutMs ?? (this.inflow ? Infinity : limits.callMs)
    try {
      if (!(time >= 0)) throw new TypeError(`timeoutMs must be a number from 0 up, not ${timeoutMs}`)
      this.deadline = clock.now() + time
      if (headers) this.headers = new Map(headers instanceof Map ? headers : Object.entries(headers))
      this.#codecs = this.#layOut()
    } catch (error) {
      this.#tell(error)
      return
    }
    calls.add(this)
    if (signal?.aborted) this.cancel(abortError(signal.reason))
    else {
      if (signal) this.#callsOf(signal).add(this)
      endpoint.begin(this)
    }
  }

  /** Ends it for its caller; the other side is told. */
  cancel(reason: RpcError): void {
    const { session } = this
    if (session) {
      this.session = undefined
      session.cancel(this, reason)
      this.#end(reason)
      return
    }
    const { endpoint } = this.#target
    // Asked whether somebody is there, and found nobody in all the time there was: that is an answer.
    const nobody = endpoint.forget(this) && this.probe && reason.reason === 'deadline'
    this.#end(
      nobody
        ? unavailable('unreachable', `${endpoint.address} cannot be reached in time`, 'no')
        : reason.with({ executed: 'no' }),
    )
  }

  /** The deadline has passed. */
  expire(): void {
    this.cancel(late())
  }

  // ---- Outgoing -----------------------------------------------------------------------------------------------

  replied(body: Uint8Array): void {
    this.#end(undefined, body)
  }

  failed(error: RpcError): void {
    this.session = undefined
    const { endpoint } = this.#target
    const { executed, reason } = error
    const { idempotent = false } = this.#options
    if (!this.#over && !this.#flowing && !this.streams) {
      const safe = executed === 'no' || (executed === 'maybe' && idempotent)
      const moved = safe && error.retryable && moving.includes(reason)
      if (moved && ++this.#attempts < endpoint.around.limits.attempts) {
        this.#mayHaveRun ||= executed !== 'no'
        endpoint.begin(this)
        return
      }
      if (reason === 'no_codec' && !this.#recoded) {
        this.#recoded = true
        try {
          this.#codecs = this.#layOut()
          endpoint.begin(this)
          return
        } catch {
          // It is as it was.
        }
      }
    }
    this.#end(error)
  }

  // ---- InflowOwner --------------------------------------------------------------------------------------------

  read(bytes: Uint8Array): unknown {
    try {
      return this.#codecs.output.decode(bytes)
    } catch (error) {
      // The handler ran, but what it said cannot be read.
      const reason = RpcError.is(error) ? error.reason : undefined
      throw fault('internal', reason ?? 'bad_payload', 'The answer cannot be read', 'yes', false, error)
    }
  }

  grant(bytes: number): void {
    this.session?.grant(this, bytes)
  }

  stop(reason: RpcError = cancelledFor('The caller stopped reading')): void {
    if (!this.#over && this.#begun) this.cancel(reason)
  }

  // ---- its end ------------------------------------------------------------------------------------------------

  #end(error?: RpcError, body: Uint8Array = nothing): void {
    if (this.#over) return
    this.#target.endpoint.around.calls.delete(this)
    const { signal } = this.#options
    if (signal) this.#callsOf(signal).delete(this)
    const hides = this.#mayHaveRun && error?.executed === 'no'
    this.#tell(error && this.#told(hides ? error.with({ executed: 'maybe' }) : error), body)
  }

  #tell(error: unknown, body: Uint8Array = nothing): void {
    this.#over = true
    if (this.inflow) this.inflow.end(error)
    else if (error) this.#settle?.reject(error)
    else
      try {
        this.#settle?.resolve(this.probe || this.read(body))
      } catch (thrown) {
        this.#settle?.reject(thrown)
      }
  }

  // However many calls a signal ends, it has one listener: more than a few draw a warning.
  #callsOf(signal: AbortSignal): Set<Call> {
    const { signals } = this.#target.endpoint.around
    let calls = signals.get(signal)
    if (!calls) {
      const ended = new Set<Call>()
      calls = ended
      signals.set(signal, calls)
      signal.addEventListener('abort', () => {
        for (const call of ended) call.cancel(abortError(signal.reason))
      })
    }
    return calls
  }

  // As its caller catches it: what the method declares as it was thrown, any other error with its details as a value.
  #told(error: RpcError): Error {
    const { details: bytes, reason } = error
    if (!(bytes instanceof Uint8Array)) return error
    const { errors } = this.#target
    let details: unknown
    try {
      if (reason === 'declared' && errors) return errors.unpack(this.#codecs.errors.decode(bytes), error)
      details = this.#codecs.plain.decode(bytes)
    } catch {
      // Details that cannot be read are left out.
    }
    return error.with({ details })
  }

  // In the preferred codec that has a layout for the types, of those both sides have; of all, while that is not known.
  #layOut(): MethodCodecs {
    const { layout, endpoint } = this.#target
    const { codecs: known } = endpoint
    const codecs = layout.of(known.find((codec) => layout.fits(codec)) ?? known[0]!)
    if (this.probe) return codecs
    if (this.kind & 1) this.items = { [Symbol.asyncIterator]: () => this.#flow(codecs) }
    else this.body = codecs.input.encode(this.#value)
    return codecs
  }

  async *#flow({ input }: MethodCodecs): AsyncGenerator<Uint8Array> {
    this.#flowing = true
    for await (const item of this.#value as AsyncIterable<unknown>) yield input.encode(item)
  }
}

function abortError(reason: unknown): RpcError {
  if (RpcError.is(reason)) return reason
  // AbortSignal.timeout() gives a TimeoutError, and means a deadline.
  return (reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
    ? late(reason)
    : cancelledFor('The call was cancelled', reason)
}

import {
  type Body,
  type CallKind,
  type CancelListener,
  type DeclaredErrors,
  type Headers,
  type Reply,
  RpcError,
} from '@hawser/contract'
import { deadlineError, type MethodCodecs, type MethodLayout, noHeaders } from '@hawser/wire'
import type { Abortable, SessionCall } from './call.js'
import type { Expiring } from './deadlines.js'
import type { Endpoint } from './endpoint.js'
import { ItemsInput } from './items-input.js'
import { unreachable } from './loss.js'
import type { CallOptions } from './options.js'

const longest = Number.MAX_SAFE_INTEGER
// What ends in peace, or is lost, and is better with another connection.
const moving: readonly unknown[] = ['draining', 'closed', 'idle', 'connection_lost']

/** Lays the input of a call out in a codec: once more when the other side turns out not to take the first one. */
export type Encode = (codecs: MethodCodecs, input: unknown) => Body

/** What is to be called. */
export interface Target {
  readonly endpoint: Endpoint
  readonly method: string
  readonly layout: MethodLayout
  readonly errors: DeclaredErrors | undefined
  readonly encode: Encode
}

/** Takes the outcome of a call, once. */
export interface CallSink {
  replied(output: Body): void
  failed(error: Error): void
}

/** A call as its caller makes it: with its deadline and what may cancel it, and sent again where that is safe. */
export class ClientCall implements SessionCall, Abortable, Expiring {
  readonly target: Target
  readonly kind: CallKind
  readonly headers: Headers
  readonly deadline: number
  readonly probe: boolean
  input: Body
  codecs: MethodCodecs
  cancelReason: RpcError | undefined = undefined
  #listener: CancelListener | undefined
  #attempts = 0
  // May one of the attempts have run the handler? Then no later error can say that nothing was run.
  #mayHaveRun = false
  #recoded = false
  readonly #value: unknown
  readonly #options: CallOptions
  readonly #sink: CallSink

  /** @throws what the codec says of an input that cannot travel; TypeError for options that make no sense */
  constructor(
    target: Target,
    kind: CallKind,
    input: unknown,
    options: CallOptions,
    probe: boolean,
    sink: CallSink,
  ) {
    const { timeoutMs, headers } = options
    const { clock, limits } = target.endpoint.surroundings
    const streams = kind === 'server-stream' || kind === 'duplex'
    const time = timeoutMs ?? (streams ? Infinity : limits.callMs)
    if (!(time >= 0)) throw new TypeError(`timeoutMs must be a number from 0 up, not ${timeoutMs}`)
    this.target = target
    this.kind = kind
    this.deadline = time < longest ? clock.now() + time : Infinity
    this.headers = headers ? new Map(headers instanceof Map ? headers : Object.entries(headers)) : noHeaders
    this.probe = probe
    this.codecs = this.#choose()
    this.input = target.encode(this.codecs, input)
    this.#value = input
    this.#options = options
    this.#sink = sink
  }

  get method(): string {
    return this.target.method
  }
  get codec(): string {
    return this.codecs.plain.name
  }

  /** Sends it. */
  begin(): void {
    const { endpoint } = this.target
    const { deadlines, signals } = endpoint.surroundings
    deadlines.add(this)
    if (this.#options.signal) signals.add(this.#options.signal, this)
    if (!this.cancelReason) endpoint.begin(this)
  }

  /** Nothing holds on to it any more. */
  untie(): void {
    const { deadlines, signals } = this.target.endpoint.surroundings
    deadlines.remove(this)
    if (this.#options.signal) signals.remove(this.#options.signal, this)
  }

  /** The deadline has passed. */
  expire(): void {
    this.cancel(deadlineError())
  }

  cancel(reason: RpcError): void {
    if (this.cancelReason) return
    this.cancelReason = reason
    const listener = this.#listener
    if (listener) {
      listener.cancelled(reason)
      return
    }
    const { endpoint } = this.target
    // Asked whether somebody is there, and found nobody in all the time there was: that is an answer.
    if (endpoint.forget(this) && this.probe && reason.reason === 'deadline')
      this.giveUp(unreachable(endpoint.address, 'no connection within the time of the call'))
    else this.giveUp(reason.with({ executed: 'no' }))
  }

  // A call is with one connection at a time.
  onCancel(listener: CancelListener): void {
    if (this.cancelReason) listener.cancelled(this.cancelReason)
    else this.#listener = listener
  }
  offCancel(): void {
    this.#listener = undefined
  }

  replied({ output }: Reply): void {
    if (output instanceof Uint8Array) this.untie()
    this.#sink.replied(output)
  }

  /** An attempt failed. */
  failed(error: RpcError): void {
    const { endpoint } = this.target
    const { executed, reason } = error
    this.#mayHaveRun ||= executed !== 'no'
    const replayable = !(this.input instanceof ItemsInput && this.input.begun)
    if (!this.cancelReason && replayable) {
      const safe = executed === 'no' || (executed === 'maybe' && this.#options.idempotent === true)
      if (
        safe &&
        error.retryable &&
        moving.includes(reason) &&
        ++this.#attempts < endpoint.surroundings.limits.attempts
      ) {
        endpoint.begin(this)
        return
      }
      if (reason === 'no_codec' && !this.#recoded) {
        this.#recoded = true
        this.codecs = this.#choose()
        this.input = this.target.encode(this.codecs, this.#value)
        endpoint.begin(this)
        return
      }
    }
    this.giveUp(error)
  }

  /** No further attempt can be made. */
  giveUp(error: RpcError): void {
    this.untie()
    const hides = this.#mayHaveRun && error.executed === 'no'
    this.#sink.failed(this.told(hides ? error.with({ executed: 'maybe' }) : error))
  }

  /**
   * The value of an answer.
   * @throws RpcError `internal`, executed: yes: the handler ran, but what it said cannot be read
   */
  answer(bytes: Uint8Array): unknown {
    try {
      return this.codecs.output.decode(bytes)
    } catch (error) {
      throw new RpcError('internal', 'The answer cannot be read', {
        reason: RpcError.is(error) ? error.reason : 'bad_payload',
        executed: 'yes',
        cause: error,
      })
    }
  }

  /** An error as its caller catches it: one that the method declares as it was thrown, any other with its details as a value. */
  told(error: RpcError): Error {
    if (!(error.details instanceof Uint8Array)) return error
    const { errors } = this.target
    let details: unknown
    try {
      if (error.reason === 'declared' && errors)
        return errors.unpack(this.codecs.errors.decode(error.details), error)
      details = this.codecs.plain.decode(error.details)
    } catch {
      // Details that cannot be read are left out.
    }
    return error.with({ details })
  }

  // The preferred codec that has a layout for the types, of those both sides have; of all, while that is not known.
  #choose(): MethodCodecs {
    const { layout, endpoint } = this.target
    const { codecs } = endpoint
    return layout.of(codecs.find((codec) => layout.fits(codec)) ?? codecs[0]!)
  }
}

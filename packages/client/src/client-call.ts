import { currentCall, inheritedHeaders } from '@hawser/context'
import {
  type Body,
  type Call,
  type CallKind,
  type Codec,
  type DeclaredErrors,
  type Headers,
  RpcError,
} from '@hawser/contract'
import { CallScope, type MethodCodecs, type MethodLayout, noHeaders } from '@hawser/wire'
import type { Calling, Route } from './caller.js'
import { replayable } from './items-input.js'
import type { CallOptions } from './options.js'

const longest = Number.MAX_SAFE_INTEGER

/** What is to be called, and how. */
export interface Target {
  readonly route: Route
  readonly calling: Calling
  readonly method: string
}

/** The same, with what its values are. */
export interface TypedTarget extends Target {
  readonly layout: MethodLayout
  readonly errors: DeclaredErrors | undefined
}

/** Lays the input of a call out in a codec: once more when the other side turns out not to take the first one. */
export type Encode = (codecs: MethodCodecs, input: unknown) => Body

/**
 * A call as its caller makes it: it carries the deadline and ties itself to what may cancel it, the surrounding call and
 * the caller's signal, for as long as it goes on.
 */
export class ClientCall extends CallScope implements Call {
  readonly target: TypedTarget
  readonly kind: CallKind
  readonly headers: Headers
  readonly probe: boolean
  input: Body
  /** The codecs of this call's values. */
  codecs: MethodCodecs
  readonly _value: unknown
  _encode: Encode | undefined
  readonly _options: CallOptions
  readonly _parent: Call | undefined

  /** @throws what the codec says of an input that cannot travel; TypeError for options that make no sense */
  constructor(
    target: TypedTarget,
    kind: CallKind,
    encode: Encode,
    input: unknown,
    options: CallOptions,
    probe: boolean,
  ) {
    const { calling } = target
    const parent = options.parent ?? (calling.context ? currentCall() : undefined)
    super(deadlineOf(calling, kind, options, parent))
    const codecs = codecsFor(target)
    this.target = target
    this.kind = kind
    this.headers = headersOf(options, parent)
    this.probe = probe
    this.codecs = codecs
    this.input = encode(codecs, input)
    this._value = input
    this._encode = encode
    this._options = options
    this._parent = parent
  }

  get method(): string {
    return this.target.method
  }
  get codec(): string {
    return this.codecs.plain.name
  }
  get idempotent(): boolean {
    return this._options.idempotent === true
  }

  /** Ties the call to its deadline and to what may cancel it; it may be cancelled already when this returns. */
  tie(): void {
    if (this.deadline !== Infinity) this.target.calling.runtime.timers.add(this, this.deadline)
    this._parent?.onCancel(this)
    const { signal } = this._options
    if (signal) this.target.calling.signals.of(signal).add(this)
  }

  /** The call is over: nothing holds on to it. */
  untie(): void {
    if (this._next) this.target.calling.runtime.timers.remove(this)
    this._parent?.offCancel(this)
    const { signal } = this._options
    if (signal) this.target.calling.signals.of(signal).remove(this)
  }

  /** The surrounding call was cancelled. */
  cancelled(reason: RpcError): void {
    this.cancel(reason)
  }

  /**
   * For a call that went out before the other side had said what it takes, and was refused for its codec: lays it out in
   * one that both have, once. Undefined when that is done, otherwise what the caller is told: the error where there is no
   * such codec or nothing new is known, or why the input cannot travel in it.
   */
  recode(error: RpcError): RpcError | undefined {
    const encode = this._encode
    if (error.reason !== 'no_codec' || !encode || !replayable(this)) return error
    const { plain } = this.codecs
    const { layout } = this.target
    const codec = shared(this.target).find((codec) => codec !== plain && layout.fits(codec))
    if (!codec) return error
    this._encode = undefined
    const codecs = layout.of(codec)
    try {
      this.input = encode(codecs, this._value)
    } catch (refused) {
      return RpcError.from(refused, 'invalid_argument', { executed: 'no' })
    }
    this.codecs = codecs
    return undefined
  }
}

// The route's own, unless the types of the method have no layout in it and do in another.
function codecsFor(target: TypedTarget): MethodCodecs {
  const { route, layout, calling } = target
  const { codec } = route
  if (layout.fits(codec)) return layout.of(codec)
  const others = route.shared ? shared(target) : [...calling.runtime.codecs.values()]
  const fitting = others.find((other) => layout.fits(other))
  if (!fitting && route.shared && [...calling.runtime.codecs.values()].some((own) => layout.fits(own)))
    throw noCodec(target.method)
  return layout.of(fitting ?? codec)
}

// The codecs known to be taken by the other side, too: the preferred first.
function shared({ route, calling }: TypedTarget): Codec[] {
  return (route.shared ?? []).flatMap((name) => calling.runtime.codecs.get(name) ?? [])
}

function noCodec(method: string): RpcError {
  const message = `The other side takes no codec that can carry the values of ${method}`
  return new RpcError('unimplemented', message, { reason: 'no_codec', executed: 'no' })
}

function deadlineOf(
  calling: Calling,
  kind: CallKind,
  options: CallOptions,
  parent: Call | undefined,
): number {
  const { timeoutMs } = options
  let deadline = Infinity
  if (timeoutMs === undefined) {
    if (kind !== 'server-stream' && kind !== 'duplex')
      deadline = calling.runtime.turn.now() + calling.runtime.limits.callMs
  } else if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0))
    throw new TypeError(`timeoutMs must be a number from 0 up, not ${timeoutMs}`)
  else if (timeoutMs < longest) deadline = calling.runtime.clock.now() + timeoutMs
  return parent && parent.deadline < deadline ? parent.deadline : deadline
}

function headersOf({ headers }: CallOptions, parent: Call | undefined): Headers {
  const inherited = parent && inheritedHeaders(parent.headers)
  if (!headers) return inherited ?? noHeaders
  const own =
    headers instanceof Map
      ? (headers as Headers)
      : Object.entries(headers as Readonly<Record<string, string>>)
  for (const [key, value] of own)
    if (typeof value !== 'string') throw new TypeError(`The header ${key} is a ${typeof value}, not a string`)
  return new Map([...(inherited ?? []), ...own])
}

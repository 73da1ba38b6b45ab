import { type CallKind, type Codec, type ProtocolContext, RpcError } from '@hawser/contract'
import { fromBytes, toBytes } from './forms.js'
import type { Media, MediaTypes } from './media.js'
import { givesItems, type PlanKey, type Route, takesItems } from './route.js'
import { Refusal } from './status.js'

/** How a body becomes the input of a call, and its output the body of an answer. */
export interface Plan {
  readonly kind: CallKind
  readonly codec: string
  readonly accepts: string | undefined
  /** Is the body a sequence of values? */
  readonly lines: boolean
  /** Makes the call's input of a body. Absent: it is as it came. */
  readonly input?: ((body: Uint8Array) => Uint8Array) | undefined
  /** Makes the answer's body of an output in the codec that is wanted. Absent: it is as it came. */
  readonly output?: ((bytes: Uint8Array) => Uint8Array) | undefined
  readonly answer: 'value' | 'events' | 'lines'
  /** The content type of the answer. */
  readonly type: string
}

/** Makes plans in the default profile: values in the codecs of the stack, and bytes as they are for functions of bytes. */
export class DefaultPlanner {
  readonly #context: ProtocolContext
  readonly #types: MediaTypes

  constructor(context: ProtocolContext, types: MediaTypes) {
    this.#context = context
    this.#types = types
  }

  /** @throws Refusal 400, 406 or 415 */
  plan(route: Route, key: PlanKey): Plan {
    const came = this.#came(route, key)
    const kind = this.#kind(route, key, came)
    this.#check(route, kind, came)
    const wanted = this.#wanted(route, kind, key, came)
    const stored = this.#stored()
    const answerCodec = wanted.kind === 'bin' ? stored : wanted.codec
    const codec = came ? (came.kind === 'bin' ? stored : came.codec) : answerCodec
    if (!route.layout.fits(this.#codec(codec))) throw noType(`${route.name} cannot be called in ${codec}`)
    return {
      kind,
      codec,
      accepts: answerCodec === codec ? undefined : answerCodec,
      lines: came?.kind === 'lines',
      input: came?.kind === 'bin' ? fromBytes(route, this.#codec(codec)) : undefined,
      output: wanted.kind === 'bin' ? toBytes(route, this.#codec(answerCodec)) : undefined,
      answer: wanted.kind === 'events' || wanted.kind === 'lines' ? wanted.kind : 'value',
      type: wanted.type,
    }
  }

  #came({ name }: Route, { contentType, body }: PlanKey): Media | undefined {
    if (body === 'none' && contentType === undefined) return undefined
    if (body === 'query') {
      const json = this.#types.ofCodec('json')
      if (!json) throw noType('Arguments in the query are JSON, which is not spoken here')
      return json
    }
    if (contentType === undefined)
      throw noType(`The body of ${name} needs a Content-Type: try ${this.#types.hint}`)
    const came = this.#types.named(contentType)
    if (!came || came.kind === 'events')
      throw noType(`A body of this Content-Type is not taken: try ${this.#types.hint}`)
    return came
  }

  // A server that does not say what it has is asked for what the request looks like.
  #kind({ info }: Route, { accept, oneway }: PlanKey, came: Media | undefined): CallKind {
    if (info) return oneway && info.kind === 'unary' ? 'oneway' : info.kind
    const given = accept === undefined ? undefined : this.#types.named(accept)
    const streams = given?.kind === 'events' || given?.kind === 'lines'
    if (came?.kind === 'lines') return streams ? 'duplex' : 'client-stream'
    return streams ? 'server-stream' : oneway ? 'oneway' : 'unary'
  }

  #check(route: Route, kind: CallKind, came: Media | undefined): void {
    const { name, form, info } = route
    if (takesItems(kind) && came && came.kind !== 'lines')
      throw noType(`${name} takes a sequence of values: send application/x-ndjson`)
    if (!takesItems(kind) && came?.kind === 'lines') throw noType(`${name} takes one value, not a sequence`)
    if (came?.kind === 'bin' && form !== 'bytes')
      throw noType(`Bytes as they are cannot be converted to what ${name} takes`)
    if (came?.codec === 'json' && form === 'bytes' && info?.type.untyped)
      throw noType(`${name} takes bytes, which JSON cannot tell from text: send application/octet-stream`)
  }

  #wanted(route: Route, kind: CallKind, { accept }: PlanKey, came: Media | undefined): Media {
    const usable = this.#usable(route, kind, came)
    const wanted = this.#types.wanted(accept, usable)
    if (wanted) return wanted
    const types = [...new Set(usable.map(({ type }) => type))].join(', ')
    throw notAcceptable(
      types === ''
        ? `What ${route.name} answers with needs JSON, which is not spoken here`
        : `What ${route.name} answers with cannot be had as Accept says, but as ${types}`,
    )
  }

  #usable(route: Route, kind: CallKind, came: Media | undefined): Media[] {
    const all = [...this.#types.all()]
    if (givesItems(kind))
      return all.filter((media) => media.kind === 'lines').concat(all.filter(({ kind }) => kind === 'events'))
    if (came?.kind === 'bin') return [came]
    const first = came?.kind === 'codec' ? came : this.#types.preferred
    const values = [first, ...all].filter(
      ({ kind, codec }) => kind === 'codec' && route.layout.fits(this.#codec(codec)),
    )
    return [...values, this.#types.bin]
  }

  // What is kept of a value where its bytes are asked for.
  #stored(): string {
    return this.#types.ofCodec('msgpack') ? 'msgpack' : this.#types.preferred.codec
  }

  #codec(name: string): Codec {
    return codecOf(this.#context, name)
  }
}

/** A codec of the stack, or where the surroundings do not hand them out, one that is only a name. */
export function codecOf(context: ProtocolContext, name: string): Codec {
  return context.codec?.(name) ?? unknownCodec(name)
}

function unknownCodec(name: string): Codec {
  const refuse = (): never => {
    throw new RpcError('internal', `The codec ${name} is not at hand`, { executed: 'maybe' })
  }
  return { name, contentType: binary, encode: refuse, decode: refuse }
}

const binary = 'application/octet-stream'

/** The body is of a type that will not do. */
export function noType(message: string): Refusal {
  return new Refusal(415, new RpcError('unimplemented', message, { reason: 'no_codec', executed: 'no' }))
}

/** The answer cannot be had in a type that would do. */
export function notAcceptable(message: string): Refusal {
  return new Refusal(406, new RpcError('unimplemented', message, { reason: 'no_codec', executed: 'no' }))
}

import type { Call, Codec, ProtocolContext } from '@hawser/contract'
import { RpcError } from '@hawser/contract'
import { textOf, utf8 } from '@hawser/wire'
import type { HttpOptions } from '../options.js'

const nothing = new Uint8Array(0)

/** How the values of one call stand in HTTP bodies. */
export interface Layout {
  /** Of the request's body. */
  readonly type: string
  /** Of the answer's. */
  readonly accept: string
  /** The sub-protocol to pull with. */
  readonly subprotocol: string
  body(input: Uint8Array): Uint8Array
  value(body: Uint8Array): Uint8Array
}

const same = (bytes: Uint8Array) => bytes

/** Finds how calls are laid out. */
export class Layouts {
  readonly #context: ProtocolContext
  readonly #amrpc: boolean
  readonly #forms: Readonly<Record<string, 'text' | 'bytes'>>

  constructor(context: ProtocolContext, { profile, forms = {} }: HttpOptions) {
    this.#context = context
    this.#amrpc = profile === 'amrpc'
    this.#forms = forms
  }

  /** @throws RpcError `unimplemented` / `no_codec` */
  of({ method, codec: name }: Call): Layout {
    const form = Object.hasOwn(this.#forms, method) ? this.#forms[method] : undefined
    const type = this.typeOf(name)
    const subprotocol = this.#amrpc ? `ecv_amrpc_${name === 'json' ? 'json' : 'msgpack'}` : `hawser.${name}`
    if (!form) return { type, accept: type, subprotocol, body: same, value: same }
    const codec = this.codec(name)
    return form === 'text' ? textLayout(codec) : bytesLayout(codec)
  }

  /** @throws RpcError `unimplemented` / `no_codec` for one that is not at hand */
  codec(name: string): Codec {
    const codec = this.find(name)
    if (codec) return codec
    throw new RpcError('unimplemented', `The codec ${name} is not at hand`, {
      reason: 'no_codec',
      executed: 'no',
    })
  }

  find(name: string): Codec | undefined {
    return this.#context.codec?.(name)
  }

  /** The media type of a codec's values. */
  typeOf(name: string): string {
    if (name === 'msgpack') return 'application/x-msgpack'
    return this.#context.codec?.(name)?.contentType ?? `application/${name}`
  }
}

function textLayout(codec: Codec): Layout {
  return {
    type: 'text/plain',
    accept: 'text/plain',
    subprotocol: 'ecv_amrpc_text',
    body: (input) => {
      const value = onlyValue(codec, input)
      if (typeof value === 'string') return utf8(value)
      throw wrongForm('text')
    },
    value: (body) => {
      const text = textOf(body)
      if (text === undefined)
        throw new RpcError('internal', 'The text of the answer is not UTF-8', {
          reason: 'bad_payload',
          executed: 'yes',
        })
      return codec.encode(text)
    },
  }
}

function bytesLayout(codec: Codec): Layout {
  const type = 'application/octet-stream'
  return {
    type,
    accept: type,
    subprotocol: 'ecv_amrpc_bin',
    body: (input) => {
      const value = onlyValue(codec, input)
      if (value instanceof Uint8Array) return value
      throw wrongForm('bytes')
    },
    value: (body) => codec.encode(body),
  }
}

function onlyValue(codec: Codec, input: Uint8Array): unknown {
  if (input.length === 0) return nothing
  const value = codec.decode(input)
  return Array.isArray(value) && value.length === 1 ? value[0] : value
}

function wrongForm(form: string): RpcError {
  return new RpcError('invalid_argument', `The method takes one argument, which is ${form}`, {
    reason: 'bad_arguments',
    executed: 'no',
  })
}

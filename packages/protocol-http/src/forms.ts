import { type Codec, RpcError } from '@hawser/contract'
import { textOf, utf8 } from '@hawser/wire'
import type { Route } from './route.js'

/** Makes input of one value: the only argument, or the request. */
function inputOf(route: Route, codec: Codec, value: unknown): Uint8Array {
  return route.layout.of(codec).input.encode(route.info?.style === 'arguments' ? [value] : value)
}

/** Bytes as they are, as the input of a function of bytes. */
export function fromBytes(route: Route, codec: Codec): (body: Uint8Array) => Uint8Array {
  return (body) => inputOf(route, codec, body)
}

/** Text as it is, as the input of a function of text. */
export function fromText(route: Route, codec: Codec): (body: Uint8Array) => Uint8Array {
  return (body) => {
    const text = textOf(body)
    if (text === undefined)
      throw new RpcError('invalid_argument', 'The text is not UTF-8', {
        reason: 'bad_payload',
        executed: 'no',
      })
    return inputOf(route, codec, text)
  }
}

/**
 * The bytes of a value: those a function of text or of bytes answers with as they are, of all else as the codec has laid them
 * out.
 */
export function toBytes(route: Route, codec: Codec): ((output: Uint8Array) => Uint8Array) | undefined {
  const { form } = route
  if (form === 'values') return undefined
  return (output) => {
    const value = route.layout.of(codec).output.decode(output)
    if (typeof value === 'string') return utf8(value)
    if (value instanceof Uint8Array) return value
    if (value === undefined) return nothing
    throw new RpcError('internal', `The result is no ${form}`, { reason: 'bad_payload', executed: 'yes' })
  }
}

/** Values of one codec as those of another, whatever they are. */
export function converted(from: Codec, to: Codec): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => to.encode(from.decode(bytes))
}

const nothing = new Uint8Array(0)

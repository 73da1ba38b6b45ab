import type { Codec, MethodInfo, ProtocolContext } from '@hawser/contract'
import { joined, MethodLayout, utf8 } from '@hawser/wire'
import type { PullKind } from './subprotocol.js'

/** How the items of a stream become messages of a WebSocket. */
export interface Form {
  /** The codec to call in. */
  readonly codec: string
  /** The media type of the messages. */
  readonly accept: string
  /** Are they text, to the WebSocket? */
  readonly text: boolean
  /** Have they a place that says that some are missing? */
  readonly announces: boolean
  /**
   * @param item in the codec
   * @param missed messages that should have come between the one before and this
   */
  payload(item: Uint8Array, number: number, missed: number): Uint8Array
}

type Surroundings = Pick<ProtocolContext, 'codecs' | 'codec'>
type Described = Pick<MethodInfo, 'type' | 'form'>

const plain = (item: Uint8Array) => item
const jsonNull = utf8('null')
const msgpackNil = Uint8Array.of(0xc0)
const mapOfThree = Uint8Array.of(0x83)
const accepts = {
  msgpack: 'application/x-msgpack',
  json: 'application/json',
  text: 'text/plain',
  bin: 'application/octet-stream',
}

/** The form of a method's items that a subscriber asked for; undefined where they cannot be converted to it. */
export function formOf(method: Described, kind: PullKind, around: Surroundings): Form | undefined {
  const layout = new MethodLayout(method.type)
  const codecOf = (name: string): Codec | undefined => {
    const codec = around.codecs.includes(name) ? around.codec?.(name) : undefined
    return codec && layout.fits(codec) ? codec : undefined
  }
  if (kind === 'hawser.json' || kind === 'hawser.msgpack') {
    const codec = codecOf(kind === 'hawser.json' ? 'json' : 'msgpack')
    return codec && announcing(codec)
  }
  const shared = { accept: accepts[kind], text: kind === 'json' || kind === 'text', announces: false }
  const all = around.codecs.map(codecOf).filter((codec) => codec !== undefined)
  if (method.form === 'values' || kind === 'msgpack') {
    const codec =
      kind === 'bin' ? (codecOf('msgpack') ?? all[0]) : codecOf(kind === 'msgpack' ? 'msgpack' : 'json')
    if (method.form === 'bytes' || !codec) return undefined
    return { ...shared, codec: codec.name, payload: plain }
  }
  const codec = codecOf('msgpack') ?? codecOf('json') ?? all[0]
  if (!codec || (method.form === 'bytes' && kind !== 'bin')) return undefined
  const { output } = layout.of(codec)
  const payload =
    method.form === 'text'
      ? (item: Uint8Array) => utf8(output.decode(item) as string)
      : (item: Uint8Array) => output.decode(item) as Uint8Array
  return { ...shared, codec: codec.name, payload }
}

// {"number","missed","value"}: put around the bytes of the value, which need not be read for that.
function announcing(codec: Codec): Form {
  const json = codec.name === 'json'
  const shared = {
    codec: codec.name,
    accept: accepts[json ? 'json' : 'msgpack'],
    text: json,
    announces: true,
  }
  if (json)
    return {
      ...shared,
      payload: (item, number, missed) =>
        joined([utf8(`{"number":${number},"missed":${missed},"value":`), present(item, jsonNull), utf8('}')]),
    }
  const [number, missed, value] = ['number', 'missed', 'value'].map((key) => codec.encode(key))
  return {
    ...shared,
    payload: (item, at, gap) =>
      joined([
        mapOfThree,
        number!,
        codec.encode(at),
        missed!,
        codec.encode(gap),
        value!,
        present(item, msgpackNil),
      ]),
  }
}

// Nothing at all, which a call may be answered with, has no place within a value.
function present(item: Uint8Array, instead: Uint8Array): Uint8Array {
  return item.length > 0 ? item : instead
}

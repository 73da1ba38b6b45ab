import { utf8 } from '@hawser/wire'
import { badFrame } from './errors.js'

/** A message of the sub-protocols `hawser.json` and `hawser.msgpack`. */
export interface Announced {
  readonly number: number
  /** So many before it were dropped. */
  readonly missed: number
  /** In its codec. */
  readonly value: Uint8Array
}

/**
 * Takes a message apart without reading its value.
 * @throws RpcError `internal` / `bad_frame`
 */
export function announced(bytes: Uint8Array, codec: string): Announced {
  return codec === 'json' ? fromJson(bytes) : fromMsgpack(bytes)
}

const jsonHead = /^\{"number":(\d{1,15}),"missed":(\d{1,15}),"value":/
// Whatever the numbers, it ends before this.
const mostHead = 64

function fromJson(bytes: Uint8Array): Announced {
  // The value may begin with what is no ASCII, and be cut in the middle of it.
  const head = String.fromCharCode(...bytes.subarray(0, mostHead))
  const match = jsonHead.exec(head)
  if (!match || bytes.at(-1) !== 0x7d) throw notAnnounced()
  return {
    number: Number(match[1]),
    missed: Number(match[2]),
    value: bytes.subarray(match[0].length, -1),
  }
}

const mapOfThree = 0x83
const keys = ['number', 'missed', 'value'].map((key) => Uint8Array.of(0xa0 | key.length, ...utf8(key)))

function fromMsgpack(bytes: Uint8Array): Announced {
  if (bytes[0] !== mapOfThree) throw notAnnounced()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = skip(bytes, 1, keys[0]!)
  const [number, afterNumber] = natural(view, at)
  at = skip(bytes, afterNumber, keys[1]!)
  const [missed, afterMissed] = natural(view, at)
  at = skip(bytes, afterMissed, keys[2]!)
  return { number, missed, value: bytes.subarray(at) }
}

function skip(bytes: Uint8Array, at: number, key: Uint8Array): number {
  for (let index = 0; index < key.length; index++) if (bytes[at + index] !== key[index]) throw notAnnounced()
  return at + key.length
}

function natural(view: DataView, at: number): readonly [number, number] {
  try {
    const first = view.getUint8(at)
    if (first < 0x80) return [first, at + 1]
    if (first === 0xcc) return [view.getUint8(at + 1), at + 2]
    if (first === 0xcd) return [view.getUint16(at + 1), at + 3]
    if (first === 0xce) return [view.getUint32(at + 1), at + 5]
    const number =
      first === 0xcf ? Number(view.getBigUint64(at + 1)) : first === 0xcb ? view.getFloat64(at + 1) : -1
    if (Number.isSafeInteger(number) && number >= 0) return [number, at + 9]
  } catch {
    // It ends in the middle.
  }
  throw notAnnounced()
}

function notAnnounced(): Error {
  return badFrame('A message of the stream has no number')
}

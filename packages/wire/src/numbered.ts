import { type Codec, RpcError } from '@hawser/contract'

/** The header by which a subscriber asks for {@link numberedCodec numbered} items. */
export const numberedHeader = 'hawser-numbered'

/** Bytes of a number in front of an item: 64 bits, big endian. */
export const numberBytes = 8

/** A message of a topic with its place among all of them, from 1 on. What is missing between two was dropped. */
export interface Numbered<T = unknown> {
  readonly number: number
  readonly value: T
}

const high = 2 ** 32

/** Writes the number of an item into the {@link numberBytes} in front of it. */
export function writeNumber(bytes: Uint8Array, number: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, numberBytes)
  view.setUint32(0, Math.floor(number / high))
  view.setUint32(4, number % high)
}

/**
 * The number in front of an item.
 * @throws RpcError `invalid_argument` / `bad_payload`
 */
export function readNumber(bytes: Uint8Array): number {
  if (bytes.length < numberBytes) throw notNumbered()
  const view = new DataView(bytes.buffer, bytes.byteOffset, numberBytes)
  const number = view.getUint32(0) * high + view.getUint32(4)
  if (!Number.isSafeInteger(number)) throw notNumbered()
  return number
}

/** Values with a number in front. */
export function numberedCodec(inner: Codec): Codec<Numbered> {
  return {
    name: inner.name,
    contentType: inner.contentType,
    encode({ number, value }, headroom = 0) {
      const bytes = inner.encode(value, headroom + numberBytes)
      writeNumber(bytes.subarray(headroom), number)
      return bytes
    },
    decode(bytes) {
      return { number: readNumber(bytes), value: inner.decode(bytes.subarray(numberBytes)) }
    },
  }
}

function notNumbered(): RpcError {
  return new RpcError('invalid_argument', 'The item has no number', { reason: 'bad_payload' })
}

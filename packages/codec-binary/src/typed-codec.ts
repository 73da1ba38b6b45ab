import { Refusal, refuse } from '@hawser/codec-base'
import { type Codec, type Limits, RpcError } from '@hawser/contract'
import { KnownTexts } from './known-texts.js'
import { heldTooMuch } from './put.js'
import { Reader } from './reader.js'
import type { LayoutName } from './wire.js'
import { type BackEnd, Slab, Tapes, Writer, writeMessage } from './writer.js'

/** How a layout presents itself. */
export const contentTypes: Readonly<Record<LayoutName, string>> = {
  binary: 'application/vnd.apache.thrift.binary',
  compact: 'application/vnd.apache.thrift.compact',
}

/** What the codecs of several types have together. */
export class Stores {
  readonly slab: Slab = new Slab()
  readonly tapes: Tapes = new Tapes()
  readonly texts: KnownTexts = new KnownTexts()
}

/** The codec of one type, on any of the back ends. */
export function typedCodec<T, W>(
  layout: LayoutName,
  back: BackEnd,
  { depth, nodes }: Pick<Limits, 'depth' | 'nodes'>,
  { slab, tapes, texts }: Stores,
): Codec<T, W> {
  const levels = Math.floor(depth)
  return {
    name: layout,
    contentType: contentTypes[layout],
    encode(value: W, headroom = 0): Uint8Array {
      checkHeadroom(headroom)
      const tape = tapes.take()
      const writer = new Writer(levels, nodes - 1, tape)
      try {
        if (value === undefined) throw new Refusal('is missing')
        if (writer.nodes < 0) heldTooMuch()
        return writeMessage(slab, back, writer, value, headroom)
      } catch (thrown) {
        throw Refusal.error(thrown)
      } finally {
        tapes.give(tape, writer.top)
      }
    },
    decode(bytes: Uint8Array): T {
      if (nodes < 1) refuse('The message holds more values than are allowed', 'too_deep')
      const reader = new Reader(bytes, levels, nodes - 1, texts)
      let value: unknown
      try {
        value = back.read(reader)
      } catch (thrown) {
        if (RpcError.is(thrown)) throw thrown
        // Its message might quote the payload, so it is not passed on.
        refuse('The value cannot be built here')
      } finally {
        reader.release()
      }
      if (reader.at !== bytes.length) refuse(`${bytes.length - reader.at} bytes follow the value`)
      return value as T
    },
  }
}

/** @throws TypeError for what is no number of bytes */
export function checkHeadroom(headroom: number): void {
  if (!(Number.isSafeInteger(headroom) && headroom >= 0))
    throw new TypeError('headroom must be a whole number from 0 up')
}

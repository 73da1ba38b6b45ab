import { checkHeadroom, Refusal, refuse, valueCodec } from '@hawser/codec-base'
import { type Codec, type Limits, limitsWith, RpcError, type SchemaCodec, type Type } from '@hawser/contract'
import { Compiler } from './compiler.js'
import { Decoder, unwrapped } from './decoder.js'
import { Encoder } from './encoder.js'
import type { MessageLayout } from './layout.js'
import { Planner } from './planner.js'
import { Reader } from './reader.js'
import { ValueReader } from './value-reader.js'
import { ValueWriter } from './value-writer.js'

/** How {@link protobuf} can be told to be. */
export interface ProtobufOptions {
  readonly limits?: Partial<Limits> | undefined
  /**
   * Are functions generated for types that are much used? It makes them about twice as fast, and is done where the page or the
   * process allows it. Default: true.
   */
  readonly compile?: boolean | undefined
}

const name = 'protobuf'
const contentType = 'application/protobuf'

/**
 * Values as protobuf: those of a type by its layout, others as google.protobuf.Value. Byte fields of a decoded value are
 * views of the message.
 */
export function protobuf(options: ProtobufOptions = {}): SchemaCodec {
  const limits = limitsWith(options.limits)
  const planner = new Planner()
  const compiler = options.compile === false ? undefined : Compiler.where()
  const values = new ValueReader(new Reader(limits))
  const idle: {
    encoder?: Encoder | undefined
    decoder?: Decoder | undefined
    writer?: ValueWriter | undefined
  } = {}
  const known = new WeakMap<Type, Codec<never, never>>()

  const plain = valueCodec({
    name,
    contentType,
    mistake: 'No google.protobuf.Value',
    encode(value, headroom) {
      // A getter of the value may encode in turn.
      const writer = idle.writer ?? new ValueWriter(limits)
      idle.writer = undefined
      try {
        return writer.encode(value, headroom)
      } finally {
        idle.writer = writer
      }
    },
    decode: (bytes) => values.decode(bytes),
  })

  function made<T, W>(layout: MessageLayout): Codec<T, W> {
    return {
      name,
      contentType,
      encode(value, headroom = 0) {
        checkHeadroom(headroom)
        const encoder = idle.encoder ?? new Encoder(limits, compiler)
        idle.encoder = undefined
        try {
          return encoder.encode(layout, value, headroom)
        } catch (thrown) {
          throw Refusal.error(thrown)
        } finally {
          idle.encoder = encoder
        }
      },
      decode(bytes) {
        // What makes a default may decode in turn.
        const decoder = idle.decoder ?? new Decoder(new Reader(limits), compiler)
        idle.decoder = undefined
        try {
          const object = decoder.decode(layout, bytes)
          return (layout.kind === 'helper' ? unwrapped(layout, object) : object) as T
        } catch (thrown) {
          if (thrown instanceof Refusal) throw thrown.received()
          if (RpcError.is(thrown)) throw thrown
          // Its message might quote the payload, so it is not passed on.
          return refuse('The bytes are no such message')
        } finally {
          idle.decoder = decoder
        }
      },
    }
  }

  return {
    ...plain,
    typed<T, W>(type: Type<T, W>): Codec<T, W> {
      const found = known.get(type)
      if (found) return found as unknown as Codec<T, W>
      const codec = made<T, W>(planner.root(type))
      known.set(type, codec as unknown as Codec<never, never>)
      return codec
    },
  }
}

import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'
import type { Layout } from './layout.js'
import type { Order } from './order.js'

/**
 * The code that protobufjs makes of order.proto: what its static modules hold, made at run time. 64-bit numbers are its Longs,
 * without which it would round them.
 */
export function protobufjs(orders: readonly Order[]): Layout {
  // The source stands in src/, this runs in dist/.
  const file = fileURLToPath(new URL('../../../src/subjects/codecs/order.proto', import.meta.url))
  const type = protobuf.loadSync(file).lookupType('bench.Order')
  // Its types leave out what its Long can do.
  const { Long } = protobuf.util as unknown as { readonly Long: { fromString(text: string): object } }
  const long = (value: bigint) => Long.fromString(String(value))
  const messages = orders.map((order) =>
    type.create({
      ...order,
      id: long(order.id),
      createdAt: long(order.createdAt),
      updatedAt: long(order.updatedAt),
    }),
  )
  return {
    encode: (index) => type.encode(messages[index]!).finish(),
    decode: (bytes) => type.decode(bytes),
  }
}

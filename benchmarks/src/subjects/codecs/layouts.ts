import { binary, compact } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { protobuf } from '@hawser/codec-protobuf'
import type { SchemaCodec } from '@hawser/contract'
import { Packr, pack, unpack } from 'msgpackr'
import type { Layout } from './layout.js'
import { Order, order } from './order.js'
import { protobufjs } from './protobufjs.js'
import { thrift } from './thrift.js'

function typed(codec: SchemaCodec): Layout {
  const each = codec.typed(Order)
  return { encode: () => each.encode(order), decode: (bytes) => each.decode(bytes) }
}

function records(): Layout {
  const packr = new Packr({ structures: [] })
  return { encode: () => packr.pack(order), decode: (bytes) => packr.unpack(bytes) }
}

/** Every way to lay the order out, by its variant. */
export const layouts: Readonly<Record<string, () => Layout | Promise<Layout>>> = {
  binary: () => typed(binary()),
  'binary-interpreted': () => typed(binary({ backEnd: 'interpreted' })),
  compact: () => typed(compact()),
  protobuf: () => typed(protobuf()),
  protobufjs,
  'typed-json': () => typed(json()),
  'typed-msgpack': () => typed(msgpack()),
  msgpackr: () => ({ encode: () => pack(order), decode: (bytes) => unpack(bytes) }),
  'msgpackr-records': records,
  thrift,
}

import { binary, compact } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { protobuf } from '@hawser/codec-protobuf'
import type { SchemaCodec } from '@hawser/contract'
import { Packr, pack, unpack } from 'msgpackr'
import type { Lay } from './layout.js'
import { Order } from './order.js'
import { protobufjs } from './protobufjs.js'
import { thrift } from './thrift.js'

function typed(codec: SchemaCodec): Lay {
  const each = codec.typed(Order)
  return (orders) => ({
    encode: (index) => each.encode(orders[index]!),
    decode: (bytes) => each.decode(bytes),
  })
}

const records: Lay = (orders) => {
  const packr = new Packr({ structures: [] })
  return { encode: (index) => packr.pack(orders[index]), decode: (bytes) => packr.unpack(bytes) }
}

const msgpackr: Lay = (orders) => ({
  encode: (index) => pack(orders[index]),
  decode: (bytes) => unpack(bytes),
})

/** Every way to lay orders out, by its variant. */
export const layouts: Readonly<Record<string, () => Lay>> = {
  binary: () => typed(binary()),
  'binary-interpreted': () => typed(binary({ backEnd: 'interpreted' })),
  compact: () => typed(compact()),
  protobuf: () => typed(protobuf()),
  'typed-json': () => typed(json()),
  'typed-msgpack': () => typed(msgpack()),
  msgpackr: () => msgpackr,
  'msgpackr-records': () => records,
  thrift: () => thrift,
  protobufjs: () => protobufjs,
}

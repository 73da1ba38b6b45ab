import { limitsOf, type SchemaCodec, valueAmounts } from '@hawser/contract'
import type { MsgpackOptions } from '../msgpack.js'
import { typedCodecs } from '../typed.js'
import { msgpack as untyped } from '../untyped.js'

/**
 * Values as MessagePack, the same bytes as elsewhere, by code that is a third as large: for pages, where what is loaded
 * counts more than speed.
 * @throws TypeError for limits that are none
 */
export function msgpack(options: MsgpackOptions = {}): SchemaCodec {
  const { depth, nodes } = limitsOf(valueAmounts, options.limits)
  const plain = untyped(options)
  const { name, contentType } = plain
  const typed = typedCodecs({ name, contentType, depth, nodes, keys: options.keys ?? 'ids' })
  return { ...plain, typed }
}

import { limitsOf, type SchemaCodec, valueAmounts } from '@hawser/contract'
import type { MsgpackOptions } from '../msgpack.js'
import { typedCodecs } from '../typed.js'
import { msgpack as untyped } from '../untyped.js'
import { pageTexts } from './text.js'

/**
 * Values as MessagePack, the same bytes as elsewhere, by code that is a third as large: for pages, where what is loaded
 * counts more than speed.
 * @throws TypeError for limits that are none
 */
export function msgpack(options: MsgpackOptions = {}): SchemaCodec {
  const plain = untyped(options)
  const typed = typedCodecs({
    ...plain,
    ...limitsOf(valueAmounts, options.limits),
    texts: pageTexts,
    keys: options.keys ?? 'ids',
  })
  return { ...plain, typed }
}

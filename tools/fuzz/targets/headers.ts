import { defaultLimits, type Headers } from '@hawser/contract'
import { decodeHeaders, encodeHeaders } from '@hawser/wire'
import { fromHex, join, sameBytes, utf8 } from '../bytes.js'
import { claim, type Outcome, type Target } from '../target.js'
import { refused } from './refusal.js'

const keys = ['a', 'traceparent', 'baggage', 'x-1', 'authorization', '__proto__', 'a.b_c-d', 'k'.repeat(64)]

/** The block of headers of a request or a reply. */
export const headersTarget: Target = {
  name: 'headers',
  seeds: [
    new Uint8Array(0),
    block([['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']]),
    block(keys.map((key, index) => [key, 'v'.repeat(index * 50)])),
    // More than there may be.
    join(...Array.from({ length: 200 }, (_, index) => block([[`k${index}`, '']]))),
  ],
  tokens: [
    ...[
      '0000',
      '0001',
      '00016100016',
      'ffff',
      '00010d',
      '00010a',
      '000100',
      '0001ff',
      '0002c328',
      '000161',
    ].map((hex) => fromHex(hex.length % 2 === 0 ? hex : `${hex}1`)),
    ...keys.map(utf8),
  ],
  allowance: 2 ** 20,
  generate: (random) =>
    block(
      keys
        .filter(() => random.chance(0.4))
        .map((key) => [key, random.pick(['', 'v', 'é🪢', 'x'.repeat(random.small(500))])]),
    ),
  run(input): Outcome {
    let headers: Headers
    try {
      headers = decodeHeaders(input, defaultLimits)
    } catch (error) {
      return refused(error, 'invalid_argument', ['bad_header'])
    }
    claim(sameBytes(encodeHeaders(headers, defaultLimits), input), 'Other bytes came of encoding them again')
    return { result: 'value', labels: [headers.size === 0 ? 'no headers' : 'headers'] }
  },
}

function block(pairs: readonly (readonly [string, string])[]): Uint8Array {
  return encodeHeaders(new Map(pairs), defaultLimits)
}

import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { binary, compact, dump, type LayoutName } from '@hawser/codec-binary'
import type { RpcError } from '@hawser/contract'
import { fromHex } from '../bytes.js'
import { claim, type Outcome, type Target } from '../target.js'
import { refused } from './refusal.js'
import { someMessage, types } from './typed-values.js'

const tokens: Readonly<Record<LayoutName, readonly string[]>> = {
  binary: [
    ...[
      '00',
      '020001',
      '030003',
      '040007',
      '060004',
      '080005',
      '0a0006',
      '0b0008',
      '0c0014',
      '0d0021',
      '0e001f',
      '0f000d',
    ],
    ...[
      '10001300112233445566778899aabbccddeeff',
      '08ffff',
      '0c0000',
      '7f0001',
      '0f000d0800000002',
      '0d00210b0800000001',
    ],
    ...['00000000', '00000001', '7fffffff', 'ffffffff', '80000000', '0c00000000', '0f000f0c0000ffff'],
  ],
  compact: [
    ...[
      '00',
      '11',
      '12',
      '13',
      '14',
      '15',
      '16',
      '17',
      '18',
      '19',
      '1a',
      '1b',
      '1c',
      '1d',
      '1e',
      'f1',
      '05',
      '0c28',
    ],
    ...[
      '8000',
      'ffffffff0f',
      'ffffffff1f',
      'ffffffffffffffffff01',
      'ffffffffffffffffffff01',
      'fc8001',
      '19',
      '9c',
      '1b5818',
    ],
  ],
}

/** Bodies in one of Thrift's layouts: a byte that says of which type they are, and the rest. */
function thriftTarget(layout: LayoutName): Target {
  const make = layout === 'binary' ? binary : compact
  const compiled = types.map((type) => make({ backEnd: 'compiled' }).typed(type))
  const interpreted = types.map((type) => make({ backEnd: 'interpreted' }).typed(type))
  return {
    name: layout,
    seeds: vectors(layout).map((bytes) => Uint8Array.from([0, ...bytes])),
    tokens: tokens[layout].map(fromHex),
    allowance: 2 ** 20,
    generate: (random) => someMessage(compiled, random),
    run(input): Outcome {
      const which = (input[0] ?? 0) % types.length
      const body = input.subarray(1)
      const found = outcomeOf(() => compiled[which]!.decode(body))
      const other = outcomeOf(() => interpreted[which]!.decode(body))
      claim(found.error?.message === other.error?.message, 'The back ends refuse for different reasons')
      // What is skipped is held to less than what is described, so this may be refused; but not be anything else.
      const described = outcomeOf(() => dump(body, layout))
      if (described.error) refused(described.error, 'invalid_argument', ['bad_payload', 'too_deep'])
      if (found.error) return refused(found.error, 'invalid_argument', ['bad_payload', 'too_deep'])
      const again = compiled[which]!.encode(found.value)
      const same = interpreted[which]!.encode(other.value)
      claim(isDeepStrictEqual(again, same), 'The back ends read different values')
      const third = compiled[which]!.encode(compiled[which]!.decode(again))
      claim(isDeepStrictEqual(third, again), 'Another value came back after encoding it again')
      return { result: 'value', labels: [`a value of type ${which}`] }
    },
  }
}

function outcomeOf(run: () => unknown): { value?: unknown; error?: RpcError } {
  try {
    return { value: run() }
  } catch (error) {
    return { error: error as RpcError }
  }
}

function vectors(layout: LayoutName): Uint8Array[] {
  const file = new URL('../../../docs/vectors/codec-binary.json', import.meta.url)
  const { good } = JSON.parse(readFileSync(file, 'utf8')) as { good: readonly Record<LayoutName, string>[] }
  return good.map((vector) => fromHex(vector[layout]))
}

/** Bodies in Thrift's binary layout. */
export const binaryTarget: Target = thriftTarget('binary')

/** Bodies in Thrift's compact layout. */
export const compactTarget: Target = thriftTarget('compact')

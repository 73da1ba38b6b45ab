import {
  type Code,
  codes,
  defaultLimits,
  type Executed,
  type Reason,
  RpcError,
  reasons,
} from '@hawser/contract'
import { decodeError, encodeError } from '../../../packages/wire/src/error-frame.js'
import { fromHex, sameBytes } from '../bytes.js'
import { claim, type Outcome, type Target } from '../target.js'

const executions: readonly Executed[] = ['no', 'maybe', 'yes']

/** The body of an error frame. */
export const errorsTarget: Target = {
  name: 'errors',
  seeds: [
    body('not_found', 'There is no such thing', { reason: 'no_method', executed: 'no' }),
    body('internal', '', { executed: 'yes', details: Uint8Array.of(1, 2, 3) }),
    body('resource_exhausted', 'Later', { executed: 'no', retryAfterMs: 1_500 }),
    body('unavailable', '', { executed: 'yes', retryAfterMs: 0, details: Uint8Array.of(1, 2, 3) }),
    body('aborted', 'Never', { retryAfterMs: Infinity }),
  ],
  tokens: [
    '00',
    '01',
    '03',
    '07',
    '0b',
    '0f',
    '17',
    '37',
    'ff',
    '0000',
    'ffff',
    'fffffffe',
    'ffffffff',
    'c328',
    'f09faaa2',
  ].map(fromHex),
  allowance: 2 ** 20,
  generate: (random) =>
    body(
      random.pick(Object.keys(codes) as Code[]),
      random.pick(['', 'Why', 'é🪢'.repeat(random.small(100))]),
      {
        reason: random.pick(Object.keys(reasons) as Reason[]),
        executed: random.pick(executions),
        retryable: random.chance(0.5),
        retryAfterMs: random.pick([undefined, random.small(100_000), 365 * 86_400_000, Infinity]),
        details: random.chance(0.5) ? random.bytes(random.small(200)) : undefined,
      },
    ),
  run(input): Outcome {
    const error = decodeError(input)
    if (!error) return { result: 'refused', labels: ['malformed'] }
    claim(RpcError.is(error) && error.code in codes, `The code ${error.code}`)
    const { details, retryAfterMs } = error
    claim(
      retryAfterMs === undefined ||
        retryAfterMs === Infinity ||
        (retryAfterMs >= 0 && retryAfterMs < 2 ** 32),
      `A wait of ${retryAfterMs} ms`,
    )
    claim(
      details === undefined || (details instanceof Uint8Array && details.length <= input.length),
      'The details',
    )
    const again = decodeError(encodeError(error, defaultLimits))
    claim(again !== undefined, 'It cannot be read after encoding it again')
    for (const fact of ['code', 'reason', 'executed', 'retryable', 'retryAfterMs'] as const)
      claim(again[fact] === error[fact], `Another ${fact} came back: ${again[fact]}, not ${error[fact]}`)
    claim(error.message.startsWith(again.message), 'Another message came back')
    claim(sameBytes(bytesOf(again.details), bytesOf(details)), 'Other details came back')
    const known = error.code === 'unknown' ? 'of an unknown code' : 'of a code'
    const more = `${retryAfterMs === undefined ? '' : ', with a wait'}${details === undefined ? '' : ', with details'}`
    return { result: 'value', labels: [`an error ${known}${more}`] }
  },
}

function body(code: Code, message: string, options: ConstructorParameters<typeof RpcError>[2]): Uint8Array {
  return encodeError(new RpcError(code, message, options), defaultLimits)
}

function bytesOf(details: unknown): Uint8Array {
  return details instanceof Uint8Array ? details : new Uint8Array(0)
}

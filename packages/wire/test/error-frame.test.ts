import { codes, limitsWith, RpcError, reasons } from '@hawser/contract'
import fc from 'fast-check'
import t from 'tap'
import { decodeError, encodeError } from '../src/error-frame.js'
import { hexBytes, hexOf } from './support/frame.js'

const limits = limitsWith()

t.test('code, reason, executed, retryable, message and details go there and back', async (t) => {
  const error = fc.record({
    code: fc.constantFrom(...(Object.keys(codes) as (keyof typeof codes)[])),
    reason: fc.constantFrom(undefined, ...(Object.keys(reasons) as (keyof typeof reasons)[])),
    executed: fc.constantFrom('no' as const, 'maybe' as const, 'yes' as const),
    retryable: fc.boolean(),
    message: fc.string({ unit: 'grapheme', maxLength: 50 }),
    details: fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined }),
  })
  fc.assert(
    fc.property(error, ({ code, message, ...options }) => {
      const back = decodeError(encodeError(new RpcError(code, message, options), limits))
      t.equal(back?.message, message)
      const { reason, executed, retryable, details } = back!
      const found = { reason, executed, retryable, details: details && hexOf(details as Uint8Array) }
      const wanted = { ...options, details: options.details && hexOf(options.details) }
      if (back!.code !== code || JSON.stringify(found) !== JSON.stringify({ ...found, ...wanted }))
        throw new Error(`${JSON.stringify(found)} for ${JSON.stringify(wanted)}`)
    }),
  )
})

t.test('a message is cut between characters at the limit, details are not', async (t) => {
  const back = (message: string) => decodeError(encodeError(new RpcError('internal', message), limits))
  for (const size of [1_023, 1_024, 1_025])
    t.equal(back('m'.repeat(size))!.message.length, Math.min(size, 1_024))
  t.equal(back('é'.repeat(512))!.message, 'é'.repeat(512))
  t.equal(back(`a${'é'.repeat(512)}`)!.message, `a${'é'.repeat(511)}`)
  t.equal(back(`ab${'😀'.repeat(300)}`)!.message, `ab${'😀'.repeat(255)}`)
  const details = new Uint8Array(5_000)
  t.same(decodeError(encodeError(new RpcError('internal', '', { details }), limits))!.details, details)
})

t.test('details that are no bytes and stacks do not travel', async (t) => {
  const body = encodeError(
    new RpcError('internal', 'm', { details: { a: 1 }, cause: new Error('x') }),
    limits,
  )
  t.equal(hexOf(body), '0d000100016d')
})

t.test('an unknown code is `unknown`, an unknown reason none, unknown bits nothing', async (t) => {
  t.match(decodeError(hexBytes('63fa010000')), { code: 'unknown', reason: undefined, executed: 'maybe' })
  t.match(decodeError(hexBytes('0000f00000')), { code: 'unknown', executed: 'no', retryable: false })
})

t.test('a malformed body is none', async (t) => {
  for (const hex of ['', '0d0001', '0d000100', '0d00030000', '0d00010002ff', '0d00010001ff'])
    t.equal(decodeError(hexBytes(hex)), undefined, hex)
})

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
    retryAfterMs: fc.option(fc.oneof(fc.nat({ max: 0xfffffffe }), fc.constant(Infinity)), {
      nil: undefined,
    }),
    message: fc.string({ unit: 'grapheme', maxLength: 50 }),
    details: fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined }),
  })
  fc.assert(
    fc.property(error, ({ code, message, ...options }) => {
      const back = decodeError(encodeError(new RpcError(code, message, options), limits))
      t.equal(back?.message, message)
      const { reason, executed, retryable, retryAfterMs, details } = back!
      const found = { reason, executed, retryable, details: details && hexOf(details as Uint8Array) }
      const wanted = {
        ...options,
        retryable: options.retryable && options.retryAfterMs !== Infinity,
        details: options.details && hexOf(options.details),
        retryAfterMs: undefined,
      }
      t.equal(retryAfterMs, options.retryAfterMs)
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
  t.match(decodeError(hexBytes('0000e00000')), { code: 'unknown', executed: 'no', retryable: false })
})

t.test('a malformed body is none', async (t) => {
  for (const hex of ['', '0d0001', '0d000100', '0d00030000', '0d00010002ff', '0d00010001ff'])
    t.equal(decodeError(hexBytes(hex)), undefined, hex)
})

t.test(
  'a wait is whole milliseconds, at most as many as there is room for, and never is never',
  async (t) => {
    const sent = (retryAfterMs: number) =>
      decodeError(encodeError(new RpcError('aborted', 'm', { retryAfterMs }), limits))!
    for (const [wait, found] of [
      [0, 0],
      [0.1, 1],
      [99.5, 100],
      [365.25 * 86_400_000, 0xfffffffe],
      [0xfffffffe, 0xfffffffe],
      [0xffffffff, 0xfffffffe],
      [Number.MAX_VALUE, 0xfffffffe],
    ] as const)
      t.match(sent(wait), { retryAfterMs: found, retryable: true }, `${wait}`)
    for (const never of [-1, Infinity]) t.match(sent(never), { retryAfterMs: Infinity, retryable: false })
    t.equal(sent(Number.NaN).retryAfterMs, undefined)
  },
)

t.test('who does not know of waits overlooks them, and the details behind them', async (t) => {
  const details = Uint8Array.of(1, 2, 3)
  for (const options of [{ retryAfterMs: 500 }, { retryAfterMs: 500, details }]) {
    const body = encodeError(new RpcError('unavailable', 'later', { executed: 'no', ...options }), limits)
    t.equal(body[2]! & 15, 4, 'not executed, worth trying again, no details')
    t.match(decodeError(body.subarray(0, 10).map((byte, at) => (at === 2 ? byte & 15 : byte)))!, {
      message: 'later',
      retryable: true,
      details: undefined,
      retryAfterMs: undefined,
    })
  }
})

t.test('where room is short the wait goes before the message, and the details go first', async (t) => {
  const details = new Uint8Array(10)
  const error = new RpcError('unavailable', 'message', { executed: 'no', retryAfterMs: 7, details })
  for (const [room, message, wait, detailed] of [
    [26, 'message', 7, true],
    [25, 'message', 7, false],
    [16, 'message', 7, false],
    [15, 'messag', 7, false],
    [9, '', 7, false],
    [8, 'mes', undefined, false],
    [5, '', undefined, false],
  ] as const) {
    const body = encodeError(error, limits, room)
    t.ok(body.length <= room)
    const back = decodeError(body)!
    t.same(
      [back.message, back.retryAfterMs, back.details !== undefined],
      [message, wait, detailed],
      `${room}`,
    )
    t.equal(back.retryable, true)
  }
})

t.test('a wait that is not all there is malformed', async (t) => {
  for (const hex of ['0d00110000', '0d00110000000000', '0d00110001000000', '0d001100016d000000'])
    t.equal(decodeError(hexBytes(hex)), undefined, hex)
  t.match(decodeError(hexBytes('0d00110000 00000000 ff')), { retryAfterMs: 0, details: undefined })
  t.match(decodeError(hexBytes('0d00190000 00000001 ff')), { retryAfterMs: 1, details: undefined })
  t.match(decodeError(hexBytes('0d00210000 ff')), { retryAfterMs: undefined, details: undefined })
})

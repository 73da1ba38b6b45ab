import { codeOf, codes, RpcError, reasonOf, reasons } from '@hawser/contract'
import t from 'tap'

t.test('an error from another installed copy is known', async (t) => {
  const copy = await import(`../dist/error.js?copy=${1}`)
  const foreign = new copy.RpcError('aborted', 'from the other copy')
  t.not(copy.RpcError, RpcError)
  t.ok(RpcError.is(foreign))
  t.ok(foreign instanceof RpcError)
  t.equal(RpcError.from(foreign), foreign)
  t.notOk(RpcError.is(new Error('no')))
  t.notOk(RpcError.is({ name: 'RpcError', code: 'aborted' }))
})

t.test('anything thrown becomes an error with itself as the cause', async (t) => {
  const hostile = {
    get message(): string {
      throw new Error('gotcha')
    },
  }
  for (const [thrown, message] of [
    [new TypeError('bad'), 'bad'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [42, '42'],
    [Object.create(null), 'a value that has no text was thrown'],
    [hostile, 'a value that has no text was thrown'],
    [Symbol('s'), 'Symbol(s)'],
  ] as const) {
    const error = RpcError.from(thrown)
    t.equal(error.code, 'internal')
    t.equal(error.message, message)
    t.equal(error.cause, thrown)
  }
})

t.test('what was not executed and may pass is retryable, unless told', async (t) => {
  t.ok(new RpcError('unavailable', 'x', { executed: 'no' }).retryable)
  t.ok(new RpcError('resource_exhausted', 'x', { executed: 'no' }).retryable)
  t.notOk(new RpcError('resource_exhausted', 'x', { executed: 'no', retryable: false }).retryable)
  t.notOk(new RpcError('unavailable', 'x').retryable)
  t.notOk(new RpcError('not_found', 'x', { executed: 'no' }).retryable)
})

t.test('changing `executed` derives `retryable` anew, and keeps the rest', async (t) => {
  const cause = new Error('why')
  const error = new RpcError('unavailable', 'x', {
    reason: 'draining',
    executed: 'no',
    details: { a: 1 },
    cause,
  })
  const changed = error.with({ executed: 'yes' })
  t.match(changed, {
    code: 'unavailable',
    message: 'x',
    reason: 'draining',
    executed: 'yes',
    retryable: false,
  })
  t.same(changed.details, { a: 1 })
  t.equal(changed.cause, cause)
  t.ok(error.with({ details: undefined }).retryable)
})

t.test('when to try again: a number from 0 up, never, or nothing is said', async (t) => {
  const said = (retryAfterMs: number | undefined, retryable?: boolean) => {
    const error = new RpcError('aborted', 'x', { retryAfterMs, retryable })
    return [error.retryAfterMs, error.retryable]
  }
  t.same(said(0), [0, true])
  t.same(said(1_500), [1_500, true], 'who says when says that it makes sense')
  t.same(said(1_500, false), [1_500, false], 'unless told')
  for (const never of [-1, -Infinity, Infinity]) t.same(said(never, true), [Infinity, false], `${never}`)
  for (const nothing of [undefined, Number.NaN]) t.same(said(nothing), [undefined, false], `${nothing}`)
  t.same(said(Number.NaN, true), [undefined, true])
  t.equal(new RpcError('unavailable', 'x', { executed: 'no', retryAfterMs: -1 }).retryable, false)
})

t.test('when to try again stays, whatever else changes', async (t) => {
  const error = new RpcError('unavailable', 'x', { executed: 'no', retryAfterMs: 200 })
  t.match(error.with({ executed: 'maybe' }), { retryAfterMs: 200, retryable: true })
  t.match(error.with({ retryAfterMs: -1 }), { retryAfterMs: Infinity, retryable: false })
  t.match(error.with({ executed: 'maybe', retryAfterMs: undefined, retryable: undefined }), {
    retryAfterMs: undefined,
    retryable: false,
  })
  const closed = error.with({ retryable: false })
  t.match(closed.with({ executed: 'maybe' }), { retryAfterMs: 200, retryable: false })
})

t.test('codes and reasons have distinct numbers that lead back to their names', async (t) => {
  for (const [table, of] of [
    [codes, codeOf],
    [reasons, reasonOf],
  ] as const) {
    const entries = Object.entries(table)
    t.equal(new Set(entries.map(([, number]) => number)).size, entries.length)
    for (const [name, number] of entries) t.equal(of(number), name)
    t.equal(of(0), undefined)
    t.equal(of(255), undefined)
  }
  t.same(Object.values(codes), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
})

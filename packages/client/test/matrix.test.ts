import { harness } from '@hawser/compliance/harness'
import t, { type Test } from 'tap'
import { columns, type Place, type Strand, strands } from './support/columns.js'
import { Colour, type Parcel, Refused } from './support/echo.js'
import { collect, until } from './support/stack.js'

harness(t)

const parcel: Parcel = {
  text: 'Grüße \u0000 🪢',
  numbers: [0, -1, 2 ** 53 - 1, 0.5],
  nested: { deep: ['a', ''] },
  long: -(2n ** 63n),
  names: new Set(['one', 'two']),
  byNumber: new Map([
    [-7, ['a']],
    [7, []],
  ]),
  colour: Colour.values.green,
  extra: { nested: { deep: [] } },
}

/** Every kind of call, and every way for one to end. */
const rows: Record<string, (t: Test, place: Place, strand: Strand) => Promise<void>> = {
  'a unary call returns what the handler returns': async (t, { echo }) => {
    t.same(await echo.say(parcel), parcel)
  },
  'AM-09 AM-14 a function with types takes and returns them': async (t, { pair }) => {
    t.same(await pair(1, 'b'), ['1', 'b'])
    t.same(await pair(-2), ['-2', 'undefined'])
    await t.rejects(pair('1' as never), { code: 'invalid_argument', executed: 'no', message: /value\[0\]/ })
  },
  'a oneway call arrives': async (t, { echo, record }) => {
    t.equal(await echo.tell('hello'), undefined)
    await until(() => record.told.includes('hello'))
  },
  'a client stream is answered once': async (t, { echo }) => {
    t.equal(await echo.sum([1, 2, 3]), 6)
    t.equal(await echo.sum([]), 0)
  },
  'a server stream comes whole and in order': async (t, { echo }) => {
    t.same(
      await collect(echo.count({ to: 1_000 })),
      Array.from({ length: 1_000 }, (_, index) => index + 1),
    )
    t.same(await collect(echo.count({ to: 0 })), [])
  },
  'a duplex stream answers while it is sent': async (t, { echo }) => {
    const answered: string[] = []
    async function* turns() {
      yield 'ready'
      await until(() => answered.includes('READY'))
      yield 'steady'
      await until(() => answered.includes('STEADY'))
      yield 'go'
    }
    for await (const text of echo.mirror(turns())) answered.push(text)
    t.same(answered, ['READY', 'STEADY', 'GO'])
  },
  'an error arrives with code, reason, message and details': async (t, { echo }, { carriesAnything }) => {
    await t.rejects(echo.refuse({ why: 'not today' }), {
      name: 'RpcError',
      code: 'failed_precondition',
      reason: 'denied',
      message: 'not today',
      executed: 'yes',
      details: carriesAnything ? { why: 'not today', at: [1, 2] } : undefined,
    })
  },
  'TH-15 a declared error arrives as what it is': async (t, { echo }) => {
    const thrown = await echo.object({ why: 'not today' }).catch((error: unknown) => error)
    t.ok(thrown instanceof Refused)
    t.match(thrown, {
      why: 'not today',
      at: [1, 2],
      cause: { code: 'failed_precondition', reason: 'declared' },
    })
  },
  'a deadline ends the call on both sides': async (t, { echo, record }) => {
    // Connecting is covered by the deadline as well, and is not what this is about.
    await echo.say(parcel)
    await t.rejects(echo.hang.with({ timeoutMs: 150 })('late'), {
      code: 'deadline_exceeded',
      reason: 'deadline',
    })
    await until(() => record.cancelled.has('late'))
    t.match(record.cancelled.get('late'), { code: 'deadline_exceeded' })
  },
  'a cancelled call ends on both sides': async (t, { echo, record }) => {
    const controller = new AbortController()
    const call = echo.hang.with({ signal: controller.signal })('dropped')
    await until(() => record.started.has('dropped'))
    controller.abort()
    await t.rejects(call, { code: 'cancelled', reason: 'cancelled' })
    await until(() => record.cancelled.has('dropped'))
  },
  'leaving a stream closes its handler': async (t, { echo, record }) => {
    for await (const number of echo.drip('left')) if (number === 3) break
    await until(() => record.closed.has('left'))
    t.ok(record.closed.has('left'))
  },
  'enabled asks without running': async (t, { echo, absent, record }) => {
    for (const [name, method] of Object.entries(echo)) t.equal(await method.enabled(), true, name)
    t.equal(await absent.enabled(), false)
    t.notOk(record.told.includes(''))
  },
}

for (const column of columns)
  for (const strand of strands)
    for (const [row, run] of Object.entries(rows))
      t.test(`TH-27 ${column.name}, ${strand.codec.name}: ${row}`, async (t) => {
        await using place = await column.lay(strand.codec)
        await run(t, place, strand)
      })

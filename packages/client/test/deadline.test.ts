import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { currentCall } from '@hawser/context'
import {
  type Dialer,
  type Limits,
  type RpcError,
  type Transport,
  type VirtualClock,
  virtualClock,
} from '@hawser/contract'
import { memory, simulator } from '@hawser/transport-memory'
import t from 'tap'
import { virtualChain } from './support/chain.js'
import { Echo, echo } from './support/echo.js'
import { inVirtualTime, type Stack, stack } from './support/stack.js'

harness(t)

// Nothing else is to happen in all this time.
const quiet = { keepAliveMs: 1e12, keepAliveTimeoutMs: 1e12, idleMs: 1e12 }

/** A stack in virtual time. */
async function virtual(
  limits: Partial<Limits> = {},
  transportOf: (clock: VirtualClock) => Transport = (clock) => memory({ clock }),
): Promise<Stack & { readonly clock: VirtualClock }> {
  const clock = virtualClock()
  const parts = { clock, transport: transportOf(clock), server: { limits }, client: { limits } }
  return inVirtualTime(await stack(parts), clock)
}

/** When a promise settled, in the clock's time. */
function settledAt(
  promise: Promise<unknown>,
  now: () => number,
): { at: number | undefined; outcome: unknown } {
  const settled: { at: number | undefined; outcome: unknown } = { at: undefined, outcome: undefined }
  const done = (outcome: unknown) => {
    settled.at = now()
    settled.outcome = outcome
  }
  promise.then(done, done)
  return settled
}

for (const [name, timeoutMs, at] of [
  ['5 s unless told otherwise', undefined, 5_000],
  ['what the call says', 200, 200],
  ['F22 longer than a timer can hold', 2 ** 31 + 5_000, 2 ** 31 + 5_000],
] as const)
  t.test(`a call ends at its deadline: ${name}`, async (t) => {
    await using all = await virtual(quiet)
    all.server.implement(Echo, echo().handlers)
    const { hang } = all.client.stub(Echo, all.address)
    const settled = settledAt(hang.with({ timeoutMs })('x'), all.clock.now)
    await all.clock.advance(at - 1)
    t.equal(settled.at, undefined)
    await all.clock.advance(50)
    t.match(settled.outcome, { code: 'deadline_exceeded', reason: 'deadline' })
    t.ok(settled.at! >= at && settled.at! <= at + 20, `${settled.at}`)
  })

t.test('a call without time fails without being sent, and one with endless time waits', async (t) => {
  await using all = await virtual(quiet)
  const { handlers, record } = echo()
  all.server.implement(Echo, handlers)
  const { hang } = all.client.stub(Echo, all.address)
  const none = settledAt(hang.with({ timeoutMs: 0 })('none'), all.clock.now)
  await all.clock.advance(20)
  t.match(none.outcome, { code: 'deadline_exceeded', executed: 'no' })
  const controller = new AbortController()
  const endless = settledAt(
    hang.with({ timeoutMs: Infinity, signal: controller.signal })('endless'),
    all.clock.now,
  )
  await all.clock.advance(10 * 3_600_000)
  t.equal(endless.at, undefined)
  controller.abort()
  await all.clock.advance(20)
  t.match(endless.outcome, { code: 'cancelled' })
  t.same([...record.cancelled.keys()], ['endless'])
})

t.test('streams of answers have no deadline unless they name one', async (t) => {
  await using all = await virtual()
  const { handlers, record } = echo()
  all.server.implement(Echo, handlers)
  const { drip } = all.client.stub(Echo, all.address)
  const endless = drip('endless')
  const timed = drip.with({ timeoutMs: 300 })('timed')
  for (const stream of [endless, timed])
    for (let n = 1; n <= 3; n++) {
      const next = stream.next()
      await all.clock.advance(10)
      t.same(await next, { done: false, value: n })
    }
  const waits = [settledAt(endless.next(), all.clock.now), settledAt(timed.next(), all.clock.now)] as const
  await all.clock.advance(60_000)
  t.equal(waits[0].at, undefined)
  t.match(waits[1].outcome, { code: 'deadline_exceeded' })
  t.same([...record.closed], ['timed'])
  await endless.return!()
  await all.clock.advance(100)
  t.ok(record.closed.has('endless'))
})

t.test('the deadline covers dialling', async (t) => {
  const clock = virtualClock()
  const never: Dialer = {
    schemes: ['memory'],
    dial: (_, options) =>
      new Promise((_, reject) =>
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason)),
      ),
  }
  const client = createClient({ transports: [never], codecs: [json()], clock })
  const slow = client.remote('memory://x', '/a')
  const call = settledAt(slow.with({ timeoutMs: 300 })(), clock.now)
  const patient = settledAt(slow.with({ timeoutMs: 60_000 })(), clock.now)
  await clock.advance(299)
  t.equal(call.at, undefined)
  await clock.advance(21)
  t.match(call.outcome, { code: 'deadline_exceeded', executed: 'no' })
  await clock.advance(4_700)
  t.match(
    patient.outcome,
    { code: 'unavailable', reason: 'unreachable', executed: 'no' },
    'dialling takes 5 s at most',
  )
  t.equal(patient.at, 5_000)
  await client.close()
})

t.test('the deadline covers the way: delays count on both sides', async (t) => {
  await using all = await virtual({}, (clock) => simulator({ clock, delayMs: [100, 100] }))
  const { clock } = all
  const { handlers, record } = echo()
  all.server.implement(Echo, handlers)
  const { hang, say } = all.client.stub(Echo, all.address)
  const late = settledAt(hang.with({ timeoutMs: 150 })('late'), clock.now)
  await clock.advance(170)
  t.match(late.outcome, { code: 'deadline_exceeded' })
  await clock.advance(400)
  t.ok(record.cancelled.has('late'), 'the server gives up by itself')
  const inTime = settledAt(say.with({ timeoutMs: 250 })({ text: 'x', numbers: [] }), clock.now)
  await clock.advance(230)
  t.same(inTime.outcome, { text: 'x', numbers: [] })
})

t.test('FR-12 nested calls inherit the deadline, and can only shorten it', async (t) => {
  await using all = await virtualChain()
  const seen: number[] = []
  const watch = (name: 'a' | 'b') =>
    all.servers[name].rpc('/left', async () => {
      seen.push(currentCall()!.deadline - all.clock.now())
      if (name === 'a') await next()
    })
  const next = all.client.remote<() => void>('memory://b', '/left').with({ timeoutMs: 60_000 })
  watch('a')
  watch('b')
  const call = all.client.remote('memory://a', '/left').with({ timeoutMs: 800 })()
  await all.clock.advance(50)
  await call
  t.ok(seen[0]! > 700 && seen[0]! <= 800, `${seen}`)
  t.ok(seen[1]! > 700 && seen[1]! <= seen[0]! + 1, `${seen}`)
  const hung = settledAt(all.hang('deep', { timeoutMs: 400 }), all.clock.now)
  await all.clock.advance(450)
  t.match(hung.outcome, { code: 'deadline_exceeded' })
  t.match(all.record.cancelled.get('deep'), { code: 'deadline_exceeded' })
})

t.test('a shorter deadline of a nested call is its own', async (t) => {
  await using all = await virtual()
  const { clock } = all
  all.server.implement(Echo, echo().handlers)
  const inner = all.client.stub(Echo, all.address, { timeoutMs: 100 })
  all.server.rpc('/outer', async () => {
    try {
      return await inner.hang('inner')
    } catch (error) {
      return `${(error as RpcError).code}, ${currentCall()!.cancelReason === undefined ? 'outer goes on' : 'outer too'}`
    }
  })
  const outer = settledAt(all.client.remote(all.address, '/outer')(), clock.now)
  await clock.advance(200)
  t.equal(outer.outcome, 'deadline_exceeded, outer goes on')
})

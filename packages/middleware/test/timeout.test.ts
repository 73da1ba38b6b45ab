import { harness } from '@hawser/compliance/harness'
import { RpcError } from '@hawser/contract'
import t from 'tap'
import { timeout } from '../src/timeout/index.js'
import { ManualItems, mockPair, reading } from './support/mock-pair.js'

harness(t)

const pair = (ms = 100) => mockPair((clock) => timeout({ ms, clock }))

t.test('a call in time is answered as it would be, and nothing waits any longer', async (t) => {
  const { send, received, clock } = pair()
  const sent = send()
  await clock.advance(99)
  received[0]!.reply('out')
  await clock.settle()
  t.equal(sent.outcome, 'out')
  t.equal(clock.pending, 0)
})

t.test('a deadline only ever moves closer', async (t) => {
  const { send, received } = pair()
  send({ timeoutMs: 1_000 })
  send({ timeoutMs: 50 })
  send()
  t.same(
    received.map(({ call }) => call.deadline),
    [100, 50, 100],
  )
  for (const each of received) each.reply('')
})

t.test('a call past its time fails, and what is further in is told', async (t) => {
  const { send, received, clock } = pair()
  const sent = send({ timeoutMs: 5_000 })
  await clock.advance(99)
  t.equal(sent.outcome, 'goes on')
  t.equal(received[0]!.call.cancelReason, undefined)
  await clock.advance(11)
  t.equal(sent.outcome, 'deadline_exceeded/deadline/maybe')
  t.match(received[0]!.call.cancelReason, { code: 'deadline_exceeded' })
  t.ok(received[0]!.call.signal.aborted)
  received[0]!.reply('too late')
  await clock.settle()
  t.equal(sent.outcome, 'deadline_exceeded/deadline/maybe')
})

t.test('whether it was executed is said by whoever knows', async (t) => {
  for (const executed of ['no', 'maybe', 'yes'] as const) {
    const { send, received, clock } = pair()
    const sent = send()
    received[0]!.call.onCancel({ cancelled: () => received[0]!.fail('cancelled', { executed }) })
    await clock.advance(110)
    t.equal(sent.outcome, `deadline_exceeded/deadline/${executed}`)
  }
})

t.test('a call without time left, or cancelled already, is not handed on', async (t) => {
  const { send, received, clock, handler } = pair()
  t.equal(send({ timeoutMs: 0 }).outcome, 'deadline_exceeded/deadline/no')
  const sent = send()
  sent.cancel()
  t.throws(() => handler(sent.call), { code: 'cancelled', executed: 'no' })
  t.equal(received.length, 1)
  received[0]!.reply('')
  await clock.settle()
})

t.test('a cancelled call ends when its handler does, as what it ended with', async (t) => {
  const { send, received, clock } = pair()
  const sent = send()
  sent.cancel()
  await clock.advance(20)
  t.match(received[0]!.call.cancelReason, { code: 'cancelled' })
  t.equal(sent.outcome, 'goes on')
  received[0]!.fail('aborted', { executed: 'yes' })
  await clock.settle()
  t.equal(sent.outcome, 'aborted/undefined/yes')
  t.equal(clock.pending, 0)
})

t.test('items are covered up to the last', async (t) => {
  const { send, received, clock } = pair()
  const items = new ManualItems()
  const sent = send({ kind: 'server-stream' })
  received[0]!.reply(items)
  await clock.settle()
  const { seen } = reading(sent.reply!.output)
  items.push('a')
  await clock.advance(50)
  items.push('b')
  await clock.advance(49)
  t.same(seen, ['a', 'b'])
  await clock.advance(11)
  t.same(seen, ['a', 'b', 'deadline_exceeded/deadline/yes'])
  t.ok(items.closed, 'the source is closed')
  t.equal(clock.pending, 0)
})

t.test('items that end in time leave nothing behind, however they end', async (t) => {
  for (const how of ['end', 'error', 'left', 'never read'] as const) {
    const { send, received, clock } = pair()
    const items = new ManualItems()
    const sent = send({ kind: 'server-stream' })
    received[0]!.reply(items)
    await clock.settle()
    if (how === 'never read') sent.cancel()
    else {
      const { seen, stop } = reading(sent.reply!.output)
      if (how === 'end') items.end()
      else if (how === 'error') items.fail(new RpcError('aborted', ''))
      else stop()
      await clock.settle()
      if (how !== 'left') t.equal(seen[0], how === 'error' ? 'aborted/undefined/maybe' : 'end')
    }
    await clock.settle()
    t.equal(clock.pending, 0, how)
  }
})

t.test('the time may depend on the call', async (t) => {
  const { send, received } = mockPair((clock) =>
    timeout({ clock, ms: ({ method }) => (method === '/slow' ? Infinity : 5) }),
  )
  send({ method: '/slow' })
  send()
  t.same(
    received.map(({ call }) => call.deadline),
    [Infinity, 5],
  )
  for (const each of received) each.reply('')
})

t.test('no time at all is a mistake', async (t) => {
  for (const ms of [0, -1, Number.NaN, undefined, '5'])
    t.throws(() => timeout({ ms: ms as number }), TypeError, String(ms))
})

t.test('a handler that answers at once costs no promise', async (t) => {
  const handler = timeout({ ms: 5 })(() => ({ output: new Uint8Array(1) }))
  const { call } = pair().send()
  t.match(handler(call), { output: new Uint8Array(1) })
})

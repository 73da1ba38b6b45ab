import { harness } from '@hawser/compliance/harness'
import { type Code, RpcError } from '@hawser/contract'
import t from 'tap'
import { type CircuitBreakerOptions, circuitBreaker } from '../src/circuit-breaker/index.js'
import { ManualItems, type MockPair, mockPair, reading, type SentOptions } from './support/mock-pair.js'

harness(t)

const rules = { failureShare: 0.5, minimumCalls: 4, windowMs: 1_000, openMs: 500, trials: 2 }
const refused = 'unavailable/circuit_open/no'

/** A destination that answers what the driver says, and what the circuit became. */
function destination(options: CircuitBreakerOptions = {}) {
  const states: string[] = []
  const pair = mockPair((clock) =>
    circuitBreaker({
      clock,
      ...rules,
      onChange: (state, key) => states.push(key ? `${key} ${state}` : state),
      ...options,
    }),
  )
  return {
    ...pair,
    states,
    /** Makes a call that succeeds, or fails with the code; its outcome. */
    async call(result: 'ok' | Code, sent: SentOptions = {}): Promise<string> {
      const before = pair.received.length
      const call = pair.send(sent)
      if (pair.received.length > before) answer(pair, result)
      await pair.clock.settle()
      return call.outcome
    },
  }
}

function answer({ received }: MockPair, result: 'ok' | Code): void {
  if (result === 'ok') received.at(-1)!.reply('ok')
  else received.at(-1)!.fail(result)
}

async function opened(options: CircuitBreakerOptions = {}) {
  const all = destination(options)
  for (let n = 0; n < 4; n++) await all.call('unavailable')
  return all
}

t.test('closed to open: when the share of failures is reached, and not before enough calls', async (t) => {
  const { call, states } = destination()
  for (let n = 0; n < 3; n++) await call('unavailable')
  t.same(states, [], 'three of three, but too few calls')
  await call('ok')
  t.same(states, [], 'a success opens nothing')
  await call('internal')
  t.same(states, ['open'])
  t.equal(await call('ok'), refused)
})

t.test('closed stays closed below the share', async (t) => {
  const { call, states } = destination()
  for (let n = 0; n < 20; n++) {
    await call('ok')
    await call('ok')
    await call('unavailable')
  }
  t.same(states, [])
})

t.test('failures that were long ago do not count', async (t) => {
  const { call, states, clock } = destination()
  for (let n = 0; n < 3; n++) await call('unavailable')
  await clock.advance(1_100)
  await call('unavailable')
  t.same(states, [])
  await clock.advance(700)
  for (let n = 0; n < 3; n++) await call('unavailable')
  t.same(states, ['open'], 'those of the window do')
})

t.test('open: no call is made until its time is up', async (t) => {
  const { call, states, clock, received, send } = await opened()
  const before = received.length
  await clock.advance(499)
  t.equal(await call('ok'), refused)
  t.equal(received.length, before)
  t.match(send().error, { retryable: false })
  await clock.advance(1)
  t.equal(await call('ok'), 'ok')
  t.same(states, ['open', 'half-open'])
})

t.test('half-open to closed: when all trials succeed, and then everything is counted anew', async (t) => {
  const { call, states, clock } = await opened()
  await clock.advance(500)
  await call('ok')
  await call('ok')
  t.same(states, ['open', 'half-open', 'closed'])
  for (let n = 0; n < 3; n++) await call('unavailable')
  t.equal(states.length, 3)
})

t.test('half-open to open: when one trial fails', async (t) => {
  const { call, states, clock } = await opened()
  await clock.advance(500)
  await call('ok')
  await call('deadline_exceeded')
  t.same(states, ['open', 'half-open', 'open'])
  await clock.advance(499)
  t.equal(await call('ok'), refused)
  await clock.advance(1)
  t.equal(await call('ok'), 'ok')
})

t.test('half-open: only so many trials at a time', async (t) => {
  const { call, clock, received, send } = await opened()
  await clock.advance(500)
  const before = received.length
  const trials = [send(), send(), send()]
  await clock.settle()
  t.equal(received.length, before + 2)
  t.equal(trials[2]!.outcome, refused)
  received[before]!.reply('ok')
  received[before + 1]!.reply('ok')
  await clock.settle()
  t.equal(await call('ok'), 'ok')
})

t.test('half-open: a trial that is cancelled makes room for another', async (t) => {
  const { states, clock, received, send, call } = await opened()
  await clock.advance(500)
  const before = received.length
  for (const trial of [send(), send()]) trial.cancel()
  for (const each of received.slice(before)) each.fail('cancelled')
  await clock.settle()
  await call('ok')
  await call('ok')
  t.same(states, ['open', 'half-open', 'closed'])
})

t.test('half-open to open: when the trials are not answered at all', async (t) => {
  const { states, clock, send, received, call } = await opened()
  await clock.advance(500)
  const hanging = received.length
  send()
  send()
  await clock.advance(499)
  t.equal(await call('ok'), refused)
  t.same(states, ['open', 'half-open'])
  await clock.advance(1)
  t.equal(await call('ok'), refused)
  t.same(states, ['open', 'half-open', 'open'])
  await clock.advance(500)
  for (const each of received.slice(hanging)) each.reply('late')
  await call('ok')
  await call('ok')
  t.same(states, ['open', 'half-open', 'open', 'half-open', 'closed'])
})

t.test('what began in an earlier state says nothing of a later one', async (t) => {
  const all = destination()
  const { call, states, clock, received, send } = all
  const slow = [send(), send()]
  for (let n = 0; n < 4; n++) await call('unavailable')
  await clock.advance(500)
  const before = received.length
  send()
  received[0]!.fail('unavailable')
  received[1]!.reply('late')
  await clock.settle()
  t.same(states, ['open', 'half-open'])
  t.equal(slow[1]!.outcome, 'late')
  received[before]!.reply('')
  await call('ok')
  t.same(states, ['open', 'half-open', 'closed'])
})

t.test('what is a failure can be told; by default it is what the destination is to blame for', async (t) => {
  const codes = {
    unavailable: true,
    deadline_exceeded: true,
    internal: true,
    unknown: true,
    data_loss: true,
    cancelled: false,
    invalid_argument: false,
    not_found: false,
    permission_denied: false,
    unauthenticated: false,
    resource_exhausted: false,
    unimplemented: false,
  } as const
  for (const [code, failure] of Object.entries(codes) as [Code, boolean][]) {
    const { call, states } = destination()
    for (let n = 0; n < 8; n++) await call(code)
    t.same(states, failure ? ['open'] : [], code)
  }
  const { call, states } = destination({ isFailure: ({ code }) => code === 'not_found' })
  for (let n = 0; n < 8; n++) await call('unavailable')
  t.same(states, [])
  for (let n = 0; n < 8; n++) await call('not_found')
  t.same(states, ['open'])
})

t.test('calls that their callers cancel say nothing', async (t) => {
  const { states, received, send, clock } = destination()
  for (let n = 0; n < 8; n++) {
    send().cancel()
    received[n]!.fail('unavailable')
  }
  await clock.settle()
  t.same(states, [])
})

t.test('each key has a circuit of its own', async (t) => {
  const { call, states } = destination({ key: ({ method }) => method })
  for (let n = 0; n < 4; n++) await call('unavailable', { method: '/bad' })
  t.same(states, ['/bad open'])
  t.equal(await call('ok', { method: '/bad' }), refused)
  t.equal(await call('ok', { method: '/good' }), 'ok')
})

t.test('there are no more keys than are good for memory, and open ones stay longest', async (t) => {
  const { call } = destination({ key: ({ method }) => method })
  for (let n = 0; n < 4; n++) await call('unavailable', { method: '/bad' })
  for (let n = 0; n < 1_100; n++) await call('ok', { method: `/${n}` })
  t.equal(await call('ok', { method: '/bad' }), refused)
})

t.test('a stream fails with its items, too', async (t) => {
  const { states, received, send, clock } = destination()
  for (let n = 0; n < 4; n++) {
    const items = new ManualItems()
    const sent = send({ kind: 'server-stream' })
    received[n]!.reply(items)
    await clock.settle()
    const { seen } = reading(sent.reply!.output)
    items.push('a')
    await clock.settle()
    items.fail(new RpcError('unavailable', ''))
    await clock.settle()
    t.same(seen, ['a', 'unavailable/undefined/maybe'])
  }
  t.same(states, ['open'])
})

t.test('a stream that begins is a trial that succeeds', async (t) => {
  const { states, received, send, clock } = await opened()
  await clock.advance(500)
  for (let n = 0; n < 2; n++) {
    send({ kind: 'server-stream' })
    received.at(-1)!.reply(new ManualItems())
    await clock.settle()
  }
  t.same(states, ['open', 'half-open', 'closed'])
})

t.test('what makes no sense is refused', async (t) => {
  for (const options of [{ failureShare: 1.1 }, { minimumCalls: 0 }, { openMs: -1 }, { trials: 0 }])
    t.throws(() => circuitBreaker(options), TypeError)
})

t.test('open: it is said when there will be a trial, and not what hangs on those under way', async (t) => {
  const { send, clock } = await opened()
  const errorOf = async () => {
    const sent = send()
    await clock.settle()
    return sent.error
  }
  t.match(await errorOf(), { retryAfterMs: 500, retryable: false })
  await clock.advance(499)
  t.match(await errorOf(), { retryAfterMs: 1 })
  await clock.advance(1)
  for (let n = 0; n < 2; n++) send()
  t.match(await errorOf(), { reason: 'circuit_open', retryAfterMs: undefined, retryable: false })
})

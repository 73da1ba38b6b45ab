import { type CallOptions, type Client, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import {
  type Call,
  defaultLimits,
  type Limits,
  type RpcError,
  RpcError as Thrown,
  type VirtualClock,
  virtualClock,
} from '@hawser/contract'
import { createServer, type Server } from '@hawser/server'
import { memory, simulator } from '@hawser/transport-memory'
import t from 'tap'
import { RetryPolicy } from '../src/retry.js'

harness(t)

const error = (
  options: ConstructorParameters<typeof Thrown>[2],
  code: RpcError['code'] = 'unavailable',
): RpcError => new Thrown(code, 'x', options)
const clock = () => Object.assign(virtualClock(), { random: () => 0.5 })

const once = { idempotent: false, deadline: 1e9 }
const often = { idempotent: true, deadline: 1e9 }

t.test('what was certainly not run is tried again at once elsewhere, or after a wait', async (t) => {
  const policy = new RetryPolicy(clock(), defaultLimits)
  for (const reason of ['draining', 'closed', 'idle', 'connection_lost'] as const)
    t.equal(policy.wait(error({ reason, executed: 'no' }), 1, once), 0, reason)
  t.equal(policy.wait(error({ reason: 'overloaded', executed: 'no' }, 'resource_exhausted'), 1, once), 50)
  t.equal(policy.wait(error({ reason: 'overloaded', executed: 'no' }, 'resource_exhausted'), 2, once), 100)
})

t.test('what may have run is tried again only where that is harmless', async (t) => {
  const policy = new RetryPolicy(clock(), defaultLimits)
  const lost = error({ reason: 'connection_lost', executed: 'maybe' })
  t.equal(policy.wait(lost, 1, once), undefined)
  t.equal(policy.wait(lost, 1, often), 50)
  t.equal(policy.wait(lost, 2, often), 100)
  t.equal(policy.wait(lost, 3, often), undefined, 'three attempts in all')
  t.equal(policy.wait(error({ reason: 'draining', executed: 'yes' }), 1, often), undefined, 'it has run')
  t.equal(policy.wait(error({ executed: 'maybe' }, 'deadline_exceeded'), 1, often), undefined)
  t.equal(policy.wait(error({ executed: 'maybe' }, 'internal'), 1, often), undefined)
  t.equal(
    policy.wait(error({ executed: 'no', retryable: false }), 1, often),
    50,
    'harmless, whatever it says',
  )
  t.equal(
    policy.wait(error({ reason: 'unreachable', executed: 'no' }), 1, often),
    undefined,
    'dialling has a policy of its own',
  )
})

t.test('what the server says of when is heeded: not before, not past the deadline, not at all', async (t) => {
  const policy = new RetryPolicy(clock(), { ...defaultLimits, retryAfterMaxMs: 30_000 })
  const full = (retryAfterMs: number) => error({ executed: 'no', retryAfterMs }, 'resource_exhausted')
  const wait = (ms: number, deadline: number) => policy.wait(full(ms), 1, { deadline })
  t.equal(wait(10, 5_000), 50, 'the backoff is longer')
  t.equal(wait(700, 5_000), 700)
  t.equal(wait(4_999, 5_000), 4_999)
  const year = 365 * 86_400_000
  for (const late of [5_000, 5_001, year, -1, Infinity]) t.equal(wait(late, 5_000), undefined, `${late}`)
  for (const [ms, waits] of [
    [29_999, 29_999],
    [30_000, 30_000],
    [30_001, undefined],
    [year, undefined],
    [-1, undefined],
  ] as const)
    t.equal(wait(ms, Infinity), waits, `${ms} without a deadline`)
  const moving = error({ executed: 'no', reason: 'draining', retryAfterMs: 300 })
  t.equal(policy.wait(moving, 1, once), 300, 'nor is another connection tried before')
})

t.test('a handler that says when has its idempotent call made again, and no other', async (t) => {
  const policy = new RetryPolicy(clock(), defaultLimits)
  const later = error({ executed: 'yes', retryAfterMs: 100 }, 'aborted')
  t.equal(policy.wait(later, 1, often), 100)
  t.equal(policy.wait(later, 3, often), undefined, 'three attempts in all')
  t.equal(policy.wait(later, 1, once), undefined)
  t.equal(policy.wait(error({ executed: 'maybe', retryAfterMs: 100 }), 1, once), undefined)
  t.equal(policy.wait(later.with({ retryable: false }), 1, often), undefined)
  t.equal(policy.wait(error({ executed: 'maybe', retryAfterMs: -1 }), 1, often), undefined, 'never')
})

t.test('a wait there is no time for costs no budget', async (t) => {
  const policy = new RetryPolicy(clock(), { ...defaultLimits, retryRate: 0.1, retryShare: 0 })
  const later = error({ executed: 'no', retryAfterMs: 1e6 })
  for (let n = 0; n < 10; n++) t.equal(policy.wait(later, 1, { deadline: 5_000 }), undefined)
  t.equal(policy.wait(error({ executed: 'no' }), 1, once), 50)
  t.equal(policy.wait(error({ executed: 'no' }), 1, once), undefined)
})

t.test('without retries there are redirections still', async (t) => {
  const policy = new RetryPolicy(clock(), defaultLimits, false)
  const unreached = error({ reason: 'unreachable', executed: 'no' })
  t.equal(policy.wait(error({ reason: 'draining', executed: 'no' }), 1, once), 0)
  t.equal(policy.wait(error({ reason: 'draining', executed: 'no' }), 3, once), undefined)
  t.equal(policy.wait(error({ executed: 'no' }), 1, often), undefined)
  t.equal(policy.wait(error({ executed: 'maybe' }), 1, often), undefined)
  t.equal(policy.wait(error({ executed: 'yes', retryAfterMs: 1 }), 1, often), undefined)
  t.equal(policy.waitForServer(unreached, 1, often as Call), undefined)
})

t.test('retries are a share of calls, and some besides', async (t) => {
  const time = clock()
  const policy = new RetryPolicy(time, {
    ...defaultLimits,
    retryRate: 1,
    retryWindowMs: 10_000,
    retryShare: 0.2,
  })
  const lost = error({ executed: 'maybe' })
  const granted = () => {
    let count = 0
    while (policy.wait(lost, 1, often) !== undefined) count++
    return count
  }
  t.equal(granted(), 10, 'the rate alone')
  for (let call = 0; call < 100; call++) policy.counted()
  t.equal(granted(), 20, 'a fifth of the calls more')
  await time.advance(10_000)
  t.equal(granted(), 0, 'the window before still counts')
  await time.advance(10_000)
  t.equal(granted(), 10)
  await time.advance(60_000)
  t.equal(granted(), 10, 'after a long silence as at the beginning')
})

t.test('waits are spread by a fifth, and capped', async (t) => {
  const seeded = virtualClock(3)
  const policy = new RetryPolicy(seeded, { ...defaultLimits, attempts: 5, backoffMs: 400 })
  for (const [attempts, base] of [
    [1, 400],
    [2, 800],
    [3, 1_000],
    [4, 1_000],
  ] as const)
    for (let draw = 0; draw < 20; draw++) {
      const wait = policy.wait(error({ executed: 'maybe' }), attempts, often)!
      t.ok(wait >= base * 0.8 && wait <= base * 1.2, `${wait}`)
    }
})

for (const [name, idempotent, runs] of [
  ['a call that is not idempotent is never run twice', false, 1],
  ['an idempotent call is tried again when its fate is unknown', true, 2],
] as const)
  t.test(name, async (t) => {
    const time = virtualClock()
    // The first connection breaks when its answer is on the way.
    const transport = simulator({
      clock: time,
      delayMs: [5, 5],
      faults: (connection) => (connection === 0 ? { toClient: [{ at: 60, kind: 'reset' }] } : {}),
    })
    const server = createServer({ transports: [transport], codecs: [json()], clock: time, log: () => {} })
    const ledger: string[] = []
    server.rpc('/pay', (who: string) => {
      ledger.push(who)
      return 'x'.repeat(100)
    })
    await server.listen('memory://bank')
    const client = createClient({ transports: [transport], codecs: [json()], clock: time, log: () => {} })
    const outcome = client
      .remote<(who: string) => string>('memory://bank', '/pay')
      .with({ idempotent })('Ada')
      .catch((error: RpcError) => error)
    await time.advance(1_000)
    t.equal(ledger.length, runs)
    if (idempotent) t.equal(await outcome, 'x'.repeat(100))
    else t.match(await outcome, { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' })
    const closing = Promise.all([client.close(), server.close()])
    await time.advance(30_000)
    await closing
  })

interface Respawning {
  readonly clock: VirtualClock
  readonly client: Client
  /** The effects of all the servers there were. */
  readonly ledger: string[]
  /** There is a server from now on. */
  spawn(): Promise<Server>
  end(): Promise<void>
}

/** A client that keeps no connection, of servers that come and go. */
function respawning(limits: Partial<Limits> = {}): Respawning {
  const time = virtualClock()
  const parts = { transports: [memory({ clock: time })], codecs: [json()], clock: time, log: () => {} }
  const client = createClient({ ...parts, limits })
  const ledger: string[] = []
  const servers: Server[] = []
  return {
    clock: time,
    client,
    ledger,
    async spawn() {
      const server = createServer(parts)
      server.rpc('/pay', (who: string) => void ledger.push(who))
      server.rpc('/hang', (who: string) => {
        ledger.push(who)
        return new Promise(() => {})
      })
      await server.listen('memory://bank')
      servers.push(server)
      return server
    },
    async end() {
      const closing = Promise.all([client, ...servers].map((each) => each.close()))
      await time.advance(30_000)
      await closing
    },
  }
}

t.test(
  'an idempotent call finds a server that respawns within its time, any other fails at once',
  async (t) => {
    const all = respawning()
    const pay = all.client.remote<(who: string) => void>('memory://bank', '/pay')
    const outcomes = new Map<string, unknown>()
    const make = (who: string, options: CallOptions) => {
      const done = (outcome: unknown) => outcomes.set(who, outcome)
      pay.with(options)(who).then(done, done)
    }
    const unreachable = { code: 'unavailable', reason: 'unreachable', executed: 'no' }
    for (let n = 0; n < 5; n++) make(`once ${n}`, {})
    for (let n = 0; n < 5; n++) make(`often ${n}`, { idempotent: true })
    make('short', { idempotent: true, timeoutMs: 300 })
    make('endless', { idempotent: true, timeoutMs: Infinity })
    await all.clock.advance(5)
    t.same([...outcomes.keys()], ['once 0', 'once 1', 'once 2', 'once 3', 'once 4'])
    await all.clock.advance(1_500)
    for (const outcome of outcomes.values()) t.match(outcome, unreachable)
    t.match(
      [outcomes.get('short'), outcomes.get('endless')],
      [unreachable, unreachable],
      'out of time, of tries',
    )
    t.equal(outcomes.size, 7)
    await all.spawn()
    await all.clock.advance(1_500)
    t.equal(outcomes.size, 12)
    const names = [0, 1, 2, 3, 4].map((n) => `often ${n}`)
    for (const name of names) t.equal(outcomes.get(name), undefined)
    t.same(all.ledger.sort(), names, 'once each')
    await all.end()
  },
)

t.test('waiting for a server is a retry, and has the budget of retries', async (t) => {
  const all = respawning({ retryRate: 1, retryWindowMs: 10_000, retryShare: 0 })
  const pay = all.client.remote<(who: string) => void>('memory://bank', '/pay').with({ idempotent: true })
  let failed = 0
  for (let n = 0; n < 100; n++)
    pay(`${n}`).catch((error: RpcError) => {
      if (error.reason === 'unreachable') failed++
    })
  await all.clock.advance(5)
  t.equal(failed, 90)
  await all.end()
  t.equal(failed, 90, 'the others were told of the close')
  t.equal(all.clock.pending, 0)
})

t.test('a call that may have run does not say otherwise because nobody was found later', async (t) => {
  const all = respawning()
  const server = await all.spawn()
  const hang = all.client.remote<(who: string) => void>('memory://bank', '/hang').with({ idempotent: true })
  const outcome = hang('Ada').catch((error: RpcError) => error)
  await all.clock.advance(100)
  t.same(all.ledger, ['Ada'])
  const crash = server.close({ signal: AbortSignal.abort() })
  await all.clock.advance(5_100)
  await crash
  t.match(await outcome, { reason: 'unreachable', executed: 'maybe', retryable: false })
  await all.end()
})

t.test('a server that answers nothing but nonsense is tried a few times, and the call settles', async (t) => {
  const time = virtualClock()
  const transport = memory({ clock: time })
  let connections = 0
  const listener = await transport.listen('memory://nonsense', (connection) => {
    connections++
    connection.start(() => {})
    connection.send(new TextEncoder().encode('SSH-2.0-OpenSSH_9.6\r\n'))
  })
  const client = createClient({ transports: [transport], codecs: [json()], clock: time, log: () => {} })
  for (const idempotent of [false, true]) {
    const call = client.remote('memory://nonsense', '/a').with({ idempotent, timeoutMs: 60_000 })()
    const outcome = call.catch((error: RpcError) => error)
    await time.advance(5_000)
    t.match(await Promise.race([outcome, 'hangs']), { code: 'unavailable' })
  }
  t.ok(connections <= 6, `${connections} connections`)
  await listener.close()
  const closing = client.close()
  await time.advance(30_000)
  await closing
})

import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { defaultLimits, RpcError, type Transport, type VirtualClock, virtualClock } from '@hawser/contract'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import t from 'tap'
import { outcomeAfter } from '../../client/test/support/stack.js'
import { type Client, type ClientOptions, createClient } from '../src/index.js'

harness(t)

const codecs = [json()]
const address = 'memory://there'

interface Setting {
  readonly clock: VirtualClock
  readonly client: Client
  /** When the client dialled, in virtual milliseconds. */
  readonly dialled: number[]
  readonly events: string[]
  serve(options?: Partial<ServerOptions>): Promise<Server>
  /** Ends a server as a crash would. */
  crash(server: Server): Promise<void>
  close(): Promise<void>
}

function setting(options: Partial<ClientOptions> = {}): Setting {
  // The jitter of the waits is drawn from the clock; at 0.5 it adds nothing.
  const clock = Object.assign(virtualClock(1), { random: () => 0.5 })
  const network: Transport = memory({ clock })
  const dialled: number[] = []
  const events: string[] = []
  const dialer = {
    schemes: network.schemes,
    dial(...dialling: Parameters<Transport['dial']>) {
      dialled.push(clock.now())
      return network.dial(...dialling)
    },
  }
  const client = createClient({
    transports: [dialer],
    codecs,
    clock,
    log: () => {},
    onConnect: () => void events.push('connected'),
    onClose: (_, reason) => void events.push(`closed ${reason?.reason}`),
    ...options,
  })
  return {
    clock,
    client,
    dialled,
    events,
    async serve(options = {}) {
      const server = createServer({ transports: [network], codecs, clock, log: () => {}, ...options })
      server.rpc('/a', () => 'here')
      await server.listen(address)
      return server
    },
    async crash(server) {
      const closing = server.close({ signal: AbortSignal.abort() })
      await clock.advance(1)
      await closing
    },
    async close() {
      const closing = client.close()
      await clock.advance(30_000)
      await closing
      t.equal(clock.pending, 0, 'no timer is left')
    },
  }
}

t.test('by default nothing reconnects by itself: the next call dials', async (t) => {
  const all = setting()
  const a = all.client.remote(address, '/a')
  t.equal(await outcomeAfter(all.clock, 1, a()), 'unavailable/unreachable/no')
  let server = await all.serve()
  t.equal(await outcomeAfter(all.clock, 1, a()), 'here')
  await all.crash(server)
  t.same(all.events, ['connected', 'closed connection_lost'])
  server = await all.serve()
  await all.clock.advance(60_000)
  t.equal(all.dialled.length, 2)
  t.equal(await outcomeAfter(all.clock, 1, a()), 'here')
  t.equal(all.dialled.length, 3)
  await all.crash(server)
  await all.close()
})

t.test('F7 the waits of the reconnect policy grow as the limits say, up to their cap', async (t) => {
  const all = setting({ reconnect: true })
  const call = all.client.remote(address, '/a').with({ timeoutMs: 200_000 })()
  const outcome = outcomeAfter(all.clock, 0, call)
  await all.clock.advance(150_000)
  const waits = all.dialled.map((at, index) => at - (all.dialled[index - 1] ?? 0))
  const { reconnectMs, reconnectMaxMs, backoffFactor } = defaultLimits
  const expected = [0, reconnectMs / 2]
  while (expected.length < waits.length)
    expected.push(Math.min(reconnectMaxMs, reconnectMs * backoffFactor ** (expected.length - 2)))
  t.same(waits, expected)
  t.ok(expected.includes(reconnectMaxMs), 'the cap is reached')
  t.equal(await outcome, 'goes on', 'calls wait for the connection')
  const server = await all.serve()
  await all.clock.advance(31_000)
  t.equal(await call, 'here')
  await all.crash(server)
  await all.close()
})

t.test('F7 calls wait for a connection no longer than their deadline, or their signal', async (t) => {
  const all = setting({ reconnect: true })
  const a = all.client.remote(address, '/a')
  const late = a.with({ timeoutMs: 700 })()
  const controller = new AbortController()
  const cancelled = a.with({ signal: controller.signal })()
  const asked = a.with({ timeoutMs: 600 }).enabled()
  t.equal(await outcomeAfter(all.clock, 699, late), 'goes on')
  controller.abort()
  t.equal(await outcomeAfter(all.clock, 0, cancelled), 'cancelled/cancelled/no')
  t.equal(await outcomeAfter(all.clock, 0, asked), false)
  t.equal(await outcomeAfter(all.clock, 11, late), 'deadline_exceeded/deadline/no')
  t.equal(
    await outcomeAfter(all.clock, 5_010, all.client.remote(address, '/a')()),
    'deadline_exceeded/deadline/no',
    'five seconds where none is said',
  )
  await all.close()
})

t.test('a lost connection comes back by itself, for calls and for those who only wait for it', async (t) => {
  const all = setting({ reconnect: true })
  const first = await all.serve()
  const connecting = all.client.connect(address)
  await all.clock.advance(1)
  const peer = await connecting
  t.same(peer.codecs, ['json'])
  await all.clock.advance(20_000)
  await all.crash(first)
  t.equal((await peer.closed)?.reason, 'connection_lost')
  const second = await all.serve()
  await all.clock.advance(defaultLimits.reconnectMs)
  t.same(all.events, ['connected', 'closed connection_lost', 'connected'])
  await all.crash(second)
  await all.close()
})

t.test('a call that a connection took along is lost, and made again where it may run twice', async (t) => {
  const all = setting({ reconnect: true })
  const first = await all.serve()
  first.rpc('/stay', () => new Promise(() => {}))
  const stay = all.client.remote(address, '/stay')
  const once = stay()
  const twice = stay.with({ idempotent: true, timeoutMs: 60_000 })()
  t.equal(await outcomeAfter(all.clock, 10, once), 'goes on')
  await all.crash(first)
  t.equal(await outcomeAfter(all.clock, 0, once), 'unavailable/connection_lost/maybe')
  const second = await all.serve()
  second.rpc('/stay', () => 'again')
  t.equal(await outcomeAfter(all.clock, 1_000, twice), 'again')
  await all.crash(second)
  await all.close()
})

t.test('calls that a leaving server did not take are made again by the next connection', async (t) => {
  const all = setting()
  const first = await all.serve()
  let end: (value: string) => void = () => {}
  first.rpc(
    '/long',
    () =>
      new Promise((resolve) => {
        end = resolve
      }),
  )
  const long = all.client.remote(address, '/long')()
  t.equal(await outcomeAfter(all.clock, 10, long), 'goes on')
  const closing = first.close()
  // Before the goaway arrives: above its last id, and so not run.
  const above = all.client.remote(address, '/a')()
  const second = await all.serve()
  t.equal(await outcomeAfter(all.clock, 1_000, above), 'here')
  end('drained')
  t.equal(await outcomeAfter(all.clock, 1, long), 'drained', 'what was taken is answered')
  await all.clock.advance(1)
  await closing
  await all.crash(second)
  await all.close()
})

t.test('a server that lets go at once is not dialled for every call', async (t) => {
  const all = setting()
  const server = await all.serve({
    authenticate: () => {
      throw new RpcError('unauthenticated', 'Who are you?', { reason: 'unauthenticated' })
    },
  })
  const a = all.client.remote(address, '/a')
  const outcomes: unknown[] = []
  for (let call = 0; call < 200; call++) {
    a().catch((error: RpcError) => outcomes.push(`${error.code}/${error.executed}`))
    await all.clock.advance(5)
  }
  await all.clock.advance(5_000)
  t.equal(outcomes.length, 200)
  t.same([...new Set(outcomes)], ['unauthenticated/no'])
  t.ok(all.dialled.length < 10, `${all.dialled.length} dials`)
  await all.crash(server)
  await all.close()
})

t.test('closing ends streams, lets calls end, and refuses new ones', async (t) => {
  const all = setting()
  const server = await all.serve()
  let end: (value: string) => void = () => {}
  server.rpc(
    '/long',
    () =>
      new Promise((resolve) => {
        end = resolve
      }),
  )
  const long = all.client.remote(address, '/long')
  const going = long()
  await all.clock.advance(1)
  const closing = all.client.close()
  await all.clock.advance(1_000)
  t.equal(await outcomeAfter(all.clock, 0, long()), 'unavailable/closed/no')
  t.throws(() => all.client.remote('memory://elsewhere', '/x'), TypeError)
  end('in time')
  t.equal(await outcomeAfter(all.clock, 1, going), 'in time')
  await all.clock.advance(1)
  await closing
  t.same(all.events, ['connected', 'closed undefined'])
  await all.crash(server)
  await all.close()
})

t.test('a close that is cut short settles what is left', async (t) => {
  const all = setting()
  const server = await all.serve()
  server.rpc('/stay', () => new Promise(() => {}))
  const call = all.client.remote(address, '/stay').with({ timeoutMs: Infinity })()
  await all.clock.advance(1)
  const closing = all.client.close({ signal: AbortSignal.abort() })
  t.equal(await outcomeAfter(all.clock, 1, call), 'unavailable/connection_lost/maybe')
  await closing
  await all.crash(server)
  await all.close()
})

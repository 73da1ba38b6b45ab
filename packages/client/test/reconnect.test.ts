import { type Client, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { defaultLimits, RpcError, type Transport, type VirtualClock, virtualClock } from '@hawser/contract'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import t from 'tap'
import { outcomeAfter } from './support/stack.js'

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

function setting(reconnect: boolean, seed = 1): Setting {
  // The jitter of the waits is drawn from the clock; at 0.5 it adds nothing.
  const clock = Object.assign(virtualClock(seed), { random: () => 0.5 })
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
    reconnect,
    log: () => {},
    onConnect: () => void events.push('connected'),
    onClose: (_, reason) => void events.push(`closed ${reason?.reason}`),
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
    },
  }
}

t.test(
  'AM-24 by default nothing reconnects by itself: the application is told, and the next call dials',
  async (t) => {
    const all = setting(false)
    const a = all.client.remote(address, '/a')
    t.equal(
      await outcomeAfter(all.clock, 1, a()),
      'unavailable/unreachable/no',
      'F7 a call fails at once where nobody is',
    )
    let server = await all.serve()
    t.equal(await outcomeAfter(all.clock, 1, a()), 'here')
    await all.crash(server)
    t.same(all.events, ['connected', 'closed connection_lost'])
    server = await all.serve()
    await all.clock.advance(60_000)
    t.equal(all.dialled.length, 2)
    t.equal(await outcomeAfter(all.clock, 1, a()), 'here')
    t.equal(all.dialled.length, 3)
    await all.close()
    await all.crash(server)
  },
)

t.test('F7 the waits of the reconnect policy grow as the limits say, up to their cap', async (t) => {
  const all = setting(true)
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
  await all.close()
  await all.crash(server)
})

t.test('F7 calls wait for a connection no longer than their deadline', async (t) => {
  const all = setting(true)
  const call = all.client.remote(address, '/a').with({ timeoutMs: 700 })()
  t.equal(await outcomeAfter(all.clock, 699, call), 'goes on')
  await all.clock.advance(20)
  await t.rejects(call, { code: 'deadline_exceeded', executed: 'no' })
  await all.close()
  const dials = all.dialled.length
  await all.clock.advance(60_000)
  t.equal(all.dialled.length, dials, 'a closed client dials no more')
  t.equal(all.clock.pending, 0)
})

t.test(
  'F9 a lost connection is made anew: waits do not grow for a server that is mostly there, and do for one that hardly is',
  async (t) => {
    const all = setting(true)
    let server = await all.serve()
    await outcomeAfter(all.clock, 1, all.client.remote(address, '/a')())
    /** How long it takes until there is a connection again, for a server that is back at once. */
    const round = async (livesMs: number) => {
      await all.clock.advance(livesMs)
      await all.crash(server)
      const [lostAt, dials] = [all.clock.now(), all.dialled.length]
      server = await all.serve()
      while (all.events.at(-1) !== 'connected') await all.clock.advance(50)
      t.equal(all.dialled.length, dials + 1)
      return all.dialled.at(-1)! - lostAt
    }
    const { reconnectMs, reconnectMaxMs, reconnectResetMs } = defaultLimits
    for (let kill = 0; kill < 20; kill++) t.ok((await round(2_000)) <= reconnectMs / 2, 'killed every 2 s')
    let waits: number[] = []
    for (let kill = 0; kill < 12; kill++) waits.push(await round(10))
    t.ok(waits.at(-1)! >= reconnectMaxMs - 1, `${waits}`)
    waits = [await round(reconnectResetMs - 100), await round(reconnectResetMs)]
    t.ok(waits[0]! >= reconnectMaxMs - 1, 'lived shorter than it was waited for')
    t.ok(waits[1]! <= reconnectMs / 2, 'lived long enough, however long it was waited for')
    await all.close()
    await all.crash(server)
  },
)

t.test(
  'enabled says false where nobody came in all its time, and rejects where it got no answer',
  async (t) => {
    const all = setting(true)
    const a = all.client.remote(address, '/a')
    const nobody = a.enabled()
    t.equal(await outcomeAfter(all.clock, 4_990, nobody), 'goes on')
    t.equal(await outcomeAfter(all.clock, 50, nobody), false)
    t.equal(
      await outcomeAfter(all.clock, 1, a.with({ signal: AbortSignal.abort() }).enabled()),
      'cancelled/cancelled/no',
    )
    const server = await all.serve({ middleware: [() => () => new Promise(() => {})] })
    await outcomeAfter(all.clock, 60_000, all.client.connect(address))
    t.equal(
      await outcomeAfter(all.clock, 5_050, a.enabled()),
      'deadline_exceeded/deadline/maybe',
      'asked, and not answered',
    )
    await all.crash(server)
    t.equal(await outcomeAfter(all.clock, 5_050, a.with({ timeoutMs: 50 }).enabled()), false, 'gone again')
    await all.close()
  },
)

t.test('what makes no sense to try again is not tried again', async (t) => {
  const clock = virtualClock()
  const network = memory({ clock })
  let asked = 0
  const server = createServer({
    transports: [network],
    codecs,
    clock,
    log: () => {},
    authenticate() {
      asked++
      throw new RpcError('unauthenticated', 'no', { reason: 'unauthenticated' })
    },
  })
  await server.listen(address)
  const client = createClient({ transports: [network], codecs, clock, reconnect: true })
  t.equal(
    await outcomeAfter(clock, 60_000, client.remote(address, '/a')()),
    'unauthenticated/unauthenticated/no',
  )
  t.equal(await outcomeAfter(clock, 60_000, client.connect(address)), 'unauthenticated/unauthenticated/maybe')
  t.equal(asked, 2)
  const closing = Promise.all([client.close(), server.close()])
  await clock.advance(30_000)
  await closing
})

t.test('who is not let in is told so at once each time, and hardly dials', async (t) => {
  const clock = virtualClock()
  const network = memory({ clock })
  let asked = 0
  const server = createServer({
    transports: [network],
    codecs,
    clock,
    log: () => {},
    authenticate() {
      asked++
      throw new RpcError('unauthenticated', 'no', { reason: 'unauthenticated' })
    },
  })
  for (const name of ['there', 'elsewhere']) await server.listen(`memory://${name}`)
  for (const reconnect of [false, true])
    for (const to of [address, [address, 'memory://elsewhere']]) {
      asked = 0
      const client = createClient({ transports: [network], codecs, clock, reconnect })
      const a = client.remote(to, '/a')
      const outcomes = new Set<unknown>()
      for (let call = 0; call < 100; call++) outcomes.add(await outcomeAfter(clock, 5, a()))
      t.same([...outcomes], ['unauthenticated/unauthenticated/no'])
      t.match(await outcomeAfter(clock, 5, client.connect(to)), /^unauthenticated/)
      t.ok(asked <= 16, `${asked} times`)
      const closing = client.close()
      await clock.advance(30_000)
      await closing
    }
  const closing = server.close()
  await clock.advance(30_000)
  await closing
})

t.test('connect resolves with the peer, rejects for its signal, and shares one connection', async (t) => {
  const all = setting(false)
  const server = await all.serve()
  const peers = Promise.all([all.client.connect(address), all.client.connect(address)])
  await all.clock.advance(1)
  const [one, two] = await peers
  t.equal(one, two)
  t.equal(await all.client.connect(address), one)
  t.equal(all.dialled.length, 1)
  await t.rejects(all.client.connect(address, { signal: AbortSignal.abort() }), { name: 'AbortError' })
  await all.close()
  await t.rejects(all.client.connect(address), { code: 'unavailable', reason: 'closed' })
  await all.crash(server)
})

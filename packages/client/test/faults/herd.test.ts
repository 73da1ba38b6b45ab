import { type Client, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { defaultLimits, type Transport, virtualClock } from '@hawser/contract'
import { createServer } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import t from 'tap'

harness(t)

const clients = 200
const list = ['memory://a', 'memory://b']

/** How far counts are from what even ones would be. */
function chiSquare(values: readonly number[], bins: number, width: number): number {
  const counts = Array<number>(bins).fill(0)
  for (const value of values) counts[Math.min(bins - 1, Math.floor((value / width) * bins))]!++
  const even = values.length / bins
  return counts.reduce((sum, count) => sum + (count - even) ** 2 / even, 0)
}

t.test('F32 clients that lose a server come back spread out, and need not for their calls', async (t) => {
  const clock = virtualClock(11)
  const network = memory({ clock })
  const shared = { codecs: [json()], clock, log: () => {} }
  const limits = { keepAliveMs: 1e9, keepAliveTimeoutMs: 1e9, idleMs: 1e9 }
  const serve = async (name: string) => {
    const server = createServer({ ...shared, limits, transports: [network] })
    server.rpc('/who', () => name)
    await server.listen(`memory://${name}`)
    return server
  }
  let dials: { readonly client: number; readonly at: number }[] = []
  const connected = new Set<number>()
  const many: Client[] = Array.from({ length: clients }, (_, client) => {
    const dialer = {
      schemes: network.schemes,
      dial(...[address, options]: Parameters<Transport['dial']>) {
        if (address === 'memory://a') dials.push({ client, at: clock.now() })
        return network.dial(address, options)
      },
    }
    return createClient({ ...shared, limits, transports: [dialer], reconnect: true })
  })
  const [a, b] = [await serve('a'), await serve('b')]
  const all = Promise.all(many.flatMap((client) => list.map((address) => client.connect(address))))
  await clock.advance(1)
  await all
  await clock.advance(defaultLimits.reconnectResetMs)

  dials = []
  const lostAt = clock.now()
  const crash = a.close({ signal: AbortSignal.abort() })
  await clock.settle()
  const calls = Promise.all(many.map((client) => client.remote<() => string>(list, '/who')()))
  await clock.advance(1)
  t.same(new Set(await calls), new Set(['b']), 'the other server answers at once')
  await crash
  await clock.advance(defaultLimits.reconnectMs)
  const first = new Map(dials.toReversed().map(({ client, at }) => [client, at - lostAt]))
  t.equal(first.size, clients)
  const times = [...first.values()]
  t.ok(Math.max(...times) - Math.min(...times) >= 0.8 * defaultLimits.reconnectMs, 'over the whole window')
  // 21.67: what ten even bins exceed once in a hundred times.
  t.ok(chiSquare(times, 10, defaultLimits.reconnectMs) < 21.67)

  await clock.advance(4_000)
  const again = await serve('a')
  const backAt = clock.now()
  dials = []
  const back = Promise.all(
    many.map(async (client, index) => {
      await client.connect('memory://a')
      connected.add(index)
    }),
  )
  await clock.advance(60_000)
  await back
  t.equal(dials.length, clients, 'one dial each')
  t.equal(connected.size, clients)
  const last = Math.max(...dials.map(({ at }) => at)) - backAt
  t.ok(last <= 60_000)
  const slots = new Map<number, number>()
  for (const { at } of dials) slots.set(Math.floor(at / 50), (slots.get(Math.floor(at / 50)) ?? 0) + 1)
  t.ok(Math.max(...slots.values()) <= clients / 8, `${Math.max(...slots.values())} in 50 ms`)

  const closing = Promise.all([...many, b, again].map((each) => each.close()))
  await clock.advance(30_000)
  await closing
})

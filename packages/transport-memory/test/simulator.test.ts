import { harness } from '@hawser/compliance/harness'
import { type Connection, RpcError, type VirtualClock, virtualClock } from '@hawser/contract'
import t from 'tap'
import { type SimulatorOptions, simulator } from '../src/index.js'

harness(t)

interface Run {
  readonly clock: VirtualClock
  readonly client: Connection
  readonly server: Connection
  readonly atServer: Uint8Array[]
  readonly atClient: Uint8Array[]
}

async function run(options: Omit<SimulatorOptions, 'clock'>): Promise<Run> {
  const clock = virtualClock()
  const transport = simulator({ clock, ...options })
  const atServer: Uint8Array[] = []
  const atClient: Uint8Array[] = []
  let server: Connection | undefined
  await using _ = await transport.listen('memory://x', (connection) => {
    server = connection
    connection.start((bytes) => atServer.push(bytes))
  })
  const client = await transport.dial('memory://x')
  client.start((bytes) => atClient.push(bytes))
  return { clock, client, server: server!, atServer, atClient }
}

const counting = (length: number) => Uint8Array.from({ length }, (_, index) => index)
const flat = (chunks: readonly Uint8Array[]) => chunks.flatMap((chunk) => [...chunk])
const done = new RpcError('cancelled', 'done')

t.test('F2 every split delivers the same bytes, in pieces that the seed decides', async (t) => {
  const shapes = new Map<string, string>()
  for (const split of ['none', 'bytes', 'random'] as const) {
    for (const seed of [1, 2, 1]) {
      const { clock, client, atServer } = await run({ split, seed, delayMs: [1, 20] })
      for (let send = 0; send < 5; send++) client.send(counting(50))
      await clock.advance(100)
      t.same(flat(atServer), Array.from({ length: 5 }, () => [...counting(50)]).flat(), `${split} ${seed}`)
      const shape = atServer.map((chunk) => chunk.length).join()
      if (shapes.has(split + seed)) t.equal(shape, shapes.get(split + seed), 'repeatable')
      shapes.set(split + seed, shape)
      client.abort(done)
    }
  }
  t.not(shapes.get('random1'), shapes.get('random2'))
  t.match(shapes.get('bytes1'), /^1(,1){249}$/)
})

t.test('a delay is kept to, and order with it', async (t) => {
  const { clock, client, atServer } = await run({ delayMs: [10, 50] })
  for (let send = 0; send < 20; send++) client.send(Uint8Array.of(send))
  await clock.advance(9)
  t.equal(atServer.length, 0)
  await clock.advance(41)
  t.same(flat(atServer), [...counting(20)])
  client.abort(done)
})

t.test('F1 a cut at every byte delivers exactly what came before it', async (t) => {
  for (const kind of ['end', 'reset'] as const) {
    for (let at = 0; at < 12; at++) {
      for (const direction of ['toServer', 'toClient'] as const) {
        const { clock, client, server, atServer, atClient } = await run({
          faults: { [direction]: [{ at, kind }] },
        })
        const [from, got] = direction === 'toServer' ? [client, atServer] : [server, atClient]
        for (let send = 0; send < 4; send++) from.send(Uint8Array.of(3 * send, 3 * send + 1, 3 * send + 2))
        await clock.settle()
        t.same(flat(got), [...counting(at)], `${kind} ${direction} ${at}`)
        const expected = kind === 'end' ? undefined : 'connection_lost'
        t.equal((await client.closed)?.reason, expected)
        t.equal((await server.closed)?.reason, expected)
        t.equal(clock.pending, 0)
      }
    }
  }
})

t.test('a half-open connection swallows in silence; only its sender notices, by its queue', async (t) => {
  const { clock, client, server, atServer, atClient } = await run({
    faults: { toServer: [{ at: 3, kind: 'silence' }] },
  })
  client.send(counting(10))
  server.send(counting(5))
  await clock.advance(60_000)
  t.same(flat(atServer), [0, 1, 2])
  t.same(flat(atClient), [...counting(5)], 'the other direction lives')
  client.send(counting(100_000))
  await clock.advance(10_000)
  t.match(await client.closed, { reason: 'slow_consumer' })
  server.abort(done)
})

t.test('corruption flips one bit of the byte it names', async (t) => {
  const { clock, client, atServer } = await run({ faults: { toServer: [{ at: 5, kind: 'corrupt' }] } })
  client.send(counting(4))
  client.send(counting(4))
  await clock.settle()
  const got = flat(atServer)
  const sent = [0, 1, 2, 3, 0, 1, 2, 3]
  const wrong = got.map((byte, index) => byte ^ sent[index]!)
  t.equal(wrong.filter((bits) => bits !== 0).length, 1)
  t.match([1, 2, 4, 8, 16, 32, 64, 128], new Set([wrong[5]!]))
  client.abort(done)
})

t.test('loss breaks the connection of an unlucky send', async (t) => {
  const certain = await run({ loss: 1 })
  certain.client.send(counting(1))
  await certain.clock.settle()
  t.match(await certain.server.closed, { reason: 'connection_lost' })
  t.same(certain.atServer, [])
  let sends = 0
  for (let seed = 1; seed <= 30; seed++) {
    const { clock, client, server } = await run({ loss: 0.2, seed })
    let over = false
    void server.closed.then(() => {
      over = true
    })
    while (!over && sends < 10_000) {
      client.send(counting(1))
      sends++
      await clock.settle()
    }
  }
  t.ok(sends > 30 * 3 && sends < 30 * 8, `${sends / 30} sends per connection, 5 expected`)
})

t.test('faults may differ by connection', async (t) => {
  const clock = virtualClock()
  const transport = simulator({
    clock,
    faults: (connection) => (connection === 0 ? { toServer: [{ at: 0, kind: 'reset' }] } : {}),
  })
  await using _ = await transport.listen('memory://x', (connection) => connection.start(() => {}))
  const first = await transport.dial('memory://x')
  const second = await transport.dial('memory://x')
  for (const connection of [first, second]) {
    connection.start(() => {})
    connection.send(counting(1))
  }
  await clock.settle()
  t.match(await first.closed, { reason: 'connection_lost' })
  const closing = second.close()
  await clock.settle()
  await closing
  t.equal(await second.closed, undefined)
})

t.test('options that contradict each other are refused', async (t) => {
  const clock = virtualClock()
  t.throws(() => simulator({ clock, boundaries: 'message', split: 'bytes' }), TypeError)
  t.throws(() => simulator({ clock, delayMs: [2, 1] }), TypeError)
})

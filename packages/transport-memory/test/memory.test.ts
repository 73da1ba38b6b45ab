import { harness } from '@hawser/compliance/harness'
import { type Connection, RpcError, type Transport, virtualClock } from '@hawser/contract'
import t from 'tap'
import { memory, memoryNetwork } from '../src/index.js'

harness(t)

interface Pair {
  readonly client: Connection
  readonly server: Connection
}

async function pair(transport: Transport, address = 'memory://pair'): Promise<Pair> {
  let server: Connection | undefined
  await using listener = await transport.listen(address, (connection) => {
    server = connection
  })
  const client = await transport.dial(listener.address)
  return { client, server: server! }
}

const bytes = (length: number, fill = 0) => new Uint8Array(length).fill(fill)

t.test('networks are separate unless shared', async (t) => {
  const network = memoryNetwork()
  const one = memory({ network })
  const two = memory({ network })
  const other = memory()
  await using _ = await one.listen('memory://x', (accepted) => accepted.start(() => {}))
  await using connection = await two.dial('memory://x')
  t.match(connection.peer, { address: 'memory://x' })
  await t.rejects(other.dial('memory://x'), { code: 'unavailable', reason: 'unreachable', executed: 'no' })
  await t.rejects(
    two.listen('memory://x', () => {}),
    { code: 'already_exists', executed: 'no' },
  )
})

t.test('a listener closed twice does not close its successor', async (t) => {
  const transport = memory()
  const first = await transport.listen('memory://x', () => {})
  await first.close()
  await using _ = await transport.listen('memory://x', (accepted) => accepted.start(() => {}))
  await first.close()
  await using connection = await transport.dial('memory://x')
  t.equal(connection.queued, 0)
})

t.test('what is no address is a TypeError', async (t) => {
  const transport = memory()
  for (const address of [
    'memory://',
    'memory:x',
    'tcp://x',
    'memory://a/b',
    'memory://a b',
    '',
    'memory://a?b',
  ])
    await t.rejects(transport.dial(address), TypeError, address)
  await t.rejects(
    transport.listen(`memory://${'a'.repeat(257)}`, () => {}),
    TypeError,
  )
})

t.test('sent memory may be reused at once, and received memory is fresh', async (t) => {
  const clock = virtualClock()
  const { client, server } = await pair(memory({ clock }))
  const sent = bytes(4, 1)
  client.send(sent)
  t.equal(client.queued, 0)
  sent.fill(9)
  const got: Uint8Array[] = []
  server.start((chunk) => got.push(chunk))
  t.equal(got.length, 0, 'nothing is delivered inside a call')
  await clock.settle()
  t.same(got, [bytes(4, 1)])
  client.abort(new RpcError('cancelled', 'done'))
})

t.test('the sends of one turn arrive as one delivery; as messages they stay apart', async (t) => {
  for (const boundaries of ['stream', 'message'] as const) {
    const clock = virtualClock()
    const { client, server } = await pair(memory({ clock, boundaries }))
    const got: number[] = []
    server.start((chunk) => got.push(chunk.length))
    for (let length = 1; length <= 3; length++) client.send(bytes(length))
    await clock.settle()
    t.same(got, boundaries === 'stream' ? [6] : [1, 2, 3])
    client.abort(new RpcError('cancelled', 'done'))
  }
})

t.test('a peer that does not read fills its window, then the queue', async (t) => {
  const clock = virtualClock()
  const { client, server } = await pair(memory({ clock, windowBytes: 1000 }))
  server.start(() => {})
  server.pause()
  client.send(bytes(1000))
  t.equal(client.queued, 0)
  t.equal(client.send(bytes(65_535)), true)
  t.equal(client.send(bytes(1)), false)
  t.equal(client.queued, 65_536)
  let drained = false
  const draining = client.drained().then(() => {
    drained = true
  })
  await clock.settle()
  t.equal(drained, false)
  server.resume()
  await clock.settle()
  t.equal(drained, true)
  await draining
  t.equal(client.queued, 0)
  client.abort(new RpcError('cancelled', 'done'))
})

t.test('a peer that never reads is a slow consumer', async (t) => {
  const clock = virtualClock()
  const { client, server } = await pair(memory({ clock }))
  client.send(bytes(70_000))
  await clock.advance(10_000)
  t.match(await client.closed, { reason: 'slow_consumer' })
  server.start(() => {})
  await clock.settle()
  t.match(await server.closed, { code: 'unavailable', reason: 'connection_lost' })
  t.equal(clock.pending, 0)
})

t.test('a pause inside a delivery keeps the rest', async (t) => {
  const clock = virtualClock()
  const { client, server } = await pair(memory({ clock, boundaries: 'message' }))
  const got: number[] = []
  server.start((chunk) => {
    got.push(chunk[0]!)
    if (chunk[0] === 1) server.pause()
  })
  for (const value of [1, 2, 3]) client.send(Uint8Array.of(value))
  await clock.settle()
  t.same(got, [1])
  server.resume()
  await clock.settle()
  t.same(got, [1, 2, 3])
  client.abort(new RpcError('cancelled', 'done'))
})

t.test('close flushes both directions and ends both sides cleanly', async (t) => {
  const clock = virtualClock()
  const { client, server } = await pair(memory({ clock }))
  let toServer = 0
  let toClient = 0
  server.start((chunk) => {
    toServer += chunk.length
  })
  client.start((chunk) => {
    toClient += chunk.length
  })
  client.send(bytes(300_000))
  server.send(bytes(200_000))
  const closing = client.close()
  await clock.settle()
  await closing
  t.equal(await server.closed, undefined)
  t.equal(await client.closed, undefined)
  t.equal(toServer, 300_000)
  t.equal(toClient, 200_000)
  t.equal(clock.pending, 0)
})

t.test('an abort drops what was queued, not what had been passed on', async (t) => {
  const clock = virtualClock()
  const { client, server } = await pair(memory({ clock, windowBytes: 10 }))
  let got = 0
  client.send(bytes(10))
  client.send(bytes(10))
  client.abort(new RpcError('cancelled', 'enough'))
  server.start((chunk) => {
    got += chunk.length
  })
  await clock.settle()
  t.equal(got, 10)
  t.match(await server.closed, { reason: 'connection_lost' })
  t.match(await client.closed, { code: 'cancelled' })
})

t.test('sending to a peer that is gone ends a paused connection too', async (t) => {
  const clock = virtualClock()
  const { client, server } = await pair(memory({ clock }))
  server.start(() => {})
  server.pause()
  client.abort(new RpcError('cancelled', 'enough'))
  server.send(bytes(1))
  await clock.settle()
  t.match(await server.closed, { reason: 'connection_lost' })
})

t.test('a listener that throws costs the one connection', async (t) => {
  const clock = virtualClock()
  const transport = memory({ clock })
  await using _ = await transport.listen('memory://x', () => {
    throw new Error('bad listener')
  })
  const client = await transport.dial('memory://x')
  client.start(() => {})
  await clock.settle()
  t.match(await client.closed, { reason: 'connection_lost' })
})

t.test('an aborted signal stops dial and listen with its reason', async (t) => {
  const transport = memory()
  const reason = new Error('no more')
  const signal = AbortSignal.abort(reason)
  await t.rejects(
    transport.listen('memory://x', () => {}, { signal }),
    reason,
  )
  await t.rejects(transport.dial('memory://x', { signal }), reason)
})

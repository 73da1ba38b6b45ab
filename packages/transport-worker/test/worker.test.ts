import { MessageChannel, type MessagePort, type Transferable } from 'node:worker_threads'
import { harness, heapGrowth } from '@hawser/compliance/harness'
import { type Connection, limitsWith, RpcError, virtualClock } from '@hawser/contract'
import t from 'tap'
import {
  type PortLike,
  type WorkerEvent,
  type WorkerOptions,
  type WorkerTransport,
  worker,
} from '../src/index.js'
import { connect, pass } from './support.js'

harness(t)

interface Pair {
  readonly here: WorkerTransport
  readonly there: WorkerTransport
  readonly near: MessagePort
  readonly far: MessagePort
}

function pair(options: WorkerOptions = {}): Pair {
  const { port1: near, port2: far } = new MessageChannel()
  return {
    here: worker({ ...options, workers: { x: near } }),
    there: worker({ ...options, workers: { x: far } }),
    near,
    far,
  }
}

const echo = (connection: Connection) => connection.start((bytes) => connection.send(bytes))
const unreachable = { code: 'unavailable', reason: 'unreachable', executed: 'no', retryable: true }

/** Sends one byte there and back. */
async function alive(connection: Connection): Promise<boolean> {
  const answer = new Promise<Uint8Array>((resolve) => connection.start(resolve))
  connection.send(Uint8Array.of(7))
  return (await answer)[0] === 7
}

t.test('both sides dial and listen over one port', async (t) => {
  const { here, there } = pair()
  for (const [dialer, acceptor] of [
    [here, there],
    [there, here],
  ] as const) {
    await using _ = await acceptor.listen('worker://x', echo)
    await using connection = await dialer.dial('worker://x')
    t.match(connection.peer, { address: 'worker://x', host: 'worker://x' })
    t.ok(await alive(connection))
  }
})

t.test('a thread may be added after it is listened for, and be taken away', async (t) => {
  const { port1, port2 } = new MessageChannel()
  const [here, there] = [worker(), worker()]
  await t.rejects(here.dial('worker://x'), unreachable)
  await using _ = await there.listen('worker://x', echo)
  there.add('x', port2)
  here.add('x', port1)
  await using connection = await here.dial('worker://x')
  t.equal(here.remove('x'), true)
  t.equal(here.remove('x'), false)
  await t.rejects(here.dial('worker://x'), unreachable)
  t.ok(await alive(connection), 'connections live on')
  for (const name of ['', '*', 'a/b']) t.throws(() => here.add(name, port1), TypeError)
})

t.test('worker://* is listened on for every thread, unless its name is', async (t) => {
  const [a, b] = [new MessageChannel(), new MessageChannel()]
  const here = worker({ workers: { a: a.port1 } })
  const from: string[] = []
  await using _ = await here.listen('worker://*', (connection) => {
    from.push(`* ${connection.peer.address}`)
    echo(connection)
  })
  here.add('b', b.port1)
  const dial = async (port: MessagePort) => {
    await using connection = await worker({ workers: { main: port } }).dial('worker://main')
    t.ok(await alive(connection))
  }
  await dial(a.port2)
  await dial(b.port2)
  const own = await here.listen('worker://a', (connection) => {
    from.push(`a ${connection.peer.address}`)
    echo(connection)
  })
  await dial(a.port2)
  await own.close()
  await dial(a.port2)
  t.same(from, ['* worker://a', '* worker://b', 'a worker://a', '* worker://a'])
})

t.test('the port stays the user’s: other messages pass by, on both sides', async (t) => {
  const { here, there, near, far } = pair()
  await using _ = await there.listen('worker://x', echo)
  await using connection = await here.dial('worker://x')
  const odd = [
    null,
    1,
    'open',
    'abort',
    { hawser: 'worker/1' },
    { hawser: 'worker/1', port: 1 },
    { hawser: 'worker/1', port: {} },
    { hawser: 'worker/2', port: null },
    ['end'],
    new SharedArrayBuffer(8),
  ]
  const seen = (port: MessagePort) =>
    new Promise<number>((resolve) => {
      let count = 0
      port.addEventListener('message', () => {
        if (++count === odd.length) resolve(count)
      })
      port.start()
    })
  const both = Promise.all([seen(near), seen(far)])
  for (const message of odd) {
    near.postMessage(message)
    far.postMessage(message)
  }
  t.same(await both, [odd.length, odd.length])
  t.ok(await alive(connection))
  near.close()
})

t.test('two transports on one port do not disturb each other', async (t) => {
  const { port1, port2 } = new MessageChannel()
  const here = worker({ workers: { x: port1 } })
  const listening = worker({ workers: { x: port2 } })
  const closed = worker({ workers: { x: port2 } })
  const dialling = worker({ workers: { x: port2 } })
  await (await closed.listen('worker://x', echo)).close()
  await using _ = await listening.listen('worker://x', echo)
  await using __ = await here.listen('worker://x', echo)
  for (let round = 0; round < 10; round++) {
    await using connection = await here.dial('worker://x')
    t.ok(await alive(connection))
    await using back = await dialling.dial('worker://x')
    t.ok(await alive(back))
  }
})

t.test('a dial that nobody answers ends by its time, its signal, or with the port', async (t) => {
  const clock = virtualClock()
  const { port1, port2 } = new MessageChannel()
  const here = worker({ clock, workers: { x: port1 }, connectTimeoutMs: 700 })
  const late = here.dial('worker://x')
  const abort = new AbortController()
  const reason = new Error('no more')
  const aborted = here.dial('worker://x', { signal: abort.signal })
  const replaced = here.dial('worker://x')
  abort.abort(reason)
  await t.rejects(aborted, reason)
  await clock.advance(700)
  await t.rejects(late, { ...unreachable, message: /700 ms/ })
  await t.rejects(replaced, unreachable)
  const waiting = here.dial('worker://x')
  here.add('x', new MessageChannel().port1)
  await t.rejects(waiting, unreachable)
  here.add('x', port1)
  const left = here.dial('worker://x')
  port2.close()
  await t.rejects(left, unreachable)
  await t.rejects(here.dial('worker://x'), { ...unreachable, message: /ended/ })
  t.equal(clock.pending, 0)
})

t.test('a dial to a thread that does not listen yet waits for it', async (t) => {
  const { here, there } = pair()
  const dialling = here.dial('worker://x')
  await pass(20)
  await using _ = await there.listen('worker://x', echo)
  await using connection = await dialling
  t.ok(await alive(connection))
})

t.test('what is over a cap is refused and counted', async (t) => {
  const events: WorkerEvent[] = []
  const one = new MessageChannel()
  const two = new MessageChannel()
  const there = worker({
    limits: limitsWith({ connections: 3, connectionsPerPeer: 2 }),
    count: (event) => events.push(event),
    workers: { one: one.port2, two: two.port2 },
  })
  await using _ = await there.listen('worker://*', echo)
  const first = worker({ workers: { x: one.port1 } })
  const second = worker({ workers: { x: two.port1 } })
  const open = [await first.dial('worker://x'), await first.dial('worker://x')]
  await t.rejects(first.dial('worker://x'), unreachable)
  open.push(await second.dial('worker://x'))
  await t.rejects(second.dial('worker://x'), unreachable)
  t.same(events, ['worker_drop_peer', 'worker_drop_connections'])
  for (const connection of open) await connection.close()
  await using again = await first.dial('worker://x')
  t.ok(await alive(again))
})

t.test('what has come before a clean end is read, however late', async (t) => {
  const { here, there } = pair()
  const { client, server } = await connect(here, there, 'x')
  client.start(() => {})
  const got: number[] = []
  server.start((bytes) => {
    got.push(bytes.length)
    server.pause()
  })
  for (const size of [1, 20_000, 3]) client.send(new Uint8Array(size))
  await pass(10)
  const closing = client.close()
  await pass(10)
  t.same(got, [1])
  while (got.length < 3) {
    server.resume()
    await pass(1)
  }
  server.resume()
  await closing
  t.same(got, [1, 20_000, 3])
  t.equal(await server.closed, undefined)
  t.equal(await client.closed, undefined)
})

t.test('a peer that does not read holds its sender to the window, and is cut off in the end', async (t) => {
  const clock = virtualClock()
  const { here, there } = pair({ clock, windowBytes: 100_000 })
  const { client, server } = await connect(here, there, 'x')
  let got = 0
  server.start((bytes) => {
    got += bytes.length
  })
  await pass(10)
  server.pause()
  const piece = new Uint8Array(30_000)
  for (let count = 0; count < 10; count++) client.send(piece)
  await pass(10)
  t.equal(client.queued, 180_000, 'four went, the last of them past the end of the window')
  t.equal(got, 0)
  await clock.advance(10_000)
  t.match(await client.closed, { reason: 'slow_consumer' })
  await pass(10)
  t.match(await server.closed, { reason: 'connection_lost' })
  t.equal(got, 0)
})

t.test('memory that was taken away from its sender is no message', async (t) => {
  const { here, there } = pair()
  await using _ = await there.listen('worker://x', echo)
  await using connection = await here.dial('worker://x')
  const gone = new Uint8Array(100_000)
  structuredClone(gone, { transfer: [gone.buffer] })
  t.equal(connection.send(gone), true)
  t.ok(await alive(connection))
})

t.test('small messages of one turn are posted together and stay apart', async (t) => {
  const { here, there } = pair()
  const { client, server } = await connect(here, there, 'x')
  const got: Uint8Array[] = []
  server.start((bytes) => got.push(bytes))
  client.start(() => {})
  await pass(10)
  const memory = new Uint8Array(50_000).fill(1)
  for (const size of [5, 6, 20_000]) client.send(memory.subarray(size, 2 * size))
  memory.fill(2)
  await pass(10)
  t.same(
    got.map(({ length }) => length),
    [5, 6, 20_000],
  )
  t.equal(new Set(got.map(({ buffer }) => buffer)).size, 1)
  t.ok(got.every((bytes) => bytes.every((byte) => byte === 1)))
  await Promise.all([client.close(), server.close()])
})

t.test('any object with the methods of a port will do', async (t) => {
  const { port1, port2 } = new MessageChannel()
  const port: PortLike = {
    postMessage: (message: unknown, transfer?: readonly object[]) =>
      port1.postMessage(message, transfer as Transferable[]),
    addEventListener: (type, listener) => port1.addEventListener(type, listener as (event: Event) => void),
    removeEventListener: (type, listener) =>
      port1.removeEventListener(type, listener as (event: Event) => void),
  }
  const here = worker({ workers: { x: port } })
  await using _ = await worker({ workers: { x: port2 } }).listen('worker://x', echo)
  await using connection = await here.dial('worker://x')
  t.ok(await alive(connection))
})

t.test('a window that is none is a TypeError', async (t) => {
  for (const windowBytes of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
    t.throws(() => worker({ windowBytes }), TypeError)
  const { here, there } = pair({ windowBytes: 1 })
  await using _ = await there.listen('worker://x', echo)
  await using connection = await here.dial('worker://x')
  t.ok(await alive(connection), 'the smallest one does')
})

t.test('in a main thread there is no parent', async (t) => {
  await t.rejects(worker().dial('worker://parent'), unreachable)
})

t.test('F39 listeners, connections and failed dials come and go without a trace', async (t) => {
  const { here, there } = pair()
  const round = async () => {
    for (let index = 0; index < 100; index++) {
      const ends: Promise<unknown>[] = []
      const listener = await there.listen('worker://x', (connection) => {
        echo(connection)
        ends.push(connection.closed)
      })
      const client = await here.dial('worker://x')
      await alive(client)
      if (index % 2) await client.close()
      else client.abort(new RpcError('cancelled', 'enough'))
      await Promise.all(ends)
      await listener.close()
      await here.dial('worker://x').catch(() => {})
    }
  }
  const growth = await heapGrowth(round, { rounds: 5, warmUp: 3 })
  t.ok(growth < 500_000, `${growth} bytes after 500 of each`)
})

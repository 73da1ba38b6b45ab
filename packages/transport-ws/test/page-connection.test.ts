import { type Connection, defaultLimits, RpcError, type VirtualClock, virtualClock } from '@hawser/contract'
import t from 'tap'
import { connectionOver } from '../src/browser/connection.js'
import type { NativeSocket } from '../src/browser/native-socket.js'

// A buffer that fills and empties as a test says, which no real peer does on time.
class Socket implements NativeSocket {
  binaryType = 'arraybuffer'
  readyState = 1
  bufferedAmount = 0
  readonly closes: (number | undefined)[] = []
  onopen: NativeSocket['onopen'] = null
  onmessage: NativeSocket['onmessage'] = null
  onclose: NativeSocket['onclose'] = null
  onerror: NativeSocket['onerror'] = null
  send({ length }: Uint8Array): void {
    this.bufferedAmount += length
  }
  close(code?: number): void {
    this.closes.push(code)
    this.readyState = 2
  }
  come(...bytes: number[]): void {
    this.onmessage?.({ data: Uint8Array.from(bytes).buffer })
  }
}

const share = 256 * 1024
const limits = { ...defaultLimits, writeSoftBytes: 1_000, writeKillBytes: 10_000, writeStallMs: 5_000 }

interface Made {
  readonly socket: Socket
  readonly clock: VirtualClock
  readonly connection: Connection
  readonly got: number[]
}

function make(): Made {
  const socket = new Socket()
  const clock = virtualClock()
  const connection = connectionOver(socket, { address: 'ws://a:80' }, { clock, limits })
  return { socket, clock, connection, got: [] }
}

async function reasonOf(connection: Connection): Promise<string | undefined> {
  return (await connection.closed)?.reason
}

t.test('what waits to be read is kept up to a limit', async (t) => {
  const { socket, connection, got } = make()
  socket.come(1)
  connection.start(([byte]) => {
    got.push(byte!)
    if (byte === 2) connection.pause()
  })
  socket.come(2)
  socket.come(3)
  t.same(got, [1, 2])
  connection.resume()
  t.same(got, [1, 2, 3])
  connection.pause()
  for (let i = 0; i < 200; i++) socket.come(4)
  t.equal(await reasonOf(connection), 'slow_consumer', 'empty messages cost something, too')
  t.same(got, [1, 2, 3])
})

t.test('what came before the end is delivered before it', async (t) => {
  const { socket, connection, got } = make()
  socket.come(1)
  socket.onclose?.({ code: 1013, reason: '' })
  let ended = false
  void connection.closed.then(() => {
    ended = true
  })
  await null
  t.notOk(ended)
  connection.start(([byte]) => void got.push(byte!))
  t.same(got, [1])
  t.equal(await reasonOf(connection), 'overloaded')
})

t.test('text is refused, and a receiver that throws ends its connection', async (t) => {
  const text = make()
  text.socket.onmessage?.({ data: 'text' })
  t.equal(await reasonOf(text.connection), 'bad_frame')
  t.same(text.socket.closes, [4003])
  const throws = make()
  throws.connection.start(() => {
    throw new Error('broken')
  })
  throws.socket.come(1)
  t.equal((await throws.connection.closed)?.message, 'broken')
})

t.test('a sender waits until the platform holds less', async (t) => {
  const { socket, clock, connection } = make()
  t.ok(connection.send(new Uint8Array(share + 999)))
  t.notOk(connection.send(new Uint8Array(1)))
  t.equal(connection.queued, 1_000)
  const drained = connection.drained()
  const left = new AbortController()
  const waits = connection.drained({ signal: left.signal })
  left.abort('left')
  await t.rejects(waits)
  await clock.advance(100)
  socket.bufferedAmount = share
  await clock.advance(4)
  await drained
  t.equal(connection.queued, 0)
  connection.abort(new RpcError('cancelled', 'enough'))
})

t.test('a peer that stops to read is dropped: late where little is queued, soon where much is', async (t) => {
  for (const [queued, ms] of [
    [1, 5_000],
    [10_001, 1_000],
  ] as const) {
    const { clock, connection, socket } = make()
    connection.send(new Uint8Array(share + queued + 100))
    await clock.advance(ms - 4)
    socket.bufferedAmount -= 100
    await clock.advance(ms - 4)
    t.equal(connection.queued, queued)
    await clock.advance(8)
    t.equal(await reasonOf(connection), 'slow_consumer')
  }
  const { connection } = make()
  connection.send(new Uint8Array(share + 40_001))
  connection.send(new Uint8Array(1))
  t.equal(await reasonOf(connection), 'slow_consumer', 'at once where it is far too much')
})

t.test('a page that was asleep has not seen its peer stall', async (t) => {
  const { clock, connection, socket } = make()
  connection.send(new Uint8Array(share + 100))
  let ended = false
  void connection.closed.then(() => {
    ended = true
  })
  socket.bufferedAmount -= 1
  const timer = clock.timer
  clock.timer = (_ms, callback) => timer.call(clock, 60_000, callback)
  await clock.advance(4)
  for (let i = 0; i < 4; i++) {
    await clock.advance(60_000)
    await null
    t.notOk(ended)
  }
  await clock.advance(120_000)
  t.equal(await reasonOf(connection), 'slow_consumer')
})

t.test('a peer that does not close in turn is left', async (t) => {
  const { clock, connection, socket, got } = make()
  socket.come(1)
  connection.start(([byte]) => void got.push(byte!))
  connection.pause()
  const closed = connection.close()
  socket.come(2)
  t.same(got, [1, 2], 'what comes while closing is read')
  t.ok(connection.send(new Uint8Array(1)), 'and nothing is sent')
  await clock.advance(1_000)
  await closed
  t.equal(await reasonOf(connection), undefined)
  t.same(socket.closes, [1000, 1000])
})

import { defaultLimits, RpcError, type VirtualClock, virtualClock } from '@hawser/contract'
import t from 'tap'
import { type Driver, DriverConnection } from '../src/connection.js'

const { writeSoftBytes, writeKillBytes, writeStallMs } = defaultLimits

/** A driver whose far end is the test: it decides what is passed on and when. */
class ScriptedDriver implements Driver {
  queued = 0
  verbs: string[] = []
  onEnd: (() => void) | undefined
  write(bytes: Uint8Array): void {
    this.queued += bytes.length
  }
  end(): void {
    this.verbs.push('end')
    this.onEnd?.()
  }
  destroy(): void {
    this.verbs.push('destroy')
  }
  pause(): void {
    this.verbs.push('pause')
  }
  resume(): void {
    this.verbs.push('resume')
  }
}

interface Setup {
  clock: VirtualClock
  driver: ScriptedDriver
  connection: DriverConnection
  pass(bytes: number): void
}

function setup(): Setup {
  const clock = virtualClock()
  const driver = new ScriptedDriver()
  const connection = new DriverConnection(driver, {
    boundaries: 'stream',
    peer: { address: 'test://peer' },
    clock,
  })
  return {
    clock,
    driver,
    connection,
    pass(bytes) {
      driver.queued -= bytes
      connection.flushed()
    },
  }
}

const bytes = (length: number) => new Uint8Array(length)
const lost = () => new RpcError('unavailable', 'gone', { reason: 'connection_lost' })
/** What a promise has come to, without waiting for it. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  return Promise.race([
    promise.then(
      () => 'resolved',
      () => 'rejected',
    ),
    Promise.resolve()
      .then(() => {})
      .then(() => 'pending'),
  ])
}

t.test('start delivers early bytes in order, then opens the input', async (t) => {
  const { connection, driver } = setup()
  connection.received(Uint8Array.of(1))
  connection.received(Uint8Array.of(2))
  const got: number[] = []
  connection.start((chunk) => {
    if (got.length === 0) connection.received(Uint8Array.of(3))
    got.push(chunk[0]!)
  })
  t.same(got, [1, 2, 3], 'what comes while early bytes are delivered waits its turn')
  t.same(driver.verbs, ['resume'])
  t.throws(() => connection.start(() => {}), TypeError, 'once only')
})

t.test('early bytes survive an end by the peer, not an abort', async (t) => {
  const ended = setup().connection
  ended.received(Uint8Array.of(1))
  ended.ended()
  const got: number[] = []
  ended.start((chunk) => got.push(chunk[0]!))
  t.same(got, [1])

  const aborted = setup().connection
  aborted.received(Uint8Array.of(1))
  aborted.abort(lost())
  aborted.start(() => t.fail('delivered after abort'))
  aborted.received(Uint8Array.of(2))

  const during = setup().connection
  during.received(Uint8Array.of(1))
  during.received(Uint8Array.of(2))
  let count = 0
  during.start(() => {
    count++
    during.abort(lost())
  })
  t.equal(count, 1, 'an abort in the middle of start stops it')
})

t.test('pause and resume before start neither open the input nor get lost', async (t) => {
  const { connection, driver } = setup()
  connection.resume()
  connection.pause()
  t.same(driver.verbs, [])
  connection.start(() => {})
  t.same(driver.verbs, [], 'still paused')
  connection.resume()
  connection.resume()
  t.same(driver.verbs, ['resume'])
})

t.test('a receiver that pauses while it gets early bytes stays paused', async (t) => {
  const { connection, driver } = setup()
  connection.received(bytes(1))
  connection.start(() => connection.pause())
  t.same(driver.verbs, ['pause'])
})

t.test('what is rewound is as it came, and can be started once more', async (t) => {
  for (const early of [true, false]) {
    const { connection, driver } = setup()
    const got: string[] = []
    const second = (chunk: Uint8Array) => void got.push(`second ${chunk[0]}`)
    const first = (chunk: Uint8Array) => {
      got.push(`first ${chunk[0]}`)
      if (chunk[0] !== 2) return
      connection.rewind(Uint8Array.of(9))
      if (early) connection.received(Uint8Array.of(4))
      connection.start(second)
    }
    if (early) for (const number of [1, 2, 3]) connection.received(Uint8Array.of(number))
    connection.start(first)
    if (!early) for (const number of [1, 2, 3, 4]) connection.received(Uint8Array.of(number))
    t.same(got, ['first 1', 'first 2', 'second 9', 'second 3', 'second 4'])
    t.throws(() => connection.start(() => {}), TypeError)
    if (!early) t.same(driver.verbs, ['resume', 'resume'], 'it has flowed all the time')
  }
})

t.test('input waits for who is to start it after a rewind, and its end is no hindrance', async (t) => {
  const { connection, driver } = setup()
  const got: number[] = []
  connection.start((chunk) => connection.rewind(chunk))
  connection.received(Uint8Array.of(1))
  connection.received(Uint8Array.of(2))
  connection.received(Uint8Array.of(3))
  t.same(driver.verbs, ['resume', 'pause'])
  connection.ended()
  connection.start((chunk) => got.push(chunk[0]!))
  t.same(got, [1, 2, 3])
})

t.test('a receiver that throws ends its connection with the cause', async (t) => {
  const { connection, driver } = setup()
  const cause = new Error('bad receiver')
  connection.start(() => {
    throw cause
  })
  connection.received(bytes(1))
  t.match(await connection.closed, { code: 'internal', cause })
  t.same(driver.verbs, ['resume', 'destroy'])
})

t.test('send tells of backpressure at the soft limit, and drained waits for it', async (t) => {
  const { connection, driver, pass, clock } = setup()
  t.equal(connection.send(bytes(writeSoftBytes - 1)), true, 'limit - 1')
  t.equal(await stateOf(connection.drained()), 'resolved')
  t.equal(connection.send(bytes(1)), false, 'limit')
  t.equal(connection.send(bytes(1)), false, 'limit + 1')
  const drained = connection.drained()
  t.equal(await stateOf(drained), 'pending')
  pass(1)
  t.equal(await stateOf(drained), 'pending', 'the limit itself is still too much')
  pass(1)
  t.equal(await stateOf(drained), 'resolved')
  t.equal(connection.queued, writeSoftBytes - 1)
  pass(driver.queued)
  await clock.advance(1_000)
  t.equal(clock.pending, 0, 'no timer outlives the queue')
})

t.test('drained rejects for its signal alone, with its reason', async (t) => {
  const { connection } = setup()
  connection.send(bytes(writeSoftBytes))
  const abort = new AbortController()
  const cancelled = connection.drained({ signal: abort.signal })
  const other = connection.drained()
  const reason = new Error('enough')
  abort.abort(reason)
  await t.rejects(cancelled, reason)
  await t.rejects(connection.drained({ signal: abort.signal }), reason)
  connection.ended(lost())
  await other
  await connection.drained()
})

t.test('a write that the system takes at once costs no timer', async (t) => {
  const { connection, driver, clock } = setup()
  driver.write = () => {}
  t.equal(connection.send(bytes(10)), true)
  t.equal(clock.pending, 0)
})

t.test('a queue without progress is killed at the stall limit, not before', async (t) => {
  const { connection, driver, clock } = setup()
  connection.send(bytes(1))
  await clock.advance(writeStallMs - 1)
  t.same(driver.verbs, [])
  await clock.advance(1)
  t.match(await connection.closed, { code: 'unavailable', reason: 'slow_consumer' })
  t.same(driver.verbs, ['destroy'])
  t.equal(clock.pending, 0)
})

t.test('progress starts the stall anew; sending more does not', async (t) => {
  const { connection, driver, clock, pass } = setup()
  connection.send(bytes(10))
  await clock.advance(writeStallMs - 1)
  pass(1)
  await clock.advance(writeStallMs - 1)
  t.same(driver.verbs, [])
  connection.send(bytes(10))
  await clock.advance(1_001)
  t.match(await connection.closed, { reason: 'slow_consumer' })
})

t.test('more than the kill size is cut after a second without progress', async (t) => {
  for (const [size, killed] of [
    [writeKillBytes - 1, false],
    [writeKillBytes, false],
    [writeKillBytes + 1, true],
  ] as const) {
    const { connection, driver, clock } = setup()
    connection.send(bytes(size))
    await clock.advance(999)
    t.same(driver.verbs, [], `${size} within the second`)
    await clock.advance(2)
    t.same(driver.verbs, killed ? ['destroy'] : [], `${size} after it`)
    connection.abort(lost())
  }
})

t.test('a queue over the kill size that moves lives on', async (t) => {
  const { connection, driver, clock, pass } = setup()
  connection.send(bytes(writeKillBytes + 100))
  for (let second = 0; second < 20; second++) {
    pass(1)
    await clock.advance(1_000)
  }
  t.same(driver.verbs, [])
  connection.abort(lost())
})

t.test('a queue four times over the kill size takes no more', async (t) => {
  const { connection, driver } = setup()
  driver.write = (chunk) => {
    driver.queued += chunk.length
  }
  connection.send(bytes(1))
  driver.queued = 4 * writeKillBytes
  t.equal(connection.send(bytes(1)), false, 'at the limit')
  t.same(driver.verbs, [])
  t.equal(connection.send(bytes(1)), true, 'past it: dropped with the connection')
  t.match(await connection.closed, { reason: 'slow_consumer' })
  t.equal(connection.queued, 0)
})

t.test('close flushes first, is idempotent and equals disposal', async (t) => {
  const { connection, driver, clock } = setup()
  connection.start(() => {})
  connection.send(bytes(5))
  const all = Promise.all([connection.close(), connection.close(), connection[Symbol.asyncDispose]()])
  t.equal(connection.send(bytes(1)), true)
  t.equal(driver.queued, 5, 'a send after the end is dropped')
  connection.ended()
  await all
  t.equal(await connection.closed, undefined)
  await connection.close()
  connection.abort(lost())
  t.equal(await connection.closed, undefined, 'an end is final')
  t.same(driver.verbs, ['resume', 'end', 'resume'])
  t.equal(clock.pending, 0)
})

t.test('close reads on, so that a paused connection sees its peer end', async (t) => {
  const { connection, driver } = setup()
  connection.start(() => {})
  connection.pause()
  const closing = connection.close()
  connection.pause()
  t.same(driver.verbs, ['resume', 'pause', 'end', 'resume'])
  connection.ended()
  await closing
})

t.test('close waits a whole second after the last byte for the peer to end', async (t) => {
  const { connection, driver, clock, pass } = setup()
  connection.send(bytes(5))
  const closing = connection.close()
  await clock.advance(900)
  pass(5)
  await clock.advance(1_000)
  t.equal(driver.verbs.includes('destroy'), false)
  await clock.advance(100)
  await closing
  t.equal(driver.verbs.at(-1), 'destroy')
  t.equal(await connection.closed, undefined, 'all was sent: a clean end')
  t.equal(clock.pending, 0)
})

t.test('a close whose queue stalls ends as a slow consumer', async (t) => {
  const { connection, clock } = setup()
  connection.send(bytes(5))
  const closing = connection.close()
  await clock.advance(writeStallMs)
  await closing
  t.match(await connection.closed, { reason: 'slow_consumer' })
})

t.test('a driver may end from inside end: nothing is armed or resumed after it', async (t) => {
  const { connection, driver, clock } = setup()
  driver.onEnd = () => connection.ended()
  await connection.close()
  t.same(driver.verbs, ['end'])
  t.equal(clock.pending, 0)
})

t.test('a driver may end from inside write', async (t) => {
  const { connection, driver, clock } = setup()
  driver.write = () => {
    driver.queued = 1
    connection.ended(new Error('EPIPE'))
  }
  t.equal(connection.send(bytes(1)), true)
  t.match(await connection.closed, { code: 'unavailable', reason: 'connection_lost' })
  t.equal(clock.pending, 0)
})

t.test('the signal of close turns it into an abort', async (t) => {
  const { connection, driver } = setup()
  const abort = new AbortController()
  const closing = connection.close({ signal: abort.signal })
  abort.abort()
  await closing
  t.match(await connection.closed, { code: 'cancelled', reason: 'closed' })
  t.equal(driver.verbs.at(-1), 'destroy')

  const late = setup()
  await late.connection.close({ signal: AbortSignal.abort() })
  t.equal(late.driver.verbs.at(-1), 'destroy')
})

t.test('abort drops the queue, keeps the first reason and never rejects', async (t) => {
  const { connection, driver, clock } = setup()
  connection.start(() => t.fail('delivered after abort'))
  connection.send(bytes(5))
  const reason = lost()
  connection.abort(reason)
  connection.abort(new RpcError('internal', 'second'))
  connection.ended(new Error('third'))
  connection.received(bytes(1))
  connection.pause()
  connection.resume()
  t.equal(await connection.closed, reason)
  t.equal(connection.queued, 0)
  t.equal(connection.send(bytes(1)), true)
  await connection.drained()
  await connection.close()
  t.same(driver.verbs, ['resume', 'destroy'])
  t.equal(clock.pending, 0)
})

t.test('an end with an error carries it as the cause; an RpcError passes as it is', async (t) => {
  const first = setup().connection
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  first.ended(cause)
  t.match(await first.closed, { code: 'unavailable', reason: 'connection_lost', retryable: true, cause })
  const second = setup().connection
  const error = lost()
  second.ended(error)
  t.equal(await second.closed, error)
})

t.test('bytes for a connection that closes unstarted are not kept', async (t) => {
  const { connection } = setup()
  const closing = connection.close()
  connection.received(bytes(1))
  connection.ended()
  await closing
  connection.start(() => t.fail('kept'))
})

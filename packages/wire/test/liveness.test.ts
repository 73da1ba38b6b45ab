import { type Handler, type Reply, RpcError, reasons, virtualClock } from '@hawser/contract'
import t from 'tap'
import { encode, type Frame, openerHello, preface } from './support/frame.js'
import { raw } from './support/raw.js'
import { textOf, world } from './support/world.js'

const never: Handler = () => new Promise<Reply>(() => {})
const echo: Handler = (call) => ({ output: call.input })

t.test('a handshake that takes longer than 5 s is given up, on either side', async (t) => {
  for (const role of ['acceptor', 'opener'] as const) {
    const peer = raw(role)
    await peer.clock.advance(4_999)
    t.equal(peer.ended, undefined)
    await peer.clock.advance(12)
    t.match(peer.ended, {}, role)
    t.match(await peer.session.closed, { code: 'unavailable', reason: 'handshake_timeout' })
    t.equal(peer.side.counts.get('connection_handshake_timeout'), 1)
    await peer.end(t)
  }
})

t.test('a hello that is dribbled is given up after the same 5 s', async (t) => {
  const peer = raw('acceptor')
  const bytes = [...preface, ...encode(openerHello())]
  for (let index = 0; index < 6; index++) {
    await peer.send(Uint8Array.of(bytes[index]!))
    await peer.clock.advance(1_000)
  }
  t.match(await peer.session.closed, { reason: 'handshake_timeout' })
  await peer.end(t)
})

t.test('F3 an idle connection that has died is found within 40 s', async (t) => {
  const w = world({ acceptor: { limits: { keepAliveMs: 1e9 } } })
  await w.clock.settle()
  w.pair.silence()
  await w.clock.advance(39_990)
  t.equal(w.opener.open, true)
  await w.clock.advance(30)
  t.equal(w.opener.open, false)
  t.match(await w.opener.closed, { code: 'unavailable', reason: 'silent', retryable: true })
  t.equal(w.openerSide.counts.get('connection_silent'), 1)
  await w.end(t)
})

t.test('F4 with a call under way it is found within 20 s, and the call settles', async (t) => {
  const w = world({ acceptor: { handler: never } })
  const made = w.call('/x')
  await w.clock.settle()
  w.pair.silence()
  await w.clock.advance(20_030)
  t.match(made.error, { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' })
  t.equal(made.settled, 1)
  await w.end(t)
})

t.test(
  'a quiet connection is pinged every 30 s, one with a call under way every 10 s, and lives',
  async (t) => {
    const peer = raw('opener')
    await peer.greet()
    const run = async (seconds: number): Promise<number[]> => {
      const at: number[] = []
      for (let second = 0; second < seconds; second++) {
        await peer.clock.advance(1_000)
        for (const frame of peer.frames()) {
          if (frame.kind !== 'ping') continue
          at.push(Math.round(peer.clock.now() / 1_000))
          await peer.send({ kind: 'pong', id: frame.id })
        }
      }
      return at
    }
    t.same(await run(95), [30, 60, 90])
    peer.call('/x')
    const [first, ...others] = await run(50)
    t.ok(first! <= 95 + 10)
    t.same(
      others.slice(0, 3).map((at, index) => at - [first!, ...others][index]!),
      [10, 10, 10],
    )
    t.equal(peer.ended, undefined)
    await peer.end(t)
  },
)

t.test('two sessions left alone never take each other’s pings for a flood', async (t) => {
  const w = world({ acceptor: { handler: never } })
  w.call('/x')
  w.callBack('/y')
  await w.clock.advance(600_000)
  t.same([w.opener.open, w.acceptor.open], [true, true])
  await w.end(t)
  const eager = world({ opener: { limits: { keepAliveMs: 100, keepAliveTimeoutMs: 100 } } })
  await eager.clock.advance(100_000)
  t.equal(eager.opener.open, true, 'not even when one is set to be eager')
  await eager.end(t)
})

t.test('bytes of any kind count as life', async (t) => {
  const peer = raw('opener')
  await peer.greet()
  for (let turn = 0; turn < 10; turn++) {
    await peer.clock.advance(20_000)
    await peer.send({ kind: 50 })
  }
  t.same(peer.frames(), [], 'no ping was needed')
  await peer.end(t)
})

t.test('an idle connection is closed after 15 min, give or take a tenth', async (t) => {
  const ends: number[] = []
  for (let seed = 1; seed <= 8; seed++) {
    const w = world({
      clock: virtualClock(seed * 7_919),
      acceptor: { limits: { idleMs: 1e9 } },
      opener: { limits: { idleMs: 60_000 } },
    })
    await w.clock.advance(53_990)
    t.equal(w.opener.open, true)
    while (w.opener.open) await w.clock.advance(100)
    ends.push(w.clock.now())
    t.ok(w.clock.now() <= 66_200, `${w.clock.now()}`)
    t.match(await w.opener.closed, { reason: 'idle' })
    t.match(await w.acceptor.closed, { code: 'unavailable', reason: 'idle', retryable: true })
    await w.end(t)
  }
  t.ok(new Set(ends).size > 4, 'not all at once')
})

t.test('a connection in use is not idle, however short its calls, on either side', async (t) => {
  const idle = { limits: { idleMs: 60_000 } }
  const w = world({ opener: idle, acceptor: { ...idle, handler: echo } })
  for (let minute = 0; minute < 10; minute++) {
    await w.clock.advance(30_000)
    const made = w.call('/x', { input: 'y' })
    await w.clock.settle()
    t.equal(textOf(made.reply?.output), 'y')
  }
  t.same([w.opener.open, w.acceptor.open], [true, true])
  await w.end(t)
  const told = world({ opener: idle, acceptor: idle })
  for (let minute = 0; minute < 10; minute++) {
    await told.clock.advance(30_000)
    told.acceptor.notify({ type: 'tick', codec: 'raw', body: new Uint8Array(0) })
  }
  t.same([told.opener.open, told.acceptor.open], [true, true], 'nor is one with notifications')
  await told.end(t)
  const long = world({ opener: idle, acceptor: { ...idle, handler: never } })
  long.call('/x')
  await long.clock.advance(600_000)
  t.equal(long.opener.open, true, 'nor one with a call that goes on')
  await long.end(t)
})

t.test('a connection past its age goes away when its calls are done', async (t) => {
  const peer = raw('acceptor', { limits: { connectionAgeMs: 60_000, keepAliveMs: 1e9 }, handler: never })
  await peer.greet()
  await peer.send({ kind: 'request', flags: 1, id: 1, name: '/x' })
  await peer.clock.advance(53_000)
  t.equal(peer.session.open, true)
  for (let second = 0; second < 14 && peer.session.open; second++) await peer.clock.advance(1_000)
  t.match(
    peer.frames().filter(({ kind }) => kind === 'goaway'),
    [{ id: 1, detail: reasons.draining }],
  )
  await peer.clock.advance(25_020)
  t.match(peer.ended, {}, 'at the latest when the drain is over')
  await peer.end(t)
})

/** A request of 1 MiB, of which `bytes` are sent every second. */
async function dribble(bytes: number, seconds: number): Promise<{ open: boolean; reason: unknown }> {
  const peer = raw('acceptor', { handler: echo })
  await peer.greet()
  const whole = encode({ kind: 'request', flags: 1, id: 1, name: '/x', body: '00'.repeat(1 << 20) })
  for (let second = 0; second < seconds && peer.session.open; second++) {
    await peer.send(whole.subarray(second * bytes, (second + 1) * bytes))
    await peer.clock.advance(1_000)
  }
  const { open } = peer.session
  const reason = open ? undefined : (await peer.session.closed)?.reason
  await peer.end({ equal: () => undefined } as never)
  return { open, reason }
}

t.test('a frame has to grow by 1 KiB a second after its first 10 s', async (t) => {
  t.match(await dribble(1, 60), { open: false, reason: 'bad_frame' })
  t.match(await dribble(500, 60), { open: false, reason: 'bad_frame' })
  t.match(await dribble(1_200, 60), { open: true })
})

t.test('a frame that stops growing is cut off when its bytes are used up, whenever it began', async (t) => {
  for (const beganMs of [0, 3_333, 9_990, 12_345, 19_999])
    for (const bytes of [1, 11, 2_048]) {
      const peer = raw('acceptor', { handler: echo })
      await peer.greet()
      await peer.clock.advance(beganMs)
      const whole = encode({ kind: 'request', flags: 1, id: 1, name: '/x', body: '00'.repeat(10_000) })
      await peer.send(whole.subarray(0, bytes))
      const dueMs = 10_000 + (bytes / 1_024) * 1_000
      await peer.clock.advance(dueMs)
      t.equal(peer.ended, undefined, `${bytes} bytes from ${beganMs} ms on`)
      await peer.clock.advance(20)
      t.match(peer.ended, {})
      t.match(await peer.session.closed, { reason: 'bad_frame' })
      t.same(
        peer.frames().filter(({ kind }) => kind === 'goaway'),
        [],
        'without a word',
      )
      await peer.end(t)
    }
})

t.test('a busy connection whose chunks never end with a frame is not taken for a dribble', async (t) => {
  const peer = raw('acceptor', { handler: echo })
  await peer.greet()
  const frame = (id: number) => encode({ kind: 'request', flags: 1, id, name: '/x', body: '00'.repeat(200) })
  await peer.send(frame(1).subarray(0, 100))
  for (let id = 1; id < 2_000; id += 2) {
    await peer.send(frame(id).subarray(100), frame(id + 2).subarray(0, 100))
    await peer.clock.advance(100)
    peer.frames()
  }
  t.equal(peer.session.open, true)
  await peer.end(t)
})

t.test('a large frame that is skipped has its progress counted', async (t) => {
  const peer = raw('acceptor', { handler: echo, limits: { receiveBytes: 20_000 } })
  await peer.greet()
  const whole = encode({ kind: 'request', flags: 1, id: 1, name: '/x', body: '00'.repeat(70_000) })
  for (let at = 0; at < whole.length; at += 2_000) {
    await peer.send(whole.subarray(at, at + 2_000))
    await peer.clock.advance(1_000)
  }
  t.match(
    peer.frames().filter(({ kind }) => kind === 'error'),
    [{ id: 1, reason: reasons.too_large }],
  )
  t.equal(peer.session.open, true)
  await peer.end(t)
})

t.test('a peer that reads slowly, but reads, is neither silent nor a dribble', async (t) => {
  const peer = raw('acceptor', {
    handler: () => ({ output: new Uint8Array(100_000) }),
    split: () => 1_000,
    windowBytes: 1_000,
  })
  await peer.greet()
  peer.pause()
  const second: Frame = { kind: 'request', flags: 1, id: 3, name: '/x' }
  await peer.send({ kind: 'request', flags: 1, id: 1, name: '/x' })
  await peer.send(encode(second).subarray(0, 10))
  // 1,000 bytes of what is queued are taken every 5 s: the write queue moves, and stays over its soft limit.
  for (let turn = 0; turn < 20; turn++) {
    await peer.clock.advance(5_000)
    await peer.takeOne()
  }
  t.equal(peer.session.open, true)
  t.ok(peer.session.connection.queued > 65_536)
  peer.resume()
  await peer.send(encode(second).subarray(10))
  t.same(
    peer.frames().map(({ kind, id }) => [kind, id]),
    [
      ['reply', 1],
      ['reply', 3],
    ],
  )
  await peer.end(t)
})

t.test('when both sides are done the wheel has nothing left', async (t) => {
  const w = world({ acceptor: { handler: echo } })
  w.call('/x')
  await w.clock.settle()
  w.opener.abort(new RpcError('cancelled', 'over'))
  await w.clock.settle()
  await w.clock.advance(20_000)
  t.equal(w.clock.pending, 0)
  await w.end(t)
})

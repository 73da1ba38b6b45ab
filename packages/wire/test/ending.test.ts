import { type Handler, type Reply, RpcError, reasons } from '@hawser/contract'
import fc from 'fast-check'
import t from 'tap'
import { encode, type Frame, openerHello, preface } from './support/frame.js'
import { type Cut, concat } from './support/pair.js'
import { raw } from './support/raw.js'
import { gate, items, type Made, stream, textOf, utf8, type World, world } from './support/world.js'

const echo: Handler = (call) => ({ output: call.input })
const never: Handler = () => new Promise<Reply>(() => {})
const untilCancelled: Handler = (call) =>
  new Promise<Reply>((_, reject) => call.onCancel({ cancelled: reject }))
const request = (id: number): Frame => ({ kind: 'request', flags: 1, id, name: '/x' })

/** A bit of everything, to be cut off. */
function everything(w: World): Made[] {
  return [
    w.call('/unary', { input: 'a', headers: new Map([['k', 'v']]) }),
    w.call('/server', { kind: 'server-stream', input: 'b' }),
    w.call('/client', { kind: 'client-stream', input: stream('c', 'd') }),
    w.call('/duplex', { kind: 'duplex', input: stream('e', 'f', 'g') }),
    w.call('/error', { input: 'h' }),
    w.callBack('/back', { input: 'i' }),
  ]
}
const handler: Handler = async (call): Promise<Reply> => {
  if (call.method === '/error') throw new RpcError('aborted', 'as asked')
  if (call.kind === 'client-stream') return { output: utf8((await items(call.input)).join('')) }
  if (call.kind === 'server-stream') return { output: stream('1', '2') }
  return { output: call.input }
}
const both = { opener: { handler: echo }, acceptor: { handler } }

/** What came of a call, as text; the items of a stream with it. */
async function outcome(made: Made): Promise<string> {
  await made.done
  if (made.error) return `${made.error.code} ${made.error.executed}`
  const output = made.reply?.output
  if (output === undefined) return 'nothing'
  if (output instanceof Uint8Array) return textOf(output)
  return (await items(output)).map((item) => (item instanceof RpcError ? item.code : item)).join()
}

/** Where a side's bytes are cut: at each byte of each frame's head, or only around it; and now and then in a body. */
function cuts(bytes: Uint8Array, closely: boolean): Set<number> {
  const places = new Set<number>([0, bytes.length])
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  for (let at = preface.length; at < bytes.length; at += 4 + view.getUint32(at))
    for (let head = 0; head <= 12; head++)
      if (closely || head === 0 || head === 1 || head === 4 || head === 12) places.add(at + head)
  for (let at = 1; at < bytes.length; at += closely ? 5 : 11) places.add(at)
  return places
}

t.test(
  'F1 cut inside every frame, in every way: each call settles once, none with half a frame',
  async (t) => {
    const whole = world(both)
    const wanted = everything(whole)
    await whole.clock.settle()
    const good = await Promise.all(wanted.map(outcome))
    t.same(good, ['a', '1,2', 'cd', 'e,f,g', 'aborted maybe', 'i'])
    const { sentBy } = whole.pair
    await whole.end(t)
    let runs = 0
    // What has come is the same whichever way it stops, so one of them is tried closely.
    for (const from of ['opener', 'acceptor'] as const)
      for (const kind of ['end', 'reset', 'silence'] as const)
        for (const at of cuts(sentBy(from), kind === 'end')) {
          const cut: Cut = { from, at, kind }
          const w = world({ ...both, cut })
          const made = everything(w)
          await w.clock.settle()
          const texts = Promise.all(made.map(outcome))
          await w.clock.advance(kind === 'silence' ? 60_000 : 100)
          for (const [index, text] of (await texts).entries()) {
            if (made[index]!.settled !== 1)
              throw new Error(`settled ${made[index]!.settled} times: ${JSON.stringify(cut)}`)
            const ends = text.endsWith('unavailable') || text.startsWith('unavailable')
            if (text !== good[index] && !ends) throw new Error(`${text} at ${JSON.stringify(cut)}`)
          }
          if (w.opener.active > 0 || w.acceptor.active > 0)
            throw new Error(`a place is kept: ${JSON.stringify(cut)}`)
          w.opener.abort(new RpcError('cancelled', 'over'))
          w.acceptor.abort(new RpcError('cancelled', 'over'))
          await w.clock.settle()
          w.timers.close()
          if (w.clock.pending > 0) throw new Error(`a timer is left: ${JSON.stringify(cut)}`)
          runs++
        }
    t.ok(runs > 700, `${runs} cuts`)
  },
)

t.test('F2 split into single bytes, the same session comes out the same', async (t) => {
  for (const split of [() => 1, (left: number) => Math.ceil(left / 2), () => 7]) {
    const w = world({ ...both, split })
    const made = everything(w)
    await w.clock.settle()
    t.same(await Promise.all(made.map(outcome)), ['a', '1,2', 'cd', 'e,f,g', 'aborted maybe', 'i'])
    await w.end(t)
  }
})

t.test('F35 cancel, reply, deadline and close in any order: one outcome', async (t) => {
  let orders = 0
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.constantFrom('unary' as const, 'server-stream' as const),
      fc.shuffledSubarray(['reply', 'fail', 'cancel', 'deadline', 'close', 'abort', 'lose'] as const, {
        minLength: 2,
      }),
      async (scheduler, kind, events) => {
        orders++
        const answer = gate<Reply>()
        let ran = 0
        const w = world({
          acceptor: {
            handler: () => {
              ran++
              return answer.promise
            },
          },
        })
        const made = w.call('/x', { kind, timeoutMs: 1_000 })
        await w.clock.settle()
        const doing: Record<(typeof events)[number], () => unknown> = {
          reply: () => answer.open({ output: kind === 'unary' ? utf8('done') : stream('done') }),
          fail: () => answer.fail(new RpcError('aborted', 'failed')),
          cancel: () => made.cancel(),
          deadline: () => w.clock.advance(1_010),
          close: () => void w.opener.close(),
          abort: () => w.acceptor.abort(new RpcError('unavailable', 'gone')),
          lose: () => w.pair.reset(),
        }
        const all = events.map((event) =>
          scheduler.schedule(Promise.resolve(event)).then(() => doing[event]()),
        )
        await scheduler.waitAll()
        await Promise.all(all)
        await w.clock.settle()
        const text = made.reply && !(made.reply.output instanceof Uint8Array) ? outcome(made) : undefined
        answer.open({ output: utf8('late') })
        await w.clock.advance(60_000)
        seen.add((await text) ?? (await outcome(made)))
        if (made.settled !== 1) throw new Error(`settled ${made.settled} times`)
        if (ran !== 1) throw new Error(`ran ${ran} times`)
        w.opener.abort(new RpcError('cancelled', 'over'))
        w.acceptor.abort(new RpcError('cancelled', 'over'))
        await w.clock.settle()
        if (w.opener.active + w.acceptor.active > 0) throw new Error('a place is kept')
        w.timers.close()
        if (w.clock.pending > 0) throw new Error('a timer is left')
      },
    ),
    { numRuns: 1_000 },
  )
  t.ok(orders >= 1_000)
  t.ok(seen.has('done') && seen.size >= 4, [...seen].sort().join(' | '))
})

t.test('F36 when the ids run out the connection goes away, and no id comes twice', async (t) => {
  const last = Math.floor(0.75 * 2 ** 32)
  const w = world({ native: { firstCall: last - 3 }, acceptor: { handler: echo } })
  await w.clock.settle()
  const held = w.call('/first', { input: 'a' })
  const made = w.call('/second', { input: 'b' })
  const late = w.call('/third')
  t.match(late.error, { code: 'unavailable', executed: 'no', retryable: true })
  await w.clock.settle()
  t.same([textOf(held.reply?.output), textOf(made.reply?.output)], ['a', 'b'])
  t.same([w.opener.open, w.acceptor.open], [false, false])
  t.match(await w.acceptor.closed, { reason: 'draining' })
  await w.end(t)
  const top = raw('acceptor', { handler: echo })
  await top.greet()
  await top.send(request(2 ** 32 - 1))
  t.match(top.frames(), [{ kind: 'reply', id: 2 ** 32 - 1 }], 'ids up to the top are taken')
  await top.send(request(1))
  t.match(top.frames(), [{ kind: 'goaway' }], 'and do not begin anew')
  await top.end(t)
})

t.test('a goaway names the last call taken: those above were not executed', async (t) => {
  const peer = raw('opener')
  await peer.greet()
  const made = [1, 2, 3].map(() => peer.call('/x', { timeoutMs: 5_000 }))
  await peer.clock.settle()
  await peer.send({ kind: 'goaway', id: 3, detail: reasons.draining, message: 'bye' })
  t.match(
    made.map(({ error }) => error),
    [undefined, undefined, { code: 'unavailable', reason: 'draining', executed: 'no', retryable: true }],
  )
  t.equal(peer.session.open, false)
  t.match(peer.call('/late').error, { reason: 'draining', executed: 'no', retryable: true })
  await peer.send({ kind: 'reply', id: 1 })
  t.equal(made[0]!.settled, 1)
  peer.close()
  await peer.clock.settle()
  t.match(made[1]!.error, { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' })
  t.match(await peer.session.closed, { reason: 'draining' })
  await peer.end(t)
})

t.test('F37 a goaway that crosses new calls: they were not run, and say so', async (t) => {
  let ran = 0
  const w = world({
    acceptor: {
      handler: async (call) => {
        ran++
        await new Promise<void>((resolve) => void w.clock.timer(100, resolve))
        return { output: call.input }
      },
    },
  })
  const before = w.call('/x', { input: 'before' })
  await w.clock.settle()
  const closing = w.acceptor.close()
  const crossing = w.call('/x', { input: 'crossing', kind: 'client-stream' })
  const large = w.call('/x', { input: new Uint8Array(1 << 20) })
  await w.clock.settle()
  t.match(crossing.error, { code: 'unavailable', reason: 'closed', executed: 'no', retryable: true })
  t.match(large.error, { executed: 'no' })
  await w.clock.advance(200)
  t.equal(textOf(before.reply?.output), 'before')
  t.equal(ran, 1)
  await closing
  t.equal(await w.acceptor.closed, undefined)
  await w.end(t)
})

t.test('after a goaway of its own an acceptor ignores further calls of any size', async (t) => {
  const peer = raw('acceptor', { handler: never })
  await peer.greet()
  await peer.send(request(1))
  void peer.session.close()
  await peer.clock.settle()
  t.match(peer.frames(), [{ kind: 'goaway', id: 1, detail: reasons.closed }])
  await peer.send(
    request(3),
    { ...request(5), body: '00'.repeat(5_000_000) },
    { kind: 'item', id: 3 },
    { kind: 'cancel', id: 3 },
    { kind: 'end', id: 5 },
    { kind: 'ping', id: 9 },
  )
  t.match(peer.frames(), [{ kind: 'pong', id: 9 }])
  t.equal(peer.side.counts.get('frame_stray'), undefined)
  await peer.end(t)
})

t.test('close lets running calls end, takes no new ones, and is idempotent', async (t) => {
  const answer = gate<Reply>()
  const w = world({ acceptor: { handler: () => answer.promise }, opener: { handler: untilCancelled } })
  const made = w.call('/x')
  const back = w.callBack('/y')
  await w.clock.settle()
  const closing = [w.opener.close(), w.opener.close(), w.opener[Symbol.asyncDispose]()]
  t.equal(w.opener.open, false)
  t.match(w.call('/late').error, { code: 'unavailable', reason: 'closed', executed: 'no' })
  answer.open({ output: utf8('done') })
  await w.clock.settle()
  t.equal(textOf(made.reply?.output), 'done')
  t.equal(back.settled, 0, 'a call of the other side is waited for too')
  await w.clock.advance(25_010)
  await Promise.all(closing)
  t.match(back.error, { code: 'unavailable', reason: 'connection_lost' })
  t.match(await w.opener.closed, { reason: 'draining' }, 'what is left after 25 s is cut off')
  await w.end(t)
})

t.test('close before the hello: calls already sent are answered all the same', async (t) => {
  const w = world({ acceptor: { handler: echo } })
  const sent = w.call('/x', { input: 'early' })
  const waiting = w.call('/x', { input: new Uint8Array(1 << 20) })
  const closing = w.opener.close()
  await w.clock.settle()
  await closing
  t.equal(textOf(sent.reply?.output), 'early')
  t.match(waiting.error, { reason: 'closed', executed: 'no' })
  t.equal(await w.opener.closed, undefined)
  await w.end(t)
  const deaf = raw('opener')
  const closed = deaf.session.close()
  const lost = deaf.call('/x')
  t.match(lost.error, { executed: 'no' })
  await deaf.clock.settle()
  await closed
  await deaf.end(t)
  const acceptor = raw('acceptor')
  const declined = acceptor.session.close()
  await acceptor.clock.settle()
  t.match(
    acceptor.frames(true),
    [{ kind: 'goaway', id: 0, detail: reasons.closed }],
    'calls on their way are not lost',
  )
  await acceptor.clock.advance(2_000)
  await declined
  await acceptor.end(t)
})

t.test('close with a signal is an abort when that is aborted', async (t) => {
  for (const early of [true, false]) {
    const w = world({ acceptor: { handler: never } })
    const made = w.call('/x')
    await w.clock.settle()
    const stop = new AbortController()
    if (early) stop.abort()
    const closing = w.opener.close({ signal: stop.signal })
    if (!early) {
      await w.clock.settle()
      t.equal(made.settled, 0)
      stop.abort()
    }
    await w.clock.settle()
    await closing
    t.match(made.error, { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' })
    t.match(await w.opener.closed, { code: 'cancelled', reason: 'closed' })
    await w.end(t)
  }
})

t.test('an abort settles everything on both sides at once, and tells the handlers', async (t) => {
  const told: unknown[] = []
  const w = world({
    acceptor: {
      handler: (call) => {
        call.onCancel({ cancelled: (reason) => void told.push(reason) })
        return new Promise<Reply>((_, reject) =>
          call.signal.addEventListener('abort', () => reject(call.signal.reason)),
        )
      },
    },
  })
  const made = [w.call('/x'), w.call('/y', { kind: 'client-stream', input: stream() })]
  await w.clock.settle()
  const reason = new RpcError('unavailable', 'pulled the plug', { reason: 'closed' })
  w.opener.abort(reason)
  t.same(
    made.map(({ settled }) => settled),
    [1, 1],
  )
  t.match(made[0]!.error, { reason: 'connection_lost', executed: 'maybe', cause: reason })
  await w.clock.settle()
  t.equal(await w.opener.closed, reason)
  t.equal(told.length, 2)
  t.match(await w.acceptor.closed, { code: 'unavailable', reason: 'connection_lost' })
  t.match(w.call('/late').error, { executed: 'no' }, 'what begins after the end was not executed')
  t.equal(w.acceptor.active, 0)
  await w.end(t)
})

t.test('a cancel reaches the handler, and the call is over for the caller at once', async (t) => {
  const told: unknown[] = []
  const ended = gate()
  const w = world({
    acceptor: {
      handler: async (call) => {
        call.onCancel({ cancelled: (reason) => void told.push(reason) })
        await ended.promise
        return { output: utf8('too late') }
      },
    },
  })
  const early = w.call('/early')
  early.cancel()
  t.match(early.error, { code: 'cancelled' })
  await w.clock.settle()
  const made = w.call('/x')
  await w.clock.settle()
  made.cancel()
  t.match(made.error, { code: 'cancelled', reason: 'cancelled' })
  await w.clock.settle()
  t.match(told, [{ code: 'cancelled' }, { code: 'cancelled' }])
  t.same([w.opener.active, w.acceptor.active], [0, 2], 'the handlers still run')
  ended.open()
  await w.clock.settle()
  t.equal(w.acceptor.active, 0)
  const before = w.call('/x', {})
  before.cancel()
  await w.clock.settle()
  const dead = new RpcError('cancelled', 'before it began')
  const cancelled = world()
  const call = cancelled.call('/x')
  call.call.cancel(dead)
  t.match(call.error, { message: 'before it began' })
  await cancelled.end(t)
  await w.end(t)
})

t.test('a deadline ends the call on both sides without a word, another’s is told', async (t) => {
  const told: unknown[] = []
  const w = world({
    acceptor: {
      handler: (call) => {
        call.onCancel({ cancelled: (reason) => void told.push(reason) })
        return new Promise<Reply>(() => {})
      },
    },
  })
  const made = w.call('/x', { timeoutMs: 100 })
  await w.clock.settle()
  const sent = w.pair.sentBy('opener').length
  await w.clock.advance(110)
  t.match(made.error, { code: 'deadline_exceeded', reason: 'deadline', executed: 'maybe' })
  t.match(told, [{ code: 'deadline_exceeded' }])
  t.equal(w.pair.sentBy('opener').length, sent, 'no cancel was needed')
  const other = w.call('/y')
  await w.clock.settle()
  other.call.cancel(new RpcError('deadline_exceeded', 'of the caller’s caller', { reason: 'deadline' }))
  await w.clock.settle()
  t.match(told[1], { code: 'deadline_exceeded' })
  await w.end(t)
  const late = world({ acceptor: { handler: () => t.fail('ran') as never } })
  await late.clock.advance(10)
  const passed = late.call('/x', { timeoutMs: -1 })
  t.match(passed.error, { code: 'deadline_exceeded', executed: 'no' })
  await late.end(t)
})

t.test('a reply that was there before the deadline wins over it', async (t) => {
  const w = world({ acceptor: { handler: echo } })
  await w.clock.settle()
  const made = w.call('/x', { timeoutMs: 100, input: 'in time' })
  const { now } = w.clock
  let skew = 0
  Object.assign(w.clock, { now: () => now() + skew })
  // Both the answer and the timer wait for a process that was held up.
  skew = 5_000
  await w.clock.settle()
  t.equal(textOf(made.reply?.output), 'in time')
  await w.end(t)
})

for (const how of ['end', 'reset'] as const)
  t.test(`a connection that ends before it says hello is neither counted nor logged: ${how}`, async (t) => {
    for (const bytes of [0, 1, 8, 12]) {
      const w = raw('acceptor')
      if (bytes > 0) await w.send(concat([preface, encode(openerHello())]).subarray(0, bytes))
      if (how === 'end') w.close()
      await w.clock.settle()
      await w.end(t)
      t.match(await w.session.closed, { reason: 'connection_lost' })
      t.same([w.side.logs, [...w.side.counts], w.side.opened], [[], [], []], `${bytes}`)
    }
  })

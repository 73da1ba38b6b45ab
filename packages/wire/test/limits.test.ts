import { type Handler, type Limits, type Reply, RpcError, reasons } from '@hawser/contract'
import t from 'tap'
import { encode, type Frame } from './support/frame.js'
import { raw } from './support/raw.js'
import { gate, type Made, textOf, utf8, type World, world } from './support/world.js'

const echo: Handler = (call) => ({ output: call.input })
const never: Handler = () => new Promise<Reply>(() => {})
const overloaded = { code: 'resource_exhausted', reason: 'overloaded', executed: 'no', retryable: true }
const tooLarge = { code: 'resource_exhausted', reason: 'too_large', retryable: false }

/** Two sessions, greeted. */
async function greeted(opener: Partial<Limits>, acceptor: Partial<Limits>, handler = echo): Promise<World> {
  const w = world({ opener: { limits: opener }, acceptor: { limits: acceptor, handler } })
  await w.clock.settle()
  return w
}
async function settled(w: World, made: Made): Promise<Made> {
  await w.clock.settle()
  return made
}

t.test('message size: limit - 1, limit and limit + 1, whichever side has the lower one', async (t) => {
  const limit = 20_000
  // A request with its name in full, then by index: 12 bytes of frame, 6 of request, 2 + 2 of "/x".
  for (const [opener, acceptor] of [
    [{ sendBytes: limit }, {}],
    [{}, { receiveBytes: limit }],
  ] as const)
    for (const size of [limit - 1, limit, limit + 1]) {
      const w = await greeted(opener, acceptor)
      const made = await settled(w, w.call('/x', { input: new Uint8Array(size - 22) }))
      if (size <= limit) t.equal((made.reply!.output as Uint8Array).length, size - 22, `${size}`)
      else t.match(made.error, { ...tooLarge, executed: 'no' }, `${size}`)
      const next = await settled(w, w.call('/x', { input: 'ok' }))
      t.equal(textOf(next.reply?.output), 'ok', 'the connection is kept')
      await w.end(t)
    }
})

t.test('reply size: the same, and the call was executed', async (t) => {
  const limit = 20_000
  for (const [opener, acceptor] of [
    [{}, { sendBytes: limit }],
    [{ receiveBytes: limit }, {}],
  ] as const)
    for (const size of [limit - 1, limit, limit + 1]) {
      const w = await greeted(opener, acceptor, () => ({ output: new Uint8Array(size - 12) }))
      const made = await settled(w, w.call('/x'))
      if (size <= limit) t.equal((made.reply!.output as Uint8Array).length, size - 12, `${size}`)
      else t.match(made.error, { ...tooLarge, executed: 'yes' }, `${size}`)
      await w.end(t)
    }
})

t.test('received size: a peer that does not keep to it is answered, skipped or closed', async (t) => {
  const limit = 20_000
  const sized = (id: number, size: number): Frame => ({
    kind: 'request',
    flags: 1,
    id,
    name: '/x',
    body: '00'.repeat(size - 22),
  })
  const peer = raw('acceptor', { handler: echo, limits: { receiveBytes: limit } })
  await peer.greet()
  await peer.send(sized(1, limit - 1), sized(3, limit), sized(5, limit + 1), sized(7, 4 * limit))
  t.match(
    peer.frames().map(({ kind, id, reason }) => [kind, id, reason]),
    [
      ['reply', 1, undefined],
      ['reply', 3, undefined],
      ['error', 5, reasons.too_large],
      ['error', 7, reasons.too_large],
    ],
  )
  await peer.send(sized(9, 4 * limit + 1))
  t.match(peer.frames(), [{ kind: 'goaway', id: 7, detail: reasons.too_large }])
  await peer.end(t)
  const small = raw('acceptor', { handler: echo, limits: { receiveBytes: 2_000 } })
  await small.greet()
  await small.send(sized(1, 65_536))
  t.match(
    small.frames(),
    [{ kind: 'error', id: 1, reason: reasons.too_large }],
    'early calls always fit a skip',
  )
  await small.end(t)
})

t.test('details that do not fit are left out of their error', async (t) => {
  const details = new Uint8Array(30_000)
  const w = await greeted({ receiveBytes: 20_000 }, {}, () => {
    throw new RpcError('aborted', 'with details', { details })
  })
  const made = await settled(w, w.call('/x'))
  t.match(made.error, { code: 'aborted', message: 'with details', details: undefined })
  await w.end(t)
})

t.test('an error fits what the other side takes, whatever its message and details', async (t) => {
  for (const [details, body] of [
    [undefined, ''],
    [new Uint8Array(1_000), ''],
  ] as const) {
    const peer = raw('acceptor', {
      handler: () => {
        throw new RpcError('aborted', 'é'.repeat(600), { details })
      },
    })
    await peer.greet({ receiveBytes: 1_024 })
    await peer.send({ kind: 'request', flags: 1, id: 1, name: '/x' })
    const [frame] = peer.frames()
    t.match(frame, { kind: 'error', id: 1, code: 10, message: 'é'.repeat(503), body })
    t.ok(encode(frame!).length <= 1_024)
    await peer.end(t)
  }
})

t.test('in flight: the caller waits for a place, in order', async (t) => {
  for (const limit of [1, 4]) {
    const ends: (() => void)[] = []
    const order: string[] = []
    const w = await greeted({}, { inFlight: limit }, (call) => {
      order.push(textOf(call.input))
      return new Promise<Reply>((resolve) => ends.push(() => resolve({ output: call.input })))
    })
    const made = Array.from({ length: limit + 3 }, (_, index) => w.call('/x', { input: `${index}` }))
    await w.clock.settle()
    t.equal(order.length, limit)
    t.equal(w.opener.active, limit + 3)
    while (ends.length > 0) {
      ends.shift()!()
      await w.clock.settle()
      t.ok(w.acceptor.active <= limit)
    }
    t.same(
      order,
      made.map((_, index) => `${index}`),
    )
    t.ok(made.every(({ reply }) => reply))
    await w.end(t)
  }
})

t.test('in flight: an opener that does not wait is refused, not executed', async (t) => {
  const peer = raw('acceptor', { handler: never, limits: { inFlight: 3 } })
  await peer.greet()
  for (let id = 1; id <= 9; id += 2) await peer.send({ kind: 'request', flags: 1, id, name: '/x' })
  t.match(peer.frames(), [
    { kind: 'error', id: 7, code: 8, reason: reasons.overloaded, facts: 4 },
    { kind: 'error', id: 9, code: 8, reason: reasons.overloaded, facts: 4 },
  ])
  await peer.end(t)
  const small = world({ acceptor: { handler: never, limits: { inFlight: 3 } } })
  const early = Array.from({ length: 5 }, () => small.call('/x'))
  await small.clock.settle()
  t.match(
    early.slice(3).map(({ error }) => error),
    [overloaded, overloaded],
    'early calls do not know yet',
  )
  await small.end(t)
})

t.test('waiting calls and bytes: beyond the limit the newest is refused', async (t) => {
  const count = await greeted({ waitingCalls: 3 }, { inFlight: 1 }, never)
  const made = Array.from({ length: 6 }, () => count.call('/x'))
  t.match(
    made.map(({ error }) => error),
    [undefined, undefined, undefined, undefined, overloaded, overloaded],
  )
  made[1]!.cancel()
  t.match(made[1]!.error, { code: 'cancelled', executed: 'no' }, 'one that never left was not executed')
  t.equal(count.opener.active, 3, 'and is forgotten')
  t.match(
    [count.call('/x').error, count.call('/x').error],
    [undefined, overloaded],
    'so there is room for one',
  )
  await count.end(t)

  const bytes = await greeted({ waitingBytes: 1_000 }, { inFlight: 1 }, never)
  bytes.call('/x')
  const sized = [999, 1, 1].map((size) => bytes.call('/x', { input: new Uint8Array(size) }))
  t.match(
    sized.map(({ error }) => error),
    [undefined, undefined, overloaded],
  )
  sized[0]!.cancel()
  t.match(bytes.call('/x', { input: new Uint8Array(1_000) }).error, overloaded)
  t.equal(bytes.call('/x', { input: new Uint8Array(999) }).error, undefined)
  await bytes.end(t)
})

t.test('calls wait for the write queue, and go on with it', async (t) => {
  const w = await greeted({}, { receiveBytes: 1 << 22 })
  const made = Array.from({ length: 20 }, () => w.call('/x', { input: new Uint8Array(50_000) }))
  t.ok(w.opener.connection.queued < 200_000, `${w.opener.connection.queued} bytes are queued`)
  await w.clock.settle()
  t.ok(made.every(({ reply }) => reply))
  await w.end(t)
})

t.test('interned methods: as many as both remember, the others in full', async (t) => {
  for (const [mine, theirs] of [
    [2, 1_024],
    [1_024, 2],
    [0, 0],
  ] as const) {
    const w = await greeted({ internedMethods: mine }, { internedMethods: theirs }, (call) => ({
      output: utf8(call.method),
    }))
    for (let round = 0; round < 2; round++)
      for (const name of ['/a', '/b', '/c', '/d'])
        t.equal(textOf((await settled(w, w.call(name))).reply?.output), name)
    t.equal(w.acceptor.open, true)
    await w.end(t)
  }
  const peer = raw('acceptor', { handler: echo, limits: { internedMethods: 2 } })
  await peer.greet()
  const define = (id: number, index: number): Frame => ({
    kind: 'request',
    flags: 1,
    id,
    index,
    name: `/${index}`,
  })
  await peer.send(define(1, 0), define(3, 1))
  t.equal(peer.frames().length, 2)
  await peer.send(define(5, 2))
  t.match(peer.frames(), [{ kind: 'goaway', detail: reasons.bad_frame }])
  await peer.end(t)
})

t.test('method names and headers of a caller are checked before anything is sent', async (t) => {
  const w = await greeted({}, {})
  const sent = w.pair.sentBy('opener').length
  for (const method of ['', 'm'.repeat(257), '\udc00'])
    t.match(w.call(method).error, { code: 'invalid_argument', executed: 'no' })
  t.match(w.call('/x', { headers: new Map([['Bad', '']]) }).error, { reason: 'bad_header', executed: 'no' })
  await w.clock.settle()
  t.equal(w.pair.sentBy('opener').length, sent)
  for (const size of [255, 256])
    t.ok((await settled(w, w.call('m'.repeat(size)))).reply, `${size} bytes of name`)
  await w.end(t)
})

t.test('cancels go out at half the rate that was announced', async (t) => {
  const w = await greeted({}, { cancelBurst: 10, cancelRate: 4 }, never)
  const made = Array.from({ length: 40 }, () => w.call('/x'))
  await w.clock.settle()
  for (const each of made) each.cancel()
  t.ok(
    made.every(({ error }) => error?.code === 'cancelled'),
    'the callers do not wait for it',
  )
  await w.clock.settle()
  t.equal(40 - w.opener.active, 5, 'half of the burst')
  await w.clock.advance(1_000)
  t.equal(40 - w.opener.active, 7, 'half of the rate')
  await w.clock.advance(60_000)
  t.same([w.opener.active, w.opener.open], [0, true])
  await w.end(t)
})

t.test('a thousand cancels at once are no offence between two sessions', async (t) => {
  const w = world({ acceptor: { handler: never } })
  const made = Array.from({ length: 1_000 }, () => w.call('/x'))
  for (const each of made) each.cancel()
  await w.clock.advance(120_000)
  t.same([w.opener.active, w.opener.open, w.acceptor.open], [0, true, true])
  await w.end(t)
})

t.test('a peer that takes no cancels gets none, and nothing spins', async (t) => {
  for (const limits of [
    { cancelBurst: 0, cancelRate: 65_535 },
    { cancelBurst: 0, cancelRate: 0 },
  ]) {
    const peer = raw('opener')
    await peer.greet(limits)
    const made = peer.call('/x')
    await peer.clock.settle()
    made.cancel()
    const timers = peer.clock.pending
    await peer.clock.advance(1_000)
    t.match(peer.frames(), [{ kind: 'request' }])
    t.ok(peer.clock.pending <= timers)
    await peer.end(t)
  }
})

t.test('input that was not read for a while is no flood when it comes', async (t) => {
  const peer = raw('acceptor', {
    limits: { cancelBurst: 10, cancelRate: 1 },
    handler: (call) =>
      call.method === '/big' ? { output: new Uint8Array(100_000) } : new Promise<Reply>(() => {}),
  })
  await peer.greet()
  for (let id = 1; id < 40; id += 2) await peer.send({ kind: 'request', flags: 1, id, name: '/x' })
  for (let id = 1; id < 20; id += 2) await peer.send({ kind: 'cancel', id })
  t.equal(peer.ended, undefined, 'ten')
  peer.pause()
  await peer.send({ kind: 'request', flags: 1, id: 41, name: '/big' })
  for (let id = 21; id < 40; id += 2) await peer.send({ kind: 'cancel', id })
  peer.resume()
  await peer.clock.settle()
  t.equal(peer.ended, undefined, 'and ten more that waited')
  await peer.end(t)
})

t.test('stream window: what is sent ahead of a consumer that does not consume', async (t) => {
  for (const streamWindow of [65_536, 131_072, 1_000_000]) {
    let sent = 0
    const w = await greeted({ streamWindow }, {}, () => ({
      output: (async function* () {
        for (;;) {
          sent += 1_016
          yield new Uint8Array(1_000)
        }
      })(),
    }))
    const made = await settled(w, w.call('/x', { kind: 'server-stream' }))
    t.ok(sent <= 65_536 + 2 * 1_016, `${sent} of the initial credit`)
    const iterator = (made.reply!.output as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
    for (let item = 0; item < 100; item++) {
      await iterator.next()
      await w.clock.settle()
      const ahead = sent - (item + 1) * 1_016
      if (ahead > Math.max(streamWindow, 65_536) + 2 * 1_016) throw new Error(`${ahead} ahead`)
    }
    t.pass(`${streamWindow}`)
    await iterator.return!()
    await w.end(t)
  }
})

t.test('credit that comes before the answer has begun counts', async (t) => {
  const begun = gate()
  const peer = raw('acceptor', {
    handler: async () => {
      await begun.promise
      return {
        output: (async function* () {
          for (;;) yield new Uint8Array(10_000)
        })(),
      }
    },
  })
  await peer.greet()
  await peer.send(
    { kind: 'request', flags: 1, detail: 2, id: 1, name: '/x' },
    { kind: 'credit', id: 1, granted: 10_016 * 13 - 65_536 },
  )
  begun.open()
  await peer.clock.settle()
  t.equal(peer.frames().filter(({ kind }) => kind === 'item').length, 13)
  await peer.end(t)
})

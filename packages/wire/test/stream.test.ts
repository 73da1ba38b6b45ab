import { type Feed, type Flow, give, type Handler, type Outlet, RpcError } from '@hawser/contract'
import t from 'tap'
import { StreamIn } from '../src/stream-in.js'
import { type StreamOut, streamOut } from '../src/stream-out.js'
import { gate, items, stream, textOf, utf8, world } from './support/world.js'

const failure = new RpcError('aborted', 'broken')

function incoming(window = 65_536): { input: StreamIn; grants: number[]; stops: unknown[] } {
  const grants: number[] = []
  const stops: unknown[] = []
  const input = new StreamIn(
    { grant: (bytes) => void grants.push(bytes), stopped: (reason) => void stops.push(reason) },
    window,
  )
  return { input, grants, stops }
}

t.test('an incoming stream grants anew when half of its window is consumed', async (t) => {
  const { input, grants } = incoming()
  for (let index = 0; index < 4; index++) input.push(new Uint8Array(10_000))
  t.same(grants, [], 'nothing is consumed yet')
  for (let index = 0; index < 3; index++) await input.next()
  t.same(grants, [])
  await input.next()
  t.same(grants, [4 * 10_016], 'an item costs 16 bytes besides its own')
})

t.test('a window beyond the initial credit is granted with the first item', async (t) => {
  const { input, grants } = incoming(262_144)
  input.push(utf8('x'))
  await input.next()
  t.same(grants, [262_144 - 65_536 + 17])
})

t.test('credit: the last byte of it lets an item of any size through, none lets nothing', async (t) => {
  for (const [before, fits] of [
    [65_535 - 16, true],
    [65_536 - 16, false],
  ] as const) {
    const { input, stops } = incoming()
    input.push(new Uint8Array(before))
    input.push(new Uint8Array(1_000_000))
    t.equal(stops.length, fits ? 0 : 1, `${before}`)
    if (fits) continue
    t.match(stops[0], { code: 'resource_exhausted', reason: 'overloaded' })
    await input.next()
    await t.rejects(input.next(), { reason: 'overloaded' } as never, 'the consumer is told')
  }
})

t.test('what was queued comes before the end and before the error', async (t) => {
  const ended = incoming().input
  ended.push(utf8('a'))
  ended.end()
  ended.push(utf8('late'))
  t.same(await items(ended), ['a'])
  const failed = incoming().input
  failed.push(utf8('a'))
  failed.fail(failure)
  failed.fail(new RpcError('internal', 'second'))
  t.match(await items(failed), ['a', { message: 'broken' }])
  t.match(await failed.next(), { done: true }, 'the error comes once')
})

t.test('consumers that wait are served in order, then let go', async (t) => {
  const { input } = incoming()
  const waiting = [input.next(), input.next(), input.next()]
  input.push(utf8('a'))
  input.fail(failure)
  const ends = await Promise.allSettled(waiting)
  t.match(ends, [
    { status: 'fulfilled', value: { done: false } },
    { status: 'rejected', reason: failure },
    { status: 'fulfilled', value: { done: true } },
  ])
})

t.test('a consumer that stops early tells the sender, once', async (t) => {
  const { input, stops, grants } = incoming()
  for (let index = 0; index < 3; index++) input.push(utf8('x'))
  for await (const item of input) {
    t.equal(textOf(item), 'x')
    break
  }
  await input.return()
  input.push(new Uint8Array(1_000_000))
  t.same([stops, grants], [[undefined], []])
  t.match(await input.next(), { done: true })
})

interface Out {
  out: StreamOut
  log: string[]
  state: { ready: boolean }
}
function outgoing(source: AsyncIterable<Uint8Array>, granted?: number): Out {
  const log: string[] = []
  const state = { ready: true }
  const owner = {
    executed: 'maybe' as const,
    get ready() {
      return state.ready
    },
    item(bytes: Uint8Array) {
      if (bytes.length > 100_000) throw new RpcError('resource_exhausted', 'large', { executed: 'no' })
      log.push(`item ${bytes.length}`)
    },
    ended: () => void log.push('ended'),
    failed: (error: unknown) => void log.push(`failed ${(error as RpcError).message}`),
    closed: () => void log.push('closed'),
  }
  return { out: streamOut(owner, source, granted), log, state }
}
const turns = async () => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}

t.test('an outgoing stream sends as long as credit is left, also more than is left', async (t) => {
  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) yield new Uint8Array(30_000)
  }
  const { out, log } = outgoing(source())
  out.resume()
  await turns()
  t.same(log, ['item 30000', 'item 30000', 'item 30000'], '65,536 bytes of credit')
  out.grant(3 * 30_016 - 65_536)
  await turns()
  t.equal(log.length, 3, 'no more than repaid')
  out.grant(1)
  await turns()
  t.equal(log.length, 4)
  out.stop()
  await turns()
  t.equal(log.at(-1), 'closed')
})

t.test('credit that came before the source counts', async (t) => {
  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) yield new Uint8Array(65_520)
  }
  const { out, log } = outgoing(source(), 1)
  out.resume()
  await turns()
  t.equal(log.length, 2)
  out.stop()
})

t.test('it pauses with the write queue', async (t) => {
  const { out, log, state } = outgoing(stream('a', 'b', 'c'))
  state.ready = false
  out.resume()
  await turns()
  t.same(log, [])
  state.ready = true
  out.resume()
  out.resume()
  await turns()
  t.same(log, ['item 1', 'item 1', 'item 1', 'ended', 'closed'])
})

t.test('however it ends, it is closed once and last', async (t) => {
  async function* breaking(): AsyncGenerator<Uint8Array, void, undefined> {
    yield utf8('a')
    throw failure
  }
  async function* large(): AsyncGenerator<Uint8Array, void, undefined> {
    yield new Uint8Array(100_001)
  }
  const throwing: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next() {
        throw failure
      },
    }),
  }
  const bad: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return() {
        throw failure
      },
    }),
  }
  const table: [AsyncIterable<Uint8Array>, string[]][] = [
    [breaking(), ['item 1', 'failed broken', 'closed']],
    [large(), ['failed large', 'closed']],
    [throwing, ['failed broken', 'closed']],
    [bad, ['closed']],
    [stream(), ['ended', 'closed']],
  ]
  for (const [source, wanted] of table) {
    const { out, log } = outgoing(source)
    out.resume()
    await turns()
    out.stop()
    out.stop()
    await turns()
    t.same(log, wanted)
  }
})

t.test('a source that is stopped in the middle of its work is closed when that is done', async (t) => {
  const work = gate()
  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    await work.promise
    yield utf8('late')
  }
  const { out, log } = outgoing(source())
  out.resume()
  await turns()
  out.stop()
  await turns()
  t.same(log, [], 'its work still goes on')
  work.open()
  await turns()
  t.same(log, ['closed'])
})

// ---- items that are pushed --------------------------------------------------------------------------------------

/** A feed that hands on what it has while it is taken, and notes what it is told. */
class Queue implements Feed {
  readonly told: string[] = []
  readonly waiting: Uint8Array[] = []
  outlet: Outlet | undefined
  #open = false

  flow(outlet: Outlet): Flow {
    this.outlet = outlet
    return {
      resume: () => {
        this.told.push('resume')
        this.#open = true
        this.#hand()
      },
      stop: () => void this.told.push('stop'),
    }
  }
  push(...items: readonly Uint8Array[]): void {
    this.waiting.push(...items)
    this.#hand()
  }
  #hand(): void {
    while (this.#open && this.waiting.length > 0) this.#open = this.outlet!.item(this.waiting.shift()!)
  }
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    throw new Error('A feed that can be pushed is not iterated')
  }
}

t.test('pushed items go out in the turn they come, once there is somebody to take them', async (t) => {
  const queue = new Queue()
  queue.push(utf8('early'))
  const { out, log } = outgoing(queue)
  t.same(log, [])
  out.resume()
  t.same(log, ['item 5'])
  queue.push(utf8('a'), utf8('bc'))
  t.same(log, ['item 5', 'item 1', 'item 2'])
  queue.outlet!.ended()
  queue.outlet!.ended()
  queue.outlet!.failed(failure)
  t.equal(queue.outlet!.item(utf8('late')), false)
  out.resume()
  out.stop()
  t.same(log.slice(3), ['ended', 'closed'])
  t.same(queue.told, ['resume'], 'who has ended is told nothing more')
})

t.test('a feed waits while the write queue is full, and while credit is missing', async (t) => {
  const queue = new Queue()
  const { out, log, state } = outgoing(queue)
  state.ready = false
  out.resume()
  out.grant(10)
  t.same(queue.told, [])
  state.ready = true
  out.resume()
  queue.push(...Array.from({ length: 5 }, () => new Uint8Array(30_000)))
  t.equal(log.length, 3, '65,536 bytes of credit, and 10')
  out.resume()
  t.equal(log.length, 3)
  out.grant(3 * 30_016 - 65_536 - 10)
  t.equal(log.length, 3, 'no more than repaid')
  out.grant(1)
  t.equal(log.length, 4)
  state.ready = false
  out.grant(100_000)
  t.equal(log.length, 4)
  state.ready = true
  out.resume()
  t.equal(log.length, 5)
  out.stop()
  out.stop()
  t.equal(queue.outlet!.item(utf8('late')), false)
  t.same(log.slice(5), ['closed'])
  t.equal(queue.told.at(-1), 'stop')
})

t.test('a feed that fails, or hands on what cannot be sent, ends once', async (t) => {
  const failed = new Queue()
  const one = outgoing(failed)
  one.out.resume()
  failed.push(utf8('a'))
  failed.outlet!.failed(failure)
  one.out.stop()
  t.same(one.log, ['item 1', 'failed broken', 'closed'])

  const large = new Queue()
  const two = outgoing(large)
  two.out.resume()
  large.push(new Uint8Array(100_001), utf8('behind it'))
  t.same(two.log, ['failed large', 'closed'])
  t.same(large.told, ['resume', 'stop'])

  const over: Feed = {
    flow(outlet) {
      outlet.ended()
      return { resume: () => t.fail('resumed'), stop: () => t.fail('stopped') }
    },
    [Symbol.asyncIterator]: () => t.fail('iterated') as never,
  }
  const three = outgoing(over)
  three.out.resume()
  three.out.stop()
  t.same(three.log, ['ended', 'closed'], 'it may be over before it began')
})

t.test('what a feed does while it is told of a failure changes nothing', async (t) => {
  const queue = new Queue()
  const log: string[] = []
  const owner = {
    executed: 'yes' as const,
    ready: true,
    item(bytes: Uint8Array) {
      if (bytes.length === 0) throw failure
      log.push(`item ${bytes.length}`)
    },
    ended: () => void log.push('ended'),
    failed(error: unknown) {
      log.push(`failed ${(error as RpcError).message} ${(error as RpcError).executed}`)
      queue.outlet!.item(utf8('more'))
      queue.outlet!.ended()
    },
    closed: () => void log.push('closed'),
  }
  const out = streamOut(owner, queue)
  out.resume()
  queue.push(new Uint8Array(0))
  t.same(log, ['failed broken yes', 'closed'])
})

// ---- between two sessions ---------------------------------------------------------------------------------------

t.test('a slow consumer stalls its own stream, and no other', async (t) => {
  let made = 0
  const flood: Handler = (call) => {
    if (call.kind === 'unary') return { output: call.input }
    return {
      output: (async function* () {
        for (;;) {
          made++
          yield new Uint8Array(1_000)
        }
      })(),
    }
  }
  const w = world({ acceptor: { handler: flood } })
  const slow = w.call('/flood', { kind: 'server-stream' })
  await w.clock.settle()
  const ahead = made
  t.ok(ahead * 1_016 < 65_536 + 2 * 1_016, `${ahead} items ahead of a consumer that takes none`)
  const quick = w.call('/echo', { input: 'quick' })
  await w.clock.settle()
  t.equal(textOf(quick.reply?.output), 'quick')
  const output = slow.reply!.output as AsyncIterable<Uint8Array>
  const iterator = output[Symbol.asyncIterator]()
  await iterator.next()
  await w.clock.settle()
  t.ok(made > ahead, 'goes on when it is read')
  t.ok((made - 1) * 1_016 < 262_144 + 65_536, 'as far as the window')
  await iterator.return!()
  await w.clock.settle()
  t.same([w.opener.active, w.acceptor.active], [0, 0], 'break cancels on the server')
  await w.end(t)
})

t.test('a large stream arrives whole and in order, both ways', async (t) => {
  async function* numbers(count: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let index = 0; index < count; index++) yield utf8(`${index} ${'.'.repeat(index % 500)}`)
  }
  const w = world({
    split: (left) => Math.max(1, Math.floor(left / 3)),
    acceptor: { handler: (call) => ({ output: call.input }) },
  })
  const made = w.call('/pipe', { kind: 'duplex', input: numbers(3_000) })
  await w.clock.settle()
  const all = items(made.reply?.output)
  await w.clock.advance(1_000)
  t.same(
    (await all).map((item) => (item as string).split(' ')[0]),
    Array.from({ length: 3_000 }, (_, index) => `${index}`),
  )
  await w.clock.settle()
  t.same([w.opener.active, w.acceptor.active], [0, 0])
  await w.end(t)
})

t.test('an answer ends the request’s items, and its consumers', async (t) => {
  let closed = false
  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) yield new Uint8Array(1_000)
    } finally {
      closed = true
    }
  }
  const rest: unknown[] = []
  const w = world({
    acceptor: {
      handler: async (call) => {
        const input = (call.input as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
        const first = await input.next()
        void (async () => {
          for (let next = await input.next(); !next.done; next = await input.next()) rest.push(next)
          rest.push('over')
        })()
        return { output: utf8(`${first.value?.length}`) }
      },
    },
  })
  const made = w.call('/first', { kind: 'client-stream', input: source() })
  await w.clock.settle()
  t.equal(textOf(made.reply?.output), '1000')
  t.equal(closed, true, 'the caller’s source is closed')
  t.equal(rest.at(-1), 'over', 'who still reads comes to an end')
  t.equal(w.acceptor.active, 0)
  await w.end(t)
})

t.test('a source of the caller that breaks ends the call, and the handler is told', async (t) => {
  const told = gate<unknown[]>()
  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    yield utf8('a')
    throw new Error('out of ink')
  }
  const w = world({
    acceptor: {
      handler: async (call) => {
        told.open(await items(call.input))
        return { output: utf8('') }
      },
    },
  })
  const made = w.call('/in', { kind: 'client-stream', input: source() })
  await w.clock.settle()
  t.match(made.error, { code: 'aborted', message: 'out of ink' })
  t.match(await told.promise, ['a', { code: 'cancelled' }])
  t.same([w.opener.active, w.acceptor.active], [0, 0])
  const none = w.call('/in', { kind: 'client-stream', input: {} as AsyncIterable<Uint8Array> })
  await w.clock.settle()
  t.match(none.error, { code: 'invalid_argument' }, 'what cannot be iterated is no input')
  t.same([w.opener.active, w.acceptor.active], [0, 0])
  await w.end(t)
})

t.test('a deadline in the middle of a stream ends both ends of it', async (t) => {
  let handlerEnded = false
  const w = world({
    acceptor: {
      handler: (call) => ({
        output: (async function* () {
          try {
            for (;;) {
              yield utf8('tick')
              await new Promise<void>((resolve) => {
                const timer = w.clock.timer(100, resolve)
                call.onCancel({
                  cancelled() {
                    w.clock.clear(timer)
                    resolve()
                  },
                })
              })
            }
          } finally {
            handlerEnded = true
          }
        })(),
      }),
    },
  })
  const made = w.call('/ticks', { kind: 'server-stream', timeoutMs: 250 })
  await w.clock.settle()
  const all = items(made.reply?.output)
  await w.clock.advance(300)
  t.match(await all, ['tick', 'tick', 'tick', { code: 'deadline_exceeded', reason: 'deadline' }])
  t.equal(handlerEnded, true)
  t.same([w.opener.active, w.acceptor.active], [0, 0])
  await w.end(t)
})

t.test('an item that is moved as it is sent costs what it was', async (t) => {
  const sent: number[] = []
  async function* source() {
    for (let n = 0; n < 5; n++) yield give(new Uint8Array(40_000))
  }
  const out = streamOut(
    {
      executed: 'maybe',
      ready: true,
      item(bytes) {
        sent.push(bytes.length)
        structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] })
      },
      ended() {},
      failed() {},
      closed() {},
    },
    source(),
  )
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  out.resume()
  await settled()
  t.same(sent, [40_000, 40_000], 'and not more than there is credit for')
  out.grant(2 * 40_016 - 65_536)
  await settled()
  t.equal(sent.length, 2)
  out.grant(1)
  await settled()
  t.equal(sent.length, 3)
  out.stop()
})

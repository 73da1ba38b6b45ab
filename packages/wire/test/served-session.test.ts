import {
  type Connection,
  type Feed,
  type Handler,
  type Outlet,
  type ProtocolContext,
  type Reply,
  RpcError,
  virtualClock,
} from '@hawser/contract'
import t from 'tap'
import {
  type ItemsSink,
  type ServedCall,
  type ServedCallParts,
  ServedSession,
  type ServedSink,
} from '../src/index.js'
import { TimerWheel } from '../src/wheel.js'
import { pair } from './support/pair.js'
import { gate, type SideOptions, side, stream, textOf, utf8 } from './support/world.js'

/** A protocol of calls that a test makes by hand. */
class Served extends ServedSession {
  readonly log: string[] = []
  half = false

  constructor(connection: Connection, context: ProtocolContext) {
    super(connection, context)
    connection.start(() => {})
  }

  call(method: string, parts: Partial<ServedCallParts> = {}, sink: Partial<ServedSink> = {}): ServedCall {
    return this.serve(
      { method, codec: 'raw', input: utf8('in'), ...parts },
      {
        replied: ({ output }: Reply) => void this.log.push(`${method} ${textOf(output)}`),
        failed: ({ code, reason, executed }: RpcError) =>
          void this.log.push(`${method} ${code} ${reason} ${executed}`),
        ...sink,
      },
    )
  }
  breakRules(): void {
    this.fault(new RpcError('invalid_argument', 'nonsense', { reason: 'bad_frame' }))
  }
  override get midway(): boolean {
    return this.half
  }
  protected leaving(): void {
    this.log.push('leaving')
  }
  protected override farewell(): void {
    this.log.push('farewell')
    super.farewell()
  }
  protected override ended(): void {
    this.log.push('ended')
  }
}

function served(handler: Handler | undefined, options: SideOptions = {}) {
  const clock = virtualClock()
  const timers = new TimerWheel(clock)
  const { opener, acceptor } = pair({ clock })
  const mine = side(clock, timers, { ...(handler && { handler }), ...options })
  const session = new Served(acceptor, mine.context)
  opener.start(() => {})
  return { clock, opener, session, ...mine }
}
const never: Handler = () => new Promise(() => {})
const echo: Handler = ({ input }) => ({ output: input as Uint8Array })

t.test('a call is answered once, at once or later, by result or by error', async (t) => {
  const later = gate<Reply>()
  const { session, clock } = served((call) => {
    switch (call.method) {
      case '/now':
        return echo(call)
      case '/later':
        return later.promise
      case '/throws':
        throw new RpcError('not_found', 'none', { executed: 'yes' })
      case '/rejects':
        return Promise.reject(new Error('broken'))
      default:
        return undefined as never
    }
  })
  for (const method of ['/now', '/later', '/throws', '/rejects', '/nothing']) session.call(method)
  await clock.settle()
  t.same(session.log, [
    '/now in',
    '/throws not_found undefined yes',
    '/nothing internal handler_failed yes',
    '/rejects internal handler_failed yes',
  ])
  t.equal(session.active, 1)
  later.open({ output: utf8('late') })
  await clock.settle()
  t.equal(session.log.at(-1), '/later late')
  t.equal(session.active, 0)
})

t.test('without a handler there is no method, and beyond the limit no place', async (t) => {
  const none = served(undefined)
  none.session.call('/x')
  t.same(none.session.log, ['/x unimplemented no_method no'])
  const { session } = served(never, { limits: { inFlight: 2 } })
  for (const method of ['/a', '/b', '/c']) session.call(method)
  t.same(session.log, ['/c resource_exhausted overloaded no'])
  t.equal(session.active, 2)
})

t.test('a deadline answers the call, whose place is free when its handler has ended', async (t) => {
  const work = gate<Reply>()
  const cancelled: string[] = []
  const { session, clock } = served((call) => {
    call.onCancel({ cancelled: ({ message }) => void cancelled.push(message) })
    return work.promise
  })
  session.call('/x', { deadline: 100 })
  session.call('/past', { deadline: 0 })
  t.same(session.log, ['/past deadline_exceeded deadline no'], 'what is late already is not run')
  await clock.advance(120)
  t.equal(session.log.at(-1), '/x deadline_exceeded deadline maybe')
  t.equal(cancelled.length, 1)
  t.equal(session.active, 1)
  work.open({ output: utf8('late') })
  await clock.settle()
  t.equal(session.log.length, 2)
  t.equal(session.active, 0)
  t.equal(clock.pending, 0)
})

t.test('a sink that throws is answered with that, and items that nobody took are closed', async (t) => {
  let closed = 0
  async function* items(): AsyncGenerator<Uint8Array, void, undefined> {
    yield utf8('a')
  }
  const source: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => items().next(),
      return: async () => {
        closed++
        return { done: true, value: undefined }
      },
    }),
  }
  const stopped: string[] = []
  const feed: Feed = {
    flow: () => ({ resume: () => t.fail('resumed'), stop: () => void stopped.push('stop') }),
    [Symbol.asyncIterator]: () => t.fail('iterated') as never,
  }
  const bad = {
    [Symbol.asyncIterator]() {
      throw new Error('not to be iterated')
    },
  } as AsyncIterable<Uint8Array>
  const outputs: Record<string, Reply['output']> = { '/items': source, '/feed': feed, '/bad': bad }
  for (const late of [false, true]) {
    const { session, clock } = served(({ method }) => {
      const reply = { output: outputs[method]! }
      return late ? Promise.resolve(reply) : reply
    })
    const refuse = {
      replied() {
        throw new RpcError('unimplemented', 'no place for items', { reason: 'wrong_kind', executed: 'yes' })
      },
    }
    for (const method of Object.keys(outputs)) session.call(method, {}, refuse)
    await clock.settle()
    t.same(
      session.log,
      Object.keys(outputs).map((method) => `${method} unimplemented wrong_kind yes`),
    )
    t.equal(session.active, 0)
  }
  t.equal(closed, 2)
  t.equal(stopped.length, 2)
})

t.test('an answer that comes too late has its items closed, so that its handler can end', async (t) => {
  const stopped: string[] = []
  const work = gate<Reply>()
  const { session, clock } = served(() => work.promise)
  const call = session.call('/x', { kind: 'server-stream' })
  call.cancel(new RpcError('cancelled', 'enough', { reason: 'cancelled' }))
  t.same(session.log, ['/x cancelled cancelled maybe'])
  work.open({
    output: {
      flow: () => ({ resume: () => t.fail('resumed'), stop: () => void stopped.push('stop') }),
      [Symbol.asyncIterator]: () => t.fail('iterated') as never,
    } as Feed,
  })
  await clock.settle()
  t.same(stopped, ['stop'])
  t.equal(session.active, 0)
})

/** Takes the items of an answer, and notes them. */
function taking(log: string[], state: { ready: boolean } = { ready: true }): ItemsSink {
  return {
    get ready() {
      return state.ready
    },
    item(bytes) {
      if (bytes.length > 1_000) throw new RpcError('resource_exhausted', 'large', { executed: 'no' })
      log.push(textOf(bytes))
    },
    ended: () => void log.push('ended'),
    failed: ({ code, executed }) => void log.push(`${code} ${executed}`),
  }
}

t.test('items are sent as they come, and hold the place of their call', async (t) => {
  const large = (async function* () {
    yield utf8('a')
    yield new Uint8Array(1_001)
  })()
  const broken = (async function* () {
    yield utf8('a')
    throw new Error('broken')
  })()
  for (const [output, wanted] of [
    [stream('a', 'b'), ['a', 'b', 'ended']],
    [large, ['a', 'resource_exhausted yes']],
    [broken, ['a', 'internal yes']],
  ] as const) {
    const { session, clock } = served(() => ({ output }))
    const log: string[] = []
    const active: number[] = []
    session.call(
      '/x',
      { kind: 'server-stream' },
      {
        replied({ output }, call) {
          call.stream(output as AsyncIterable<Uint8Array>, taking(log)).resume()
          active.push(session.active)
        },
      },
    )
    await clock.settle()
    t.same(log, wanted)
    t.same([...active, session.active], [1, 0])
  }
})

t.test(
  'a call that is cancelled while its items go tells their reader, and stops their source',
  async (t) => {
    let outlet: Outlet | undefined
    const told: string[] = []
    const feed: Feed = {
      flow(to) {
        outlet = to
        return { resume: () => void told.push('resume'), stop: () => void told.push('stop') }
      },
      [Symbol.asyncIterator]: () => t.fail('iterated') as never,
    }
    const { session, opener, clock } = served(() => ({ output: feed }))
    const log: string[] = []
    session.call(
      '/x',
      { kind: 'server-stream', deadline: 1_000 },
      {
        replied: ({ output }, call) => call.stream(output as Feed, taking(log)).resume(),
      },
    )
    t.equal(outlet!.item(utf8('a')), true)
    await clock.advance(1_020)
    t.same(log, ['a', 'deadline_exceeded maybe'])
    t.same(told, ['resume', 'stop'])
    t.equal(outlet!.item(utf8('b')), false)
    t.equal(session.active, 0)
    session.call(
      '/x',
      { kind: 'server-stream' },
      {
        replied: ({ output }, call) => call.stream(output as Feed, taking(log)).resume(),
      },
    )
    opener.abort(new RpcError('cancelled', 'gone'))
    await clock.settle()
    t.same(log.slice(2), ['unavailable maybe'])
    t.equal(told.at(-1), 'stop')
  },
)

t.test('closing lets calls end, then says farewell', async (t) => {
  const work = gate<Reply>()
  const { session, clock } = served(() => work.promise)
  session.call('/x')
  const closing = session.close()
  t.equal(session.open, false)
  await clock.settle()
  t.same(session.log, ['leaving'])
  work.open({ output: utf8('done') })
  await clock.settle()
  await closing
  t.same(session.log, ['leaving', '/x done', 'farewell', 'ended'])
  t.equal(await session.closed, undefined)
  await session.close()
  session.call('/late')
  t.equal(session.log.at(-1), '/late unavailable closed no')
  t.equal(clock.pending, 0)
})

t.test('closing takes no longer than it may', async (t) => {
  const { session, clock } = served(never)
  session.call('/x')
  const closing = session.close()
  await clock.advance(25_000)
  await closing
  t.match(await session.closed, { reason: 'draining' })
  t.match(session.log, ['leaving', 'ended', /^\/x unavailable/])
  const cut = served(never)
  cut.session.call('/x')
  const stop = new AbortController()
  const cutting = cut.session.close({ signal: stop.signal })
  stop.abort()
  await cut.clock.settle()
  await cutting
  t.match(await cut.session.closed, { code: 'cancelled', reason: 'closed' })
  t.equal(cut.clock.pending, 0)
})

t.test('a session that ends while it says that it leaves arms nothing', async (t) => {
  class Leaving extends Served {
    protected override leaving(): void {
      this.abort(new RpcError('unavailable', 'gone', { reason: 'connection_lost' }))
    }
  }
  const clock = virtualClock()
  const { acceptor } = pair({ clock })
  const session = new Leaving(acceptor, side(clock, new TimerWheel(clock), { handler: never }).context)
  session.call('/x')
  await session.close()
  t.equal(clock.pending, 0)
})

t.test('how it ended is told apart: in peace, in the middle of something, broken, at fault', async (t) => {
  const ends: readonly (readonly [string, (world: ReturnType<typeof served>) => void, object])[] = [
    ['the peer closes', ({ opener }) => void opener.close(), { reason: 'closed' }],
    [
      'the peer closes in the middle of a message',
      ({ opener, session }) => {
        session.half = true
        void opener.close()
      },
      { reason: 'connection_lost' },
    ],
    [
      'the peer closes while a call runs',
      ({ opener, session }) => {
        session.call('/x')
        void opener.close()
      },
      { reason: 'connection_lost' },
    ],
    [
      'it breaks',
      ({ opener }) => opener.abort(new RpcError('cancelled', 'x')),
      { reason: 'connection_lost' },
    ],
    ['it is at fault', ({ session }) => session.breakRules(), { reason: 'bad_frame' }],
  ]
  for (const [name, end, reason] of ends) {
    const world = served(never)
    end(world)
    await world.clock.advance(2_000)
    t.match(await world.session.closed, reason, name)
    t.equal(world.session.log.filter((line) => line === 'ended').length, 1)
    t.equal(world.session.active, world.session.log.some((line) => line.startsWith('/x')) ? 1 : 0)
    if (name !== 'it is at fault') continue
    t.match(world.logs, [{ level: 'warn', event: 'connection_bad_frame', message: 'nonsense' }])
    t.equal(world.counts.get('connection_bad_frame'), 1)
  }
})

t.test('its peer is never called', async (t) => {
  const { session, counts } = served(echo)
  t.throws(() => session.handler({} as never), { reason: 'unsupported' } as never)
  t.equal(session.notify({ type: 'x', codec: 'raw', body: utf8('') }), false)
  t.equal(counts.get('notification_unsupported'), 1)
  t.same(session.codecs, ['raw'])
  t.equal(session.peer, session.peer)
})

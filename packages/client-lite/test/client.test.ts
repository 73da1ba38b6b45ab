import type { CallOptions, RemoteFunction, Stub } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { msgpack as browser } from '@hawser/codec-msgpack/browser'
import { harness } from '@hawser/compliance/harness'
import { type Peer, RpcError, virtualClock } from '@hawser/contract'
import {
  double,
  exception,
  field,
  i64,
  optional,
  serverStream,
  service,
  signature,
  string,
  struct,
  unary,
} from '@hawser/schema'
import { memory } from '@hawser/transport-memory'
import t from 'tap'
import { outcomeAfter, until } from '../../client/test/support/stack.js'
import {
  createClient,
  type CallOptions as LiteCallOptions,
  type RemoteFunction as LiteFunction,
  type Stub as LiteStub,
} from '../src/index.js'
import { stack } from './support/stack.js'

harness(t)

const Numbers = service('test.Numbers', { count: serverStream(double, double), half: unary(double, double) })

t.test('what it makes is of the types that the whole client makes', async (t) => {
  const client = createClient({ transports: [memory()], codecs: [json()] })
  type F = (a: number, b?: string) => Promise<string[]>
  const options = { timeoutMs: 1, headers: { a: 'b' }, idempotent: true } satisfies CallOptions &
    LiteCallOptions
  const stub: Stub<typeof Numbers.methods> = client.stub(Numbers, 'memory://a', options)
  const other: LiteStub<typeof Numbers.methods> = stub
  const remote: RemoteFunction<F> = client.remote<F>('memory://a', '/a', options)
  const same: LiteFunction<F> = remote
  t.equal(typeof other.count, 'function')
  t.equal(typeof same.enabled, 'function')
  await client.close()
})

t.test('what makes no client, or no call, is a TypeError', async (t) => {
  const transports = [memory()]
  t.throws(() => createClient({ transports, codecs: [] }), TypeError)
  t.throws(() => createClient({ transports, codecs: [json(), json()] }), TypeError)
  t.throws(() => createClient({ transports, codecs: [json()], limits: { callMs: -1 } }), TypeError)
  const client = createClient({ transports, codecs: [json()] })
  t.throws(() => client.remote('tcp://127.0.0.1:1', '/a'), TypeError)
  t.throws(() => client.remote('memory://a', 'a'), TypeError)
  await t.rejects(client.remote('memory://a', '/a').with({ timeoutMs: -1 })(), TypeError)
  await t.rejects(client.remote('memory://a', '/a')(Symbol('no value')), {
    code: 'invalid_argument',
    reason: 'bad_payload',
  })
  await client.close()
})

for (const codec of [json(), msgpack(), browser()])
  t.test(`AM-09 ${codec.name}: a function with types takes and returns them`, async (t) => {
    await using all = await stack({ codecs: [codec] })
    const Refused = exception('test.Refused', { why: field(1, string) })
    const types = signature([double, optional(i64)], string, { errors: { 1: Refused } })
    all.server.rpc(
      '/pair',
      (a, b) => {
        if (a < 0) throw new Refused({ why: 'negative' })
        return `${a} ${b}`
      },
      { signature: types },
    )
    const pair = all.client.remote(all.address, '/pair', { signature: types, timeoutMs: 1_000 })
    const answer: string = await pair(0.5, 2n ** 60n)
    t.equal(answer, `0.5 ${2n ** 60n}`)
    t.equal(await pair(1), '1 undefined')
    // @ts-expect-error a text is no number
    await t.rejects(pair('1'), { code: 'invalid_argument', executed: 'no', message: /value\[0\]/ })
    await t.rejects(pair(-1), { name: 'Refused', why: 'negative', cause: { reason: 'declared' } })
  })

t.test('notifications go both ways, typed where the client says so', async (t) => {
  const peers: Peer[] = []
  const here: unknown[] = []
  const there: unknown[] = []
  const News = struct('test.News', { number: field(1, i64), text: field(2, string) })
  await using all = await stack({
    codecs: [msgpack()],
    server: {
      notices: { news: News },
      onConnect: (peer) => void peers.push(peer),
      onNotify: (type, message) => void there.push(type, message),
    },
    client: { notices: { news: News }, onNotify: (type, message) => void here.push(type, message) },
  })
  const peer = await all.client.connect(all.address)
  t.ok(peer.notify('news', { number: 7n, text: 'up' }))
  t.ok(peers[0]?.notify('news', { number: 2n ** 62n, text: 'down' }))
  t.ok(peers[0]?.notify('other', [1]))
  await until(() => here.length === 4 && there.length === 2)
  t.same(here, ['news', { number: 2n ** 62n, text: 'down' }, 'other', [1]])
  t.same(there, ['news', { number: 7n, text: 'up' }])
  t.throws(() => peer.notify('', 1), TypeError)
})

t.test('what a hook throws is logged, and harms nothing', async (t) => {
  const events: string[] = []
  await using all = await stack({
    client: {
      log: ({ event, hook }) => void events.push(`${event} ${hook}`),
      onConnect: () => Promise.reject(new Error('no')),
    },
  })
  all.server.rpc('/a', () => 1)
  t.equal(await all.client.remote(all.address, '/a')(), 1)
  t.same(events, ['hook_failed onConnect'])
})

t.test('a call goes in a codec that both have, whatever was tried first', async (t) => {
  await using all = await stack({ server: { codecs: [json()] }, client: { codecs: [msgpack(), json()] } })
  all.server.implement(Numbers, {
    half: (n) => n / 2,
    *count(to) {
      for (let n = 1; n <= to; n++) yield n
    },
  })
  const numbers = all.client.stub(Numbers, all.address)
  const [half, ...counted] = await Promise.all([
    numbers.half(8),
    numbers.count(3).next(),
    numbers.count(2).next(),
  ])
  t.equal(half, 4)
  t.same(counted, [
    { done: false, value: 1 },
    { done: false, value: 1 },
  ])
  t.equal(await numbers.half(1), 0.5)
})

t.test('the credential is presented, and asked for at each connection', async (t) => {
  const seen: string[] = []
  let asked = 0
  await using all = await stack({
    server: {
      authenticate: (credential) => {
        seen.push(new TextDecoder().decode(credential))
        if (seen.length === 1) throw new RpcError('unauthenticated', 'no', { reason: 'unauthenticated' })
        return 'you'
      },
    },
    client: { credential: () => new TextEncoder().encode(`token ${++asked}`) },
  })
  all.server.rpc('/a', () => 1)
  const a = all.client.remote(all.address, '/a')
  await t.rejects(a(), { code: 'unauthenticated', executed: 'no' })
  t.equal(await a(), 1)
  t.same(seen, ['token 1', 'token 2'])
})

t.test('a stream can be left, disposed of, or its client closed', async (t) => {
  const all = await stack()
  let open = 0
  all.server.implement(Numbers, {
    half: (n) => n,
    async *count(to) {
      open++
      try {
        for (let n = 1; n <= to; n++) {
          yield n
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
      } finally {
        open--
      }
    },
  })
  const numbers = all.client.stub(Numbers, all.address)
  {
    await using items = numbers.count(1e9)
    t.same(await items.next(), { done: false, value: 1 })
    t.equal(open, 1)
  }
  await until(() => open === 0)
  const unread = numbers.count(1e9)
  t.same(await unread.return?.(), { done: true, value: undefined }, 'one that was never begun')
  t.same(await unread.next(), { done: true, value: undefined })
  t.equal(open, 0, 'and it never is')
  const strange = numbers.count.with({ timeoutMs: -1 })(1)
  await t.rejects(strange.next(), TypeError, 'told when it is read')
  t.same(await strange.next(), { done: true, value: undefined })
  const asked = numbers.count(4)
  const results = await Promise.all([1, 2, 3, 4, 5].map(() => asked.next()))
  t.same(
    results.map(({ value }) => value),
    [1, 2, 3, 4, undefined],
    'asked for ahead',
  )
  const left = numbers.count(1e9)
  await left.next()
  const broken = (async () => {
    for await (const _ of left);
  })()
  const closing = all[Symbol.asyncDispose]()
  await t.rejects(broken, { code: 'cancelled', reason: 'closed' })
  await closing
})

t.test('a caller’s items that fail end their call, and close their source', async (t) => {
  const Sum = service('test.Sum', { sum: { kind: 'client-stream' as const } })
  await using all = await stack()
  const heard: unknown[] = []
  all.server.implement(Sum, {
    async sum(items: AsyncIterable<unknown>) {
      try {
        for await (const item of items) if (item === 3) throw new RpcError('aborted', 'enough')
      } catch (error) {
        heard.push((error as RpcError).code)
        throw error
      }
      return 0
    },
  } as never)
  const { sum } = all.client.stub(Sum, all.address) as unknown as {
    sum(items: AsyncIterable<unknown>): Promise<number>
  }
  async function* breaks() {
    yield 1
    throw new Error('the source broke')
  }
  await t.rejects(sum(breaks()), { code: 'aborted', executed: 'maybe', message: 'the source broke' })
  await until(() => heard.includes('cancelled'))
  let closed = false
  async function* endless() {
    try {
      for (let n = 1; ; n++) yield n
    } finally {
      closed = true
    }
  }
  await t.rejects(sum(endless()), { code: 'aborted', message: 'enough', executed: 'yes' })
  await until(() => closed)
})

t.test('a thousand deadlines share one timer', async (t) => {
  const clock = virtualClock(1)
  await using all = await stack({ clock })
  all.server.rpc('/stay', () => new Promise(() => {}))
  const stay = all.client.remote(all.address, '/stay')
  const first = outcomeAfter(clock, 1, stay())
  t.equal(await first, 'goes on')
  const before = clock.pending
  const calls = Array.from({ length: 1_000 }, (_, n) => stay.with({ timeoutMs: 1_000 + n })())
  await clock.advance(1)
  t.ok(clock.pending <= before + 2, `${clock.pending - before} more timers`)
  const outcomes = Promise.all(calls.map((call) => call.catch((error: RpcError) => error.reason)))
  await clock.advance(2_020)
  t.same([...new Set(await outcomes)], ['deadline'])
})

t.test('calls wait for a place where the server takes only so many', async (t) => {
  await using all = await stack({ server: { limits: { inFlight: 2 } } })
  let running = 0
  let most = 0
  all.server.rpc('/a', async (n: number) => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, 1))
    running--
    return n
  })
  const a = all.client.remote<(n: number) => number>(all.address, '/a')
  await all.client.connect(all.address)
  t.same(await Promise.all([1, 2, 3, 4, 5, 6].map((n) => a(n))), [1, 2, 3, 4, 5, 6])
  t.equal(most, 2)
})

t.test('many calls on one signal make one listener', async (t) => {
  await using all = await stack()
  all.server.rpc('/stay', () => new Promise(() => {}))
  const controller = new AbortController()
  let listeners = 0
  const { signal } = controller
  const add = signal.addEventListener.bind(signal)
  signal.addEventListener = ((...args: Parameters<typeof add>) => {
    listeners++
    add(...args)
  }) as typeof signal.addEventListener
  const calls = Array.from({ length: 100 }, () => all.client.remote(all.address, '/stay').with({ signal })())
  const outcomes = Promise.all(calls.map((call) => call.catch((error: RpcError) => error.code)))
  t.equal(listeners, 1)
  controller.abort()
  t.same([...new Set(await outcomes)], ['cancelled'])
  await t.rejects(all.client.remote(all.address, '/stay').with({ signal })(), {
    code: 'cancelled',
    executed: 'no',
  })
})

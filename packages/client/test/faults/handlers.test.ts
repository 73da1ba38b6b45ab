import { harness } from '@hawser/compliance/harness'
import { RpcError } from '@hawser/contract'
import { serverStream, service, unary } from '@hawser/schema'
import t from 'tap'
import { collect, stack, transports, until } from '../support/stack.js'

harness(t)

const Bad = service('test.Bad', { one: unary<null, unknown>(), many: serverStream<null, number>() })

type Outcome = { readonly code: string; readonly [fact: string]: unknown }

/** What may come of handlers that were written in a hurry: all are told as this, and none harms another call. */
const failed = { code: 'internal', executed: 'yes' }

const unaries: Record<string, readonly [handle: () => unknown, outcome: Outcome]> = {
  'throws at once': [
    () => {
      throw new Error('at once')
    },
    { ...failed, reason: 'handler_failed', message: 'at once' },
  ],
  'rejects later': [() => Promise.reject(new Error('later')), { ...failed, message: 'later' }],
  'throws what is no error': [
    () => {
      throw 'text'
    },
    { ...failed, message: 'text' },
  ],
  'throws nothing': [() => Promise.reject(undefined), failed],
  'throws what throws when it is looked at': [
    () => {
      throw new Proxy(
        {},
        {
          get() {
            throw new Error('do not touch')
          },
        },
      )
    },
    failed,
  ],
  'runs out of stack': [
    () => {
      const deeper = (): number => deeper() + 1
      return deeper()
    },
    { ...failed, message: /call stack/ },
  ],
  'never settles': [() => new Promise(() => {}), { code: 'deadline_exceeded' }],
  'returns what cannot travel': [
    () => ({ f() {} }),
    { code: 'internal', reason: 'bad_payload', executed: 'yes' },
  ],
  'returns a circle': [
    () => {
      const circle: { me?: object } = {}
      circle.me = circle
      return circle
    },
    failed,
  ],
  'returns a promise that throws from then': [
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: this is the misbehaviour
      then() {
        throw new Error('in then')
      },
    }),
    { ...failed, message: 'in then' },
  ],
  'returns what throws when it is encoded': [
    () => ({
      get value() {
        throw new Error('in a getter')
      },
    }),
    failed,
  ],
}

const streams: Record<string, readonly [handle: () => unknown, outcome: Outcome]> = {
  'returns nothing to iterate': [() => 7, { ...failed, message: /must return something to iterate/ }],
  'breaks in the middle': [
    function* () {
      yield 1
      throw new Error('in the middle')
    },
    { ...failed, message: 'in the middle' },
  ],
  'yields what cannot travel': [
    async function* () {
      yield () => {}
    },
    { code: 'internal', reason: 'bad_payload', executed: 'yes' },
  ],
  'never yields': [
    async function* () {
      await new Promise(() => {})
    },
    { code: 'deadline_exceeded' },
  ],
  'iterates over nonsense': [() => ({ [Symbol.asyncIterator]: () => ({ next: () => 7 }) }), failed],
  'throws on its way out, too': [
    async function* () {
      try {
        await new Promise(() => {})
        yield 1
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: this is the misbehaviour
        throw new Error('on the way out')
      }
    },
    { code: 'deadline_exceeded' },
  ],
}

for (const { name, transport, address } of transports())
  t.test(`F13 ${name}: a handler that misbehaves costs its own call and nothing else`, async (t) => {
    await using all = await stack({ transport, address, server: { limits: { drainMs: 50 } } })
    let handle: () => unknown = () => 0
    all.server.rpc('/echo', (n: number) => n)
    all.server.implement(Bad, { one: () => handle(), many: () => handle() as Iterable<number> })
    const echo = all.client.remote<(n: number) => number>(all.address, '/echo')
    const bad = all.client.stub(Bad, all.address, { timeoutMs: 100 })
    await echo(0)
    const [connection] = all.server.connections
    for (const [misbehaviour, [handler, outcome]] of Object.entries(unaries)) {
      handle = handler
      const others = [echo(1), echo(2)]
      await t.rejects(bad.one(null), outcome, misbehaviour)
      t.same(await Promise.all(others), [1, 2])
    }
    for (const [misbehaviour, [handler, outcome]] of Object.entries(streams)) {
      handle = handler
      const others = [echo(1), echo(2)]
      await t.rejects(collect(bad.many(null)), outcome, misbehaviour)
      t.same(await Promise.all(others), [1, 2])
    }
    t.equal(all.server.connections[0], connection, 'still the same connection')
  })

t.test('F13 a promise that settles twice is answered once', async (t) => {
  await using all = await stack()
  all.server.rpc('/twice', () => ({
    // biome-ignore lint/suspicious/noThenProperty: this is the misbehaviour
    then(resolve: (value: number) => void, reject: (error: Error) => void) {
      resolve(1)
      resolve(2)
      reject(new Error('three'))
    },
  }))
  t.equal(await all.client.remote(all.address, '/twice')(), 1)
  t.equal(await all.client.remote(all.address, '/twice')(), 1)
})

t.test('F13 middleware that answers with nothing costs the call only, on either side', async (t) => {
  let nonsense: unknown
  const broken = () => () => nonsense as never
  for (const value of [undefined, null, {}, Promise.resolve(undefined), 7]) {
    nonsense = value
    await using server = await stack({ server: { middleware: [broken] } })
    await t.rejects(server.client.remote(server.address, '/a')(), { code: 'internal' })
    t.equal(server.server.connections.length, 1)
    await using client = await stack({ client: { middleware: [broken] } })
    await t.rejects(client.client.remote(client.address, '/a')(), { code: 'internal' })
  }
})

t.test('F13 a handler that settles after its call is over is heard by nobody', async (t) => {
  await using all = await stack()
  let settle: ((how: 'answer' | 'fail') => void) | undefined
  let settled = 0
  all.server.rpc('/late', async () => {
    const how = await new Promise<string>((resolve) => {
      settle = resolve
    })
    settled++
    if (how === 'fail') throw new RpcError('internal', 'too late')
    return how
  })
  for (const how of ['answer', 'fail'] as const) {
    await t.rejects(all.client.remote(all.address, '/late').with({ timeoutMs: 20 })(), {
      code: 'deadline_exceeded',
    })
    await new Promise((resolve) => setTimeout(resolve, 30))
    settle!(how)
  }
  await until(() => settled === 2)
  t.equal(all.server.connections.length, 1)
})

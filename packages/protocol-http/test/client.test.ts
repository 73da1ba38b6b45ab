import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { type Codec, RpcError } from '@hawser/contract'
import { pull, topic } from '@hawser/push'
import {
  bytes,
  clientStream,
  double,
  field,
  i32,
  serverStream,
  service,
  string,
  struct,
  unary,
} from '@hawser/schema'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { WebSocketServer } from 'ws'
import { type HttpOptions, http } from '../src/index.js'
import { until } from './support/subscriber.js'
import { world } from './support/world.js'

harness(t)

const Cargo = struct('test.Cargo', { weight: field(1, i32), seals: field(2, bytes) })
const Harbour = service('test.Harbour', {
  upper: unary(string, string),
  load: unary(Cargo, Cargo),
  count: serverStream(i32, i32),
  sum: clientStream(double, double),
})

function caller(options: HttpOptions = {}, codecs: readonly Codec[] = [json(), msgpack()]) {
  return createClient({
    transports: [tcp(), ipc()],
    codecs,
    protocol: http(options),
    log: () => {},
  })
}

async function harbour(t: Parameters<typeof world>[0], options: HttpOptions = {}) {
  const made = await world(t, { http: options })
  const { server } = made
  server.implement(Harbour, {
    upper: (text) => text.toUpperCase(),
    load: (cargo) => cargo,
    *count(to) {
      for (let number = 1; number <= to; number++) yield number
    },
    async sum(numbers) {
      let sum = 0
      for await (const number of numbers) sum += number
      return sum
    },
  })
  return { ...made, address: `tcp://127.0.0.1:${made.port}` }
}

const failure = (call: Promise<unknown>): Promise<RpcError> =>
  call.then(
    () => {
      throw new Error('It did not fail')
    },
    (error) => error,
  )

for (const [name, codecs] of [
  ['json', [json(), msgpack()]],
  ['msgpack', [msgpack(), json()]],
] as const)
  t.test(`calls of all kinds, in ${name}`, async (t) => {
    const { server, address } = await harbour(t)
    server.rpc('/greet', (name: string) => `Hello ${name}`)
    server.rpc('/nothing', () => undefined)
    await using client = caller({}, codecs)
    const greet = client.remote<(name: string) => string>(address, '/greet')
    t.equal(await greet('Jäger'), 'Hello Jäger')
    t.equal(await client.remote<() => undefined>(address, '/nothing')(), undefined)
    t.equal(await greet.enabled(), true)
    t.equal(await client.remote(address, '/other').enabled(), false)
    const stub = client.stub(Harbour, address)
    t.equal(await stub.upper('abc'), 'ABC')
    t.same(await stub.load({ weight: 3, seals: Uint8Array.of(0, 255) }), {
      weight: 3,
      seals: Uint8Array.of(0, 255),
    })
    t.equal(await stub.sum([1, 2, 3.5]), 6.5)
    let sum = 0
    for await (const number of stub.count(2_000)) sum += number
    t.equal(sum, 2_001_000)
    const nagging = topic<string>(server, '/nagging')
    const messages = pull<string>(client, address, '/nagging')[Symbol.asyncIterator]()
    const next = messages.next()
    await until(() => nagging.size === 1)
    nagging.publish('x')
    t.equal((await next).value, 'x')
    await messages.return?.()
    await until(() => nagging.size === 0)
  })

t.test('errors arrive whole', async (t) => {
  const { server, address } = await harbour(t)
  server.rpc('/fail', () => {
    throw new RpcError('aborted', 'not now', {
      reason: 'overloaded',
      executed: 'yes',
      retryAfterMs: 60_000,
      details: { a: [1, 'two'] },
    })
  })
  server.rpc('/slow', () => new Promise((resolve) => setTimeout(resolve, 1_000).unref()))
  await using client = caller()
  t.match(await failure(client.remote(address, '/fail')()), {
    code: 'aborted',
    message: 'not now',
    reason: 'overloaded',
    executed: 'yes',
    retryAfterMs: 60_000,
    details: { a: [1, 'two'] },
  })
  t.match(await failure(client.remote(address, '/slow').with({ timeoutMs: 50 })()), {
    code: 'deadline_exceeded',
  })
})

t.test(
  'as many connections as calls at a time, up to a number, and one after the other on each',
  async (t) => {
    const { server, address } = await harbour(t)
    let running = 0
    let most = 0
    server.rpc('/work', async (number: number) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running--
      return number
    })
    await using client = caller({ connections: 3 })
    const work = client.remote<(number: number) => number>(address, '/work')
    const answers = await Promise.all(Array.from({ length: 30 }, (_, number) => work(number)))
    t.same(
      answers,
      Array.from({ length: 30 }, (_, number) => number),
    )
    t.equal(most, 3)
    t.equal(server.connections.length, 3)
  },
)

t.test('a call that is cancelled is cancelled on the server, and the next one is not', async (t) => {
  const { server, address } = await harbour(t)
  const events: string[] = []
  server.implement(service('test.Wait', { wait: unary(string, string) }), {
    wait: (name, { signal }) =>
      new Promise((resolve, reject) => {
        events.push('waits')
        if (name === 'short') resolve('done')
        signal.addEventListener('abort', () => {
          events.push('aborted')
          reject(signal.reason)
        })
      }),
  })
  await using client = caller()
  const stub = client.stub(service('test.Wait', { wait: unary(string, string) }), address)
  const controller = new AbortController()
  const call = failure(stub.wait.with({ signal: controller.signal })('long'))
  await until(() => events.length === 1)
  controller.abort()
  t.match(await call, { code: 'cancelled' })
  await until(() => events.includes('aborted'))
  t.equal(await stub.wait('short'), 'done')
})

t.test('AMRPC servers are called and pulled from in their way', async (t) => {
  const { server, address } = await harbour(t, { profile: 'amrpc' })
  server.rpc('/add', (a: number, b: number) => a + b)
  server.rpc('/echo', (text: string) => `<${text}>`, { form: 'text' })
  server.rpc('/flip', (raw: Uint8Array) => raw.map((byte) => byte ^ 0xff), { form: 'bytes' })
  server.rpc('/fail', () => {
    throw new Error('it is broken')
  })
  const nagging = topic<string>(server, '/nagging')
  await using client = caller({ profile: 'amrpc', forms: { '/echo': 'text', '/flip': 'bytes' } }, [
    msgpack(),
    json(),
  ])
  t.equal(await client.remote<(a: number, b: number) => number>(address, '/add')(1, 2), 3)
  t.equal(await client.remote<(text: string) => string>(address, '/echo')('a "b"'), '<a "b">')
  t.same(
    await client.remote<(raw: Uint8Array) => Uint8Array>(address, '/flip')(Uint8Array.of(0, 1)),
    Uint8Array.of(255, 254),
  )
  t.match(await failure(client.remote(address, '/fail')()), { code: 'internal', message: 'it is broken' })
  t.match(await failure(client.remote(address, '/other')()), { reason: 'no_method' })
  t.equal(await client.remote(address, '/add').enabled(), true)
  const messages = pull<string>(client, address, '/nagging')[Symbol.asyncIterator]()
  const first = messages.next()
  await until(() => nagging.size === 1)
  nagging.publish('x')
  t.equal((await first).value, 'x')
  const after = messages.next()
  void nagging.close()
  t.match(await failure(after), { code: 'unavailable', reason: 'closed', retryable: false })
  const none = pull<string>(client, address, '/nagging')[Symbol.asyncIterator]()
  t.match(await failure(none.next()), { reason: 'no_method', retryable: false })
})

for (const options of [{}, { profile: 'amrpc' }] as const)
  for (const codecs of [
    [msgpack(), json()],
    [json(), msgpack()],
  ])
    t.test(
      `a topic left says nothing of the server, ${options.profile ?? 'default'}, ${codecs[0]!.name}`,
      async (t) => {
        const { server, address } = await harbour(t, options)
        const nagging = topic<number>(server, '/nagging', { form: 'values' })
        server.rpc('/echo', (value: number) => value)
        const reasons: unknown[] = []
        await using client = createClient({
          transports: [tcp()],
          codecs,
          protocol: http(options),
          log: () => {},
          onClose: (_, reason) => void reasons.push(reason),
        })
        const echo = client.remote<(value: number) => number>(address, '/echo')
        for (let round = 0; round < 4; round++) {
          const messages = pull<number>(client, address, '/nagging')[Symbol.asyncIterator]()
          const first = messages.next()
          await until(() => nagging.size === 1)
          nagging.publish(round)
          t.equal((await first).value, round)
          await messages.return?.()
          if (round % 2 === 1) t.equal(await echo(round), round)
          await until(() => nagging.size === 0)
        }
        t.same(reasons, [])
      },
    )

t.test('AM-24 what an AMRPC server closes a topic with is told', async (t) => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  t.teardown(() => void server.close())
  await once(server, 'listening')
  server.on('connection', (ws) => {
    ws.send(Uint8Array.of(7))
    ws.close(1000, 'the path was removed')
  })
  await using client = caller({ profile: 'amrpc' }, [msgpack()])
  const { port } = server.address() as AddressInfo
  const messages = pull<number>(client, `tcp://127.0.0.1:${port}`, '/nagging')[Symbol.asyncIterator]()
  t.equal((await messages.next()).value, 7)
  const error = { reason: 'closed', message: /the path was removed/, retryable: false }
  t.match(await failure(messages.next()), error)
})

t.test('AM-24 an AMRPC topic over a local socket', { skip: process.platform === 'win32' }, async (t) => {
  const { createServer } = await import('@hawser/server')
  const path = `/tmp/hawser-http-${process.pid}.sock`
  const server = createServer({
    transports: [ipc()],
    codecs: [msgpack(), json()],
    protocols: [http({ profile: 'amrpc' })],
    log: () => {},
  })
  await server.listen(`ipc://${path}`)
  t.teardown(() => server.close({ signal: AbortSignal.timeout(500) }))
  const nagging = topic<string>(server, '/nagging')
  await using client = caller({ profile: 'amrpc' }, [msgpack(), json()])
  const messages = pull<string>(client, `ipc://${path}`, '/nagging')[Symbol.asyncIterator]()
  const first = messages.next()
  await until(() => nagging.size === 1)
  nagging.publish('x')
  t.equal((await first).value, 'x')
  const large = ['y'.repeat(1_000_000), 'z', 'y'.repeat(3_000_000)]
  for (const text of large) nagging.publish(text)
  for (const text of large) t.ok((await messages.next()).value === text, `${text.length} characters`)
  const after = messages.next()
  void nagging.close()
  t.match(await failure(after), { code: 'unavailable', reason: 'closed', retryable: false })
})

t.test(
  'an AMRPC server of a local socket that does not answer',
  {
    skip: process.platform === 'win32',
  },
  async (t) => {
    const { createServer } = await import('node:net')
    const path = `/tmp/hawser-http-silent-${process.pid}.sock`
    const silent = createServer((socket) => {
      socket.on('error', () => {})
      t.teardown(() => socket.destroy())
    })
    await new Promise<void>((resolve) => silent.listen(path, resolve))
    t.teardown(() => silent.close())
    await using client = createClient({
      transports: [ipc()],
      codecs: [json()],
      protocol: http({ profile: 'amrpc' }),
      limits: { handshakeMs: 50 },
      log: () => {},
    })
    const messages = pull<string>(client, `ipc://${path}`, '/nagging')[Symbol.asyncIterator]()
    t.match(await failure(messages.next()), { reason: 'handshake_timeout', retryable: true })
  },
)

import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@hawser/client'
import { compact } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { type Call, type LogEntry, type Reply, RpcError, virtualClock } from '@hawser/contract'
import { http } from '@hawser/protocol-http'
import { topic } from '@hawser/push'
import { i32 } from '@hawser/schema'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'
import { native } from '@hawser/wire'
import t from 'tap'
import {
  openApiPath,
  type Reflection,
  type ReflectionOptions,
  reflect,
  reflectionPath,
  threadsPath,
} from '../src/index.js'
import { serveDemo } from './support/demo.js'

harness(t)

const transports = [tcp(), ipc()]
const codecs = [json(), msgpack()]
const expected: Reflection = {
  publish: { '/nagging': 'any [/nagging]()', '/ticks': 'i32 [/ticks]()' },
  rpc: {
    '/debug/reflection': 'any [/debug/reflection]()',
    '/join': 'string [/join](list<string>, string?)',
    '/nothing': 'void [/nothing]()',
    '/text': 'string [/text](string)',
    '/to_string': 'string [/to_string](i32)',
    '/untyped': 'any [/untyped](any, any)',
    'demo.Shop/get': 'demo.Item [demo.Shop/get](i64)',
    'demo.Shop/mirror': 'stream demo.Shape [demo.Shop/mirror](stream demo.Shape)',
    'demo.Shop/plain': 'any [demo.Shop/plain](any)',
    'demo.Shop/put': 'void [demo.Shop/put](demo.Item)',
    'demo.Shop/search': 'stream demo.Item [demo.Shop/search](string)',
    'demo.Shop/seen': 'oneway void [demo.Shop/seen](map<i64, bytes>)',
    'demo.Shop/total': 'i64 [demo.Shop/total](stream i32)',
  },
}

interface World extends AsyncDisposable {
  readonly server: Server
  readonly logs: readonly LogEntry[]
}

function world(options: ReflectionOptions, more: Partial<ServerOptions> = {}): World {
  const logs: LogEntry[] = []
  const server = createServer({ transports, codecs, log: (entry) => void logs.push(entry), ...more })
  serveDemo(server)
  topic(server, '/nagging')
  topic(server, '/ticks', { type: i32 })
  reflect(server, options)
  return { server, logs, [Symbol.asyncDispose]: () => server.close() }
}

interface Answer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

function get(
  at: { readonly port?: number; readonly socketPath?: string },
  path: string,
  headers = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', ...at, path, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }))
    })
    asked.on('error', reject).end()
  })
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}

/** A call as it would come from an address. */
function callFrom(address: string | undefined, headers: Readonly<Record<string, string>> = {}): Call {
  const connection = address && { info: { address } }
  const call = {
    method: reflectionPath,
    kind: 'unary',
    codec: 'json',
    headers: new Map(Object.entries(headers)),
    deadline: Number.POSITIVE_INFINITY,
    input: new Uint8Array(0),
    ...(connection && { connection }),
  }
  return call as unknown as Call
}

async function ask(server: Server, call: Call): Promise<Reply | RpcError> {
  try {
    return await server.handler(call)
  } catch (error) {
    return error as RpcError
  }
}

for (const codec of codecs)
  t.test(`AM-35 as a call, in ${codec.name}`, async (t) => {
    await using all = world({ enabled: true })
    const { address } = await all.server.listen('tcp://127.0.0.1:0')
    await using client = createClient({ transports, codecs: [codec] })
    const reflection = client.remote<() => Reflection>(address, reflectionPath)
    t.strictSame(await reflection(), expected)
    t.equal(await reflection.enabled(), true)
    t.equal(await client.remote(address, openApiPath).enabled(), false, 'which is another option')
  })

t.test('AM-35 over HTTP, for people to read', async (t) => {
  await using all = world({ enabled: true })
  const { address } = await all.server.listen('tcp://127.0.0.1:0', { protocols: [native(), http()] })
  const { status, headers, text } = await get({ port: portOf(address) }, reflectionPath)
  t.equal(status, 200)
  t.match(headers['content-type'], /^application\/json/)
  t.strictSame(JSON.parse(text), expected)
  t.equal(text, `${JSON.stringify(expected, undefined, 2)}\n`, 'indented')
  const packed = await get({ port: portOf(address) }, reflectionPath, { accept: 'application/msgpack' })
  t.equal(packed.status, 200)
  t.match(packed.headers['content-type'], /msgpack/)
})

t.test('AM-57 which threads there are, and how busy they are', async (t) => {
  const use = { name: 'business', pid: 7, thread: 0, busy: 0.25 }
  await using all = world({ enabled: true, threads: () => [{ ...use, more: 'is not told' }] })
  const { address } = await all.server.listen('tcp://127.0.0.1:0', { protocols: [native(), http()] })
  const { text } = await get({ port: portOf(address) }, threadsPath)
  t.strictSame(JSON.parse(text), [use])
})

t.test('AM-35 over HTTP in the profile of AMRPC', async (t) => {
  await using all = world({ enabled: true })
  const { address } = await all.server.listen('tcp://127.0.0.1:0', {
    protocols: [http({ profile: 'amrpc' })],
  })
  const accept = { accept: 'application/json', 'content-type': 'application/json' }
  for (const [who, said] of [
    ['who says what it is', accept],
    ['who does not', {}],
    ['curl', { accept: '*/*' }],
    ['a browser', { accept: 'text/html,application/xml;q=0.9,*/*;q=0.8' }],
  ] as const) {
    const { status, headers, text } = await get({ port: portOf(address) }, reflectionPath, said)
    t.equal(status, 200, who)
    t.match(headers['content-type'], /^application\/json/, who)
    t.strictSame(JSON.parse(text), expected, who)
  }
  const packed = await get({ port: portOf(address) }, reflectionPath, { accept: 'application/x-msgpack' })
  t.equal(packed.headers['content-type'], 'application/x-msgpack')
})

t.test('AM-35 over ipc, natively and by HTTP', { skip: process.platform === 'win32' }, async (t) => {
  await using all = world({ enabled: true })
  const path = join(tmpdir(), `reflect-${process.pid}.sock`)
  const address = `ipc://${path}`
  await all.server.listen(address, { protocols: [native(), http()] })
  await using client = createClient({ transports, codecs: [msgpack()] })
  t.strictSame(await client.remote(address, reflectionPath)(), expected)
  t.strictSame(JSON.parse((await get({ socketPath: path }, reflectionPath)).text), expected)
})

t.test('methods that come and go are seen', async (t) => {
  await using all = world({ enabled: true })
  const told = async () => {
    const reply = (await all.server.handler(callFrom(undefined))) as Reply
    return JSON.parse(new TextDecoder().decode(reply.output as Uint8Array)) as Reflection
  }
  all.server.rpc('/later', (...all: unknown[]) => all)
  t.equal((await told()).rpc['/later'], 'any [/later]()')
  all.server.remove('/later')
  t.notOk('/later' in (await told()).rpc)
})

t.test('nothing is there unless it is enabled, or in development', async (t) => {
  const before = process.env.NODE_ENV
  t.teardown(() => {
    if (before === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = before
  })
  for (const [environment, options, there] of [
    ['production', {}, false],
    ['production', { anyone: true, openapi: true }, false],
    ['production', { enabled: true }, true],
    ['development', {}, true],
    ['development', { enabled: false }, false],
  ] as const) {
    process.env.NODE_ENV = environment
    await using all = world(options)
    t.equal(all.server.methods.includes(reflectionPath), there, `${environment} ${JSON.stringify(options)}`)
    t.equal(
      all.logs.some(({ event }) => event === 'reflection_off'),
      !there,
      'it says so',
    )
  }
})

t.test('taking it back, and paths that are taken', async (t) => {
  const server = createServer({ codecs })
  const registration = reflect(server, { enabled: true, openapi: true })
  t.strictSame(registration.names, [reflectionPath, openApiPath])
  t.throws(() => reflect(server, { enabled: true }), { name: 'TypeError' })
  registration.remove()
  t.strictSame(server.methods, [])
  server.rpc(openApiPath, () => 'mine')
  t.throws(() => reflect(server, { enabled: true, openapi: true }), { name: 'TypeError' })
  t.strictSame(server.methods, [openApiPath], 'all or nothing')
  t.throws(() => reflect(createServer({ codecs: [compact()] }), { enabled: true }), { name: 'TypeError' })
  const both = createServer({ codecs: [compact(), json()] })
  reflect(both, { enabled: true })
  t.match(await ask(both, { ...callFrom(undefined), codec: 'compact' }), { reason: 'no_codec' })
})

t.test('only peers of the same host may ask, unless anyone may', async (t) => {
  const clock = virtualClock()
  const addresses: Readonly<Record<string, boolean>> = {
    'tcp://127.0.0.1:40312': true,
    'tls://127.8.9.10:40312': true,
    'tcp://[::1]:40312': true,
    'ws://[::ffff:127.0.0.1]:1': true,
    'ipc:///run/demo.sock': true,
    'memory://demo/1': true,
    'worker://main': true,
    'tcp://10.0.0.1:40312': false,
    'tcp://127.0.0.1.example.org:1': false,
    'tcp://1270.0.0.1:1': false,
    'tcp://[::2]:1': false,
    'tcp://[fe80::1]:127': false,
    'ws://example.org:127': false,
    '': true,
  }
  const open = world({ enabled: true, anyone: true }, { clock })
  const shut = world({ enabled: true }, { clock })
  for (const [address, local] of Object.entries(addresses)) {
    await clock.advance(10_000)
    const answer = await ask(shut.server, callFrom(address))
    if (local) t.notOk(RpcError.is(answer), address)
    else t.match(answer, { code: 'permission_denied', reason: 'denied', executed: 'no' }, address)
    t.notOk(RpcError.is(await ask(open.server, callFrom(address))), `${address}, for anyone`)
  }
  for (const header of ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip']) {
    const answer = await ask(shut.server, callFrom('tcp://127.0.0.1:1', { [header]: '203.0.113.7' }))
    t.match(answer, { reason: 'denied' }, `passed on, by ${header}`)
  }
  t.equal(shut.server.counters.get('reflection_denied'), 10)
  for (const { server } of [open, shut]) {
    const closed = server.close()
    await clock.advance(60_000)
    await closed
  }
})

t.test('once in a second, after a few at once', async (t) => {
  const clock = virtualClock()
  const { server } = world({ enabled: true }, { clock })
  for (let i = 0; i < 5; i++) t.notOk(RpcError.is(await ask(server, callFrom(undefined))))
  const refused = { code: 'resource_exhausted', reason: 'overloaded', executed: 'no', retryable: true }
  t.match(await ask(server, callFrom(undefined)), { ...refused, retryAfterMs: 1000 })
  await clock.advance(500)
  t.match(await ask(server, callFrom(undefined)), { ...refused, retryAfterMs: 500 })
  await clock.advance(500)
  t.notOk(RpcError.is(await ask(server, callFrom(undefined))))
  t.match(await ask(server, callFrom(undefined)), refused)
  t.equal(server.counters.get('reflection_limited'), 3)
  const closed = server.close()
  await clock.advance(60_000)
  await closed
})

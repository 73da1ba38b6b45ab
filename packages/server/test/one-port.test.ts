import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import { connect as connectTls } from 'node:tls'
import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness, testAuthority } from '@hawser/compliance/harness'
import { type LogEntry, limitsWith, type Protocol } from '@hawser/contract'
import { http } from '@hawser/protocol-http'
import { jsonFrame } from '@hawser/protocol-json-frame'
import { tcp } from '@hawser/transport-tcp'
import { ws, wsUpgrade } from '@hawser/transport-ws'
import { native } from '@hawser/wire'
import t from 'tap'
import { createServer, type Server } from '../src/index.js'
import { dripping, Ear } from './support/wire.js'

harness(t)

const authority = testAuthority()
const ca = authority.cert
const identity = authority.issue('server', { hosts: ['localhost', '127.0.0.1'] })
const tls = { server: { key: identity.key, cert: identity.cert }, client: { ca } }
const codecs = [msgpack(), json()]
const everything = (): readonly Protocol[] => [
  native(),
  http({ upgrades: [{ accept: wsUpgrade(), protocol: native() }] }),
  jsonFrame(),
]

interface Port extends AsyncDisposable {
  readonly server: Server
  readonly port: number
  readonly log: readonly LogEntry[]
}

async function listening(
  protocols: readonly Protocol[],
  scheme = 'tcp+tls',
  handshakeMs?: number,
): Promise<Port> {
  const log: LogEntry[] = []
  const limits = handshakeMs === undefined ? {} : { handshakeMs }
  const transport = tcp({ tls, limits: limitsWith(limits) })
  const server = createServer({
    transports: [transport],
    codecs,
    limits,
    log: (entry) => void log.push(entry),
  })
  server.rpc('/twice', (n: number) => n * 2)
  server.rpc('/encrypted', () => true)
  const { address } = await server.listen(`${scheme}://127.0.0.1:0`, { protocols })
  return {
    server,
    log,
    port: Number(/\d+$/.exec(address)![0]),
    [Symbol.asyncDispose]: () => server.close(),
  }
}

/** Who calls `/twice`, by what they speak. */
const callers: Record<string, (port: number, encrypted: boolean) => Promise<unknown>> = {
  async native(port, encrypted) {
    await using client = createClient({ transports: [tcp({ tls })], codecs })
    return await client.remote<(n: number) => number>(
      `${encrypted ? 'tls' : 'tcp'}://127.0.0.1:${port}`,
      '/twice',
    )(21)
  },
  async 'length-prefixed JSON'(port, encrypted) {
    await using client = createClient({ transports: [tcp({ tls })], codecs: [json()], protocol: jsonFrame() })
    return await client.remote<(n: number) => number>(
      `${encrypted ? 'tls' : 'tcp'}://127.0.0.1:${port}`,
      '/twice',
    )(21)
  },
  async WebSocket(port, encrypted) {
    await using client = createClient({ transports: [ws({ tls })], codecs })
    return await client.remote<(n: number) => number>(
      `${encrypted ? 'wss' : 'ws'}://127.0.0.1:${port}/`,
      '/twice',
    )(21)
  },
  HTTP: (port, encrypted) =>
    new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', path: '/twice?args=[21]', agent: false, ca }
      const take = (response: IncomingMessage) => {
        let text = ''
        response.on('data', (bytes) => {
          text += bytes
        })
        response.on('end', () => resolve(JSON.parse(text)))
      }
      const request = encrypted ? getHttps(options, take) : getHttp(options, take)
      request.on('error', reject)
    }),
}

t.test('one port serves every protocol, plain and encrypted, at once and dripped', async (t) => {
  await using served = await listening(everything())
  await using slow = await dripping(served.port)
  for (const [name, call] of Object.entries(callers))
    for (const encrypted of [false, true])
      for (const port of [served.port, slow.port])
        t.equal(
          await call(port, encrypted),
          42,
          `${name}${encrypted ? ' over TLS' : ''}, ${port === slow.port ? 'dripped' : 'at once'}`,
        )
  const all = Object.values(callers).flatMap((call) => [call(served.port, false), call(served.port, true)])
  t.same(await Promise.all(all), Array(8).fill(42), 'all at a time')
  t.same(served.log, [])
})

const wordless = '\u00f0\u0000\u00ff\u00ff\u00ff\u00ff'
const alert = '\u0015\u0003\u0001\u0000\u0002\u0002\u0028'

t.test('what is not allowed on a port is told what is, at once and dripped', async (t) => {
  const binary = String.fromCharCode(0xf8, 0x68, 0x61, 0x77, 0x73, 0x65, 0x72, 0x0a)
  const frame = '\r\0\0\0{"in":"ping"}'
  const http11 = /^HTTP\/1\.1 400 .*Connection: close\r\n.*This port speaks (.*), not HTTP\n$/s
  const cases: readonly (readonly [readonly Protocol[], said: string, heard: RegExp | string])[] = [
    [[native()], 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', http11],
    [[jsonFrame()], 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', http11],
    [[native(), jsonFrame()], 'POST /x HTTP/1.1\r\nHost: x\r\n\r\n', http11],
    [[native()], 'EHLO me\r\n', 'This port speaks hawser/1\n'],
    [everything(), 'EHLO me\r\n', 'This port speaks hawser/1 or http/1.1 or json-frame\n'],
    [[native(), jsonFrame()], '\u0016\u0003\u0001\u0000\u00f4\u0001\u0000\u0000', alert],
    [everything(), wordless, ''],
    [[native()], frame, ''],
    [[jsonFrame()], binary, ''],
    [[native(), http()], frame, ''],
    [[jsonFrame(), http()], binary, ''],
  ]
  for (const [protocols, said, heard] of cases)
    for (const dripped of [false, true]) {
      await using served = await listening(protocols, 'tcp')
      const ear = await (await Ear.to(served.port)).say(said, dripped)
      await ear.closed
      const about = `${protocols.map(({ name }) => name)} told ${JSON.stringify(said.slice(0, 10))}`
      if (typeof heard === 'string') t.equal(ear.heard, heard, about)
      else t.match(ear.heard, heard, about)
      t.match(served.log, [{ level: 'warn', event: /^connection_/ }])
      t.equal(served.server.connections.length, 0)
    }
})

t.test('the log says what the peer seems to speak', async (t) => {
  for (const [said, about] of [
    ['GET / HTTP/1.1\r\n\r\n', /: the peer speaks HTTP$/],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /: the peer speaks HTTP\/2$/],
    ['\u0016\u0003\u0001\u0000\u00f4\u0001\u0000\u0000', /: the peer speaks TLS$/],
    [wordless, /: it began with f000ffffffff$/],
  ] as const)
    for (const protocols of [[native()], [native(), jsonFrame()]]) {
      await using served = await listening(protocols, 'tcp')
      const ear = await (await Ear.to(served.port)).say(said)
      await ear.closed
      t.match(served.log, [{ message: about }])
    }
})

t.test('hints reach who is encrypted, too', async (t) => {
  await using served = await listening([native()])
  const socket = connectTls({ port: served.port, host: '127.0.0.1', ca, servername: 'localhost' })
  const ear = new Ear(socket)
  await ear.say('GET / HTTP/1.1\r\n\r\n')
  await ear.closed
  t.match(ear.heard, /^HTTP\/1\.1 400 .*speaks hawser\/1, not HTTP\n$/s)
})

t.test('who neither reads nor closes, or stops half-way, is gone in time', async (t) => {
  for (const [protocols, said] of [
    [[native()], 'GET / HTTP/1.1\r\n\r\n'],
    [everything(), 'EHLO me\r\n'],
    [everything(), wordless],
    [everything(), 'GE'],
    [everything(), ''],
    [[native()], 'G'],
    [[native()], ''],
    [[jsonFrame()], '\r\0'],
  ] as const) {
    await using served = await listening(protocols, 'tcp', 300)
    const ear = await Ear.to(served.port, true)
    ear.socket.pause()
    const began = performance.now()
    await ear.say(said)
    while (served.server.counters.size === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    const closing = served.server.close()
    await closing
    const took = performance.now() - began
    t.ok(took < 2_000, `${JSON.stringify(said)}: ${Math.round(took)} ms`)
    ear.socket.destroy()
    await ear.closed
  }
})

t.test('a connection that has chosen is the transport’s own, as if there had been no choice', async (t) => {
  const found: unknown[] = []
  const spied: Protocol = {
    ...native(),
    serve(connection, context) {
      found.push(connection.constructor.name)
      return native().serve(connection, context)
    },
  }
  await using served = await listening([spied, jsonFrame()], 'tcp')
  t.equal(await callers.native!(served.port, false), 42)
  t.same(found, ['DriverConnection'])
})

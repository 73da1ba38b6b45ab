import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, connect as netConnect } from 'node:net'
import { harness, testAuthority } from '@hawser/compliance/harness'
import { type Connection, type LogEntry, limitsWith, virtualClock } from '@hawser/contract'
import t from 'tap'
import { parseAddress } from '../src/address.js'
import { ws } from '../src/index.js'
import { frame, upgraded } from './support/raw.js'

harness(t)

const here = 'ws://127.0.0.1:0'
const portOf = (address: string) => parseAddress(address, 0).port
const turn = () => new Promise((resolve) => setTimeout(resolve, 1))

t.test('both ends know each other', async (t) => {
  let server: Connection | undefined
  const transport = ws()
  const listener = await transport.listen(`${here}/rpc`, (connection) => {
    server = connection
    connection.start(() => {})
  })
  t.match(listener.address, /^ws:\/\/127\.0\.0\.1:\d+\/rpc$/)
  const client = await transport.dial(listener.address)
  client.start(() => {})
  t.equal(client.peer.address, listener.address)
  t.match(client.peer, { host: '127.0.0.1', tls: undefined })
  while (!server) await turn()
  t.match(server.peer.address, /^ws:\/\/127\.0\.0\.1:\d+$/)
  t.equal(server.peer.host, '127.0.0.1')
  await client.close()
  await server.closed
  await listener.close()
})

t.test('with TLS, what is known of the peer is told', async (t) => {
  const authority = testAuthority()
  const identity = authority.issue('server', { hosts: ['localhost', '127.0.0.1'] })
  const own = authority.issue('client')
  const server = {
    key: identity.key,
    cert: identity.cert,
    ca: authority.cert,
    clientCertificate: 'required',
  } as const
  const clientTls = { ca: authority.cert, key: own.key, cert: own.cert }
  const events: string[] = []
  let accepted: Connection | undefined
  const listener = await ws({ tls: { server }, count: (event) => events.push(event) }).listen(
    'wss://127.0.0.1:0',
    (connection) => {
      accepted = connection
      connection.start(() => {})
    },
  )
  for (const host of ['127.0.0.1', 'localhost']) {
    accepted = undefined
    const address = `wss://${host}:${portOf(listener.address)}`
    const client = await ws({ tls: { client: clientTls } }).dial(address)
    client.start(() => {})
    t.match(client.peer, { address, tls: { verified: true, subject: 'server' } })
    while (!accepted) await turn()
    t.match((accepted as Connection).peer, { tls: { verified: true, subject: 'client' } })
    t.match((accepted as Connection).peer.address, /^wss:/)
    await client.close()
    await (accepted as Connection).closed
  }
  await t.rejects(ws().dial(listener.address), {
    code: 'unavailable',
    reason: 'unreachable',
    executed: 'no',
    retryable: false,
  })
  const other = testAuthority('another').issue('x')
  await t.rejects(
    ws({ tls: { client: { ...clientTls, key: other.key, cert: other.cert } } }).dial(listener.address),
    { code: 'unavailable', reason: 'unreachable' },
  )
  await t.rejects(ws().dial(`ws://127.0.0.1:${portOf(listener.address)}`), {
    code: 'unavailable',
    reason: 'unreachable',
  })
  while (events.length < 3) await turn()
  t.equal(events.length, 3, 'each is counted once')
  t.ok(events.includes('tls_handshake_failed'))
  await listener.close()
  await t.rejects(
    ws().listen('wss://127.0.0.1:0', () => {}),
    TypeError,
    'without a certificate',
  )
})

t.test('F7 a dial that fails tells why, and whether to try again', async (t) => {
  const listener = await ws().listen(`${here}/rpc`, () => {})
  const port = portOf(listener.address)
  const refused = { code: 'unavailable', reason: 'unreachable', executed: 'no' }
  await t.rejects(ws().dial(`ws://127.0.0.1:${port}/other`), { ...refused, retryable: true, message: /404/ })
  const page = ws({ headers: { Origin: 'https://evil.example' } })
  await t.rejects(page.dial(listener.address), { ...refused, retryable: false, message: /403/ })
  await listener.close()
  await t.rejects(ws().dial(listener.address), {
    ...refused,
    retryable: true,
    message: `Cannot connect to ${listener.address}: ECONNREFUSED`,
    cause: { code: 'ECONNREFUSED' },
  })
  await t.rejects(ws().dial('ws://does-not-exist.invalid:1'), refused)
  for (const [status, retryable] of [
    [503, true],
    [200, true],
    [301, false],
  ] as const) {
    const http = createHttpServer((_, response) => response.writeHead(status, { Location: '/' }).end())
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const bound = http.address()
    if (!bound || typeof bound !== 'object') throw new TypeError('no port')
    await t.rejects(ws().dial(`ws://127.0.0.1:${bound.port}`), {
      ...refused,
      retryable,
      message: new RegExp(`${status}`),
    })
    const closed = once(http, 'close')
    http.close()
    await closed
  }
})

t.test('a listener that does not answer is given up, and so is a dial that is aborted', async (t) => {
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (!bound || typeof bound !== 'object') throw new TypeError('no port')
  const address = `ws://127.0.0.1:${bound.port}`
  const clock = virtualClock()
  const late = t.rejects(ws({ clock }).dial(address), {
    reason: 'unreachable',
    executed: 'no',
    retryable: true,
    message: /no WebSocket handshake within 5000 ms/,
  })
  const connections = () => new Promise<number>((resolve) => server.getConnections((_, n) => resolve(n)))
  while ((await connections()) === 0) await turn()
  await turn()
  await clock.advance(5_000)
  await late
  const abort = new AbortController()
  const reason = new Error('enough')
  const aborted = t.rejects(ws({ clock }).dial(address, { signal: abort.signal }), reason)
  await turn()
  abort.abort(reason)
  await aborted
  t.equal(clock.pending, 0)
  while ((await connections()) > 0) await turn()
  server.close()
})

t.test("a soft limit below the socket's own mark is kept to, too", async (t) => {
  const transport = ws({ limits: limitsWith({ writeSoftBytes: 100 }) })
  let server: Connection | undefined
  const listener = await transport.listen(here, (connection) => {
    server = connection
  })
  const client = await transport.dial(listener.address)
  client.start(() => {})
  while (client.queued === 0) client.send(new Uint8Array(64 * 1024))
  while (client.queued > 0) {
    server?.start(() => {})
    await client.drained()
    server = undefined
    await turn()
  }
  t.equal(client.send(new Uint8Array(10)), true)
  await client.close()
  await listener.close()
})

t.test('F14 a peer that never reads costs bounded memory and is dropped', async (t) => {
  const clock = virtualClock()
  let server: Connection | undefined
  const listener = await ws({ clock }).listen(here, (connection) => {
    server = connection
    connection.start(() => {})
  })
  const peer = await upgraded(listener.address)
  peer.socket.pause()
  while (!server) await turn()
  const piece = new Uint8Array(64 * 1024)
  let quiet = 0
  while (quiet < 20) {
    quiet = server.queued > 0 ? quiet + 1 : 0
    if (server.queued < piece.length) server.send(piece)
    await turn()
  }
  t.ok(server.queued < 3 * piece.length, `${server.queued} bytes are queued`)
  await clock.advance(11_000)
  t.match(await server.closed, { code: 'unavailable', reason: 'slow_consumer' })
  t.equal(clock.pending, 0)
  await peer.close()
  await listener.close()
})

t.test('F6 connections that are reset at once, during or after their handshake, leave nothing', async (t) => {
  const events = new Set<string>()
  const ends: Promise<unknown>[] = []
  const options = { maxConnectionsPerPeer: 20, count: (event: string) => events.add(event) }
  const listener = await ws(options).listen(here, (connection) => {
    connection.start(() => {})
    ends.push(connection.closed)
  })
  for (let round = 0; round < 200; round++) {
    if (round % 2 === 0) {
      const peer = await upgraded(listener.address)
      peer.write(frame('hello'))
      peer.socket.resetAndDestroy()
      await peer.end()
      continue
    }
    const socket = netConnect({ port: portOf(listener.address), host: '127.0.0.1' })
    socket.on('error', () => {})
    await once(socket, 'connect')
    if (round % 4 === 1) socket.write('GET / HTTP/1.1\r\n')
    socket.resetAndDestroy()
    await once(socket, 'close')
  }
  while (ends.length < 100) await turn()
  await Promise.all(ends)
  await turn()
  t.notOk(events.has('ws_drop_peer'), 'every place is free again')
  await listener.close()
})

t.test('an accept that throws is logged, and so is what is refused, a line a second', async (t) => {
  const lines: LogEntry[] = []
  const listener = await ws({ log: (entry) => lines.push(entry) }).listen(here, () => {
    throw new Error('bad accept')
  })
  const client = await ws().dial(listener.address)
  client.start(() => {})
  await client.closed
  const page = ws({ headers: { Origin: 'https://evil.example' } })
  for (let round = 0; round < 3; round++) await t.rejects(page.dial(listener.address))
  t.same(
    lines.map(({ level, event }) => `${level} ${event}`),
    ['error accept_threw', 'warn ws_refused_origin'],
  )
  await listener.close()
})

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { harness, testAuthority } from '@hawser/compliance/harness'
import { transportSuite } from '@hawser/compliance/transport'
import type { Connection } from '@hawser/contract'
import t, { type Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { ws } from '../src/index.js'
import { ask, upgraded } from './support/raw.js'

harness(t)

async function serving(t: Test, server: Server = createServer((_, response) => response.end('page'))) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  const bound = server.address()
  if (!bound || typeof bound !== 'object') throw new TypeError('no port')
  return { server, port: bound.port, base: `ws://127.0.0.1:${bound.port}` }
}

const echo = (connection: Connection) => connection.start((bytes) => connection.send(bytes))

t.test('as a transport', async (t) => {
  const { server } = await serving(t)
  let count = 0
  transportSuite({
    test: t,
    create: async () => ({ transport: ws({ server }), address: `ws://127.0.0.1:0/${count++}` }),
    supports: { freeAddress: false },
  })
})

t.test('paths are told apart, and pages and other upgrades go on', async (t) => {
  const { server, base, port } = await serving(t)
  const others = new WebSocketServer({ noServer: true })
  const unclaimed: Duplex[] = []
  const upgradeOthers: Parameters<Server['on']>[1] = (request, socket, head) => {
    if (request.url === '/chat') others.handleUpgrade(request, socket, head, (chat) => chat.send('chat'))
    else if (request.url === '/one' && server.listenerCount('upgrade') === 1) unclaimed.push(socket)
  }
  const transport = ws({ server })
  const one = await transport.listen(`${base}/one`, echo)
  const two = await transport.listen('ws://127.0.0.1:0/two', echo)
  t.equal(one.address, `${base}/one`)
  t.equal(two.address, `${base}/two`)
  t.match((await ask(`${base}`, { start: 'GET /chat HTTP/1.1' }))[0], /404/, 'nobody else is there')
  server.on('upgrade', upgradeOthers)
  for (const address of [one.address, two.address]) {
    const client = await ws().dial(address)
    const echoed = new Promise<Uint8Array>((resolve) => client.start(resolve))
    client.send(Uint8Array.of(1, 2, 3))
    t.same([...(await echoed)], [1, 2, 3])
    await client.close()
  }
  t.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'page')
  const chat = new WebSocket(`${base}/chat`)
  const [message] = await once(chat, 'message')
  t.equal(String(message), 'chat')
  chat.close()
  await once(chat, 'close')
  await two.close()
  await one.close()
  await one.close()
  await t.rejects(
    ws().dial(one.address, { signal: AbortSignal.timeout(50) }),
    { name: 'TimeoutError' },
    'the others may want it',
  )
  server.off('upgrade', upgradeOthers)
  for (const socket of unclaimed) socket.destroy()
  const again = await transport.listen(one.address, echo)
  const client = await ws().dial(again.address)
  client.start(() => {})
  await client.close()
  await again.close()
  t.equal(server.listenerCount('upgrade'), 0)
  t.ok(server.listening)
})

t.test('origins and caps hold there, too', async (t) => {
  const { server, base } = await serving(t)
  const events: string[] = []
  const ends: Promise<unknown>[] = []
  const transport = ws({ server, maxConnections: 2, count: (event) => events.push(event) })
  const listener = await transport.listen(`${base}/rpc`, (connection) => {
    echo(connection)
    ends.push(connection.closed)
  })
  const start = 'GET /rpc HTTP/1.1'
  t.match((await ask(base, { start, headers: ['Origin: https://evil.example'] }))[0], /403/)
  while ((await ask(base, { start, without: ['Sec-WebSocket-Key'] }))[0].includes('503'));
  const peers = [await upgraded(base, { start }), await upgraded(base, { start })]
  t.match((await ask(base, { start }))[0], /503/)
  t.same(new Set(events), new Set(['ws_refused_origin', 'ws_refused_request', 'ws_drop_connections']))
  for (const peer of peers) await peer.close()
  await Promise.all(ends)
  await listener.close()
})

t.test('an address that does not fit the server is refused', async (t) => {
  const { server, base, port } = await serving(t)
  const transport = ws({ server })
  const listen = (address: string, on = transport) => on.listen(address, () => {})
  await t.rejects(listen(`ws://127.0.0.1:${port + 1 > 65_535 ? 1 : port + 1}/rpc`), TypeError)
  await t.rejects(listen(`wss://127.0.0.1:${port}/rpc`), TypeError)
  await t.rejects(listen('ws://127.0.0.1:0/rpc', ws({ server: createServer() })), TypeError, 'not listening')
  const listener = await listen(`${base}/rpc`)
  await t.rejects(listen(`${base}/rpc`), { code: 'already_exists' })
  await listener.close()
})

t.test('a server with TLS serves wss', async (t) => {
  const authority = testAuthority()
  const { key, cert } = authority.issue('127.0.0.1')
  const { server, port } = await serving(t, createHttpsServer({ key, cert }))
  const transport = ws({ server, tls: { client: { ca: authority.cert } } })
  const listener = await transport.listen(`wss://127.0.0.1:${port}/rpc`, echo)
  const client = await transport.dial(listener.address)
  const echoed = new Promise<Uint8Array>((resolve) => client.start(resolve))
  client.send(Uint8Array.of(7))
  t.same([...(await echoed)], [7])
  await client.close()
  await listener.close()
})

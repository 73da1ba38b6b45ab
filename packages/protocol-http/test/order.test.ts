import { connect } from 'node:net'
import { harness } from '@hawser/compliance/harness'
import { RpcError } from '@hawser/contract'
import { topic } from '@hawser/push'
import t from 'tap'
import { still } from './support/still.js'
import { wire, world } from './support/world.js'

harness(t)

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}\r\n`
const upgrade = (path: string, to = 'websocket') =>
  get(
    path,
    `Connection: Upgrade\r\nUpgrade: ${to}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`,
  )
const answers = (text: string) => text.match(/HTTP\/1\.1 \d+|"first"|"second"/g)

t.test('what ends a connection does not overtake the answers to earlier requests', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/first', () => 'first')
  server.rpc('/second', () => 'second')
  server.rpc('/first-later', async () => 'first')
  server.rpc('/second-later', async () => 'second')
  topic(server, '/nagging')
  const endings: Record<string, readonly [string, number]> = {
    'bytes that are no HTTP': ['\x01\x02\r\n\r\n', 400],
    'doubtful headers': [get('/first', 'Content-Type: a\r\nContent-Type: b\r\n'), 400],
    'a refused upgrade': [upgrade('/absent'), 404],
    'an upgrade': [upgrade('/nagging'), 101],
    'a proxy request': ['CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n', 405],
  }
  for (const [name, [ending, status]] of Object.entries(endings)) {
    const line = wire(t, port)
    line.send(get('/first') + get('/second') + ending)
    await line.until(new RegExp(`HTTP/1.1 ${status} `))
    t.same(
      answers(line.text),
      ['HTTP/1.1 200', '"first"', 'HTTP/1.1 200', '"second"', `HTTP/1.1 ${status}`],
      name,
    )
    line.socket.destroy()
  }
  const later = wire(t, port)
  later.send(get('/first-later') + get('/second-later') + get('/first', 'Host: b\r\n'))
  await later.closed
  t.same(answers(later.text), ['HTTP/1.1 200', '"first"', 'HTTP/1.1 200', '"second"', 'HTTP/1.1 400'])
})

t.test('an offer of HTTP/2 behind another request is answered in its turn', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/first', () => 'first')
  server.rpc('/second', () => 'second')
  const line = wire(t, port)
  line.send(get('/first') + upgrade('/second', 'h2c'))
  await line.closed
  t.same(answers(line.text), ['HTTP/1.1 200', '"first"', 'HTTP/1.1 200', '"second"'])
})

t.test('an offer of HTTP/2 with a body is told what to do instead', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/first', () => 'first')
  const line = wire(t, port)
  line.send(
    'POST /first HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]',
  )
  await line.closed
  t.match(line.text, /^HTTP\/1.1 400 [\s\S]*send a body in plain HTTP\/1.1/)
})

t.test('requests wait while the answers before them are not read', async (t) => {
  let calls = 0
  const { server, port } = await world(t)
  const large = 'x'.repeat(500_000)
  server.rpc('/large', () => {
    calls++
    return large
  })
  const line = wire(t, port)
  line.socket.pause()
  line.send(get('/large').repeat(100))
  await new Promise((resolve) => setTimeout(resolve, 300))
  t.ok(calls < 40, `${calls} have been run`)
  line.socket.resume()
  const until = Date.now() + 5_000
  while (line.text.length < 100 * large.length && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 10))
  t.equal(calls, 100)
  t.equal(line.text.split('HTTP/1.1 200').length, 101)
})

t.test('headers that differ in the first name only are read anew', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/first', () => 'first')
  const line = wire(t, port)
  const request = (name: string) =>
    `GET /first HTTP/1.1\r\n${name}: https://evil.example\r\nHost: 127.0.0.1\r\n\r\n`
  line.send(request('X-Page'))
  await line.until(/"first"/)
  line.send(request('Origin'))
  t.ok(await line.until(/HTTP\/1\.1 403 /))
})

t.test('an upgrade that was refused leaves no connection behind', async (t) => {
  const { server, port } = await world(t)
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  socket.write(upgrade('/absent'))
  const text = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))))
  t.match(text, /^HTTP\/1\.1 404 /)
  t.equal(server.connections.length, 1)
  const until = Date.now() + 3_000
  while (server.connections.length > 0 && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 20))
  t.equal(server.connections.length, 0, 'though its peer stays')
})

t.test('whoever asks for an upgrade is not told why its credential is refused', async (t) => {
  const { server, port } = await world(t, {
    authenticate() {
      throw new RpcError('unauthenticated', 'the reason is secret', { reason: 'unauthenticated' })
    },
  })
  topic(server, '/nagging')
  const line = wire(t, port)
  line.send(upgrade('/nagging'))
  await line.closed
  t.match(line.text, /^HTTP\/1\.1 401 [\s\S]*WWW-Authenticate: Bearer/)
  t.notMatch(line.text, /secret/)
})

t.test('a credential that nobody finds out about is refused in time', async (t) => {
  const { dial, pass, settle } = await still(t, { authenticate: () => new Promise(() => {}) })
  for (const request of [get('/first'), upgrade('/nagging')]) {
    const line = await dial()
    line.send(request)
    await settle()
    t.equal(line.text, '')
    await pass(5_100)
    t.match(line.text, /^HTTP\/1\.1 503 /)
  }
})

t.test('items that cannot be had are the end of an answer that has begun', async (t) => {
  const { server, port } = await world(t)
  const broken = {
    [Symbol.asyncIterator](): never {
      throw new Error('It is locked')
    },
  }
  server.implement(
    { name: 'a.Service', methods: { items: { kind: 'server-stream', untyped: true } } },
    { items: () => broken as AsyncIterable<unknown> },
  )
  const line = wire(t, port)
  line.send(get('/a.Service/items'))
  t.ok(await line.until(/"\$error":\{[^\n]*It is locked[^\n]*\}\n\r\n0\r\n\r\n/))
})

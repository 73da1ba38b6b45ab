import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { type Connection, type LogEntry, virtualClock } from '@hawser/contract'
import { memory } from '@hawser/transport-memory'
import { tcp } from '@hawser/transport-tcp'
import { native } from '@hawser/wire'
import t from 'tap'
import { deferred, until } from '../../client/test/support/stack.js'
import { createServer, type Server } from '../src/index.js'
import { lines } from './support/line-protocol.js'

harness(t)

const codecs = [json()]
const transport = memory()
const transports = [transport, tcp()]
const utf8 = (text: string) => new TextEncoder().encode(text)

function served(options: Partial<Parameters<typeof createServer>[0]> = {}): Server {
  const server = createServer({ transports, codecs, log: () => {}, ...options })
  server.rpc('/twice', (n: number) => n * 2)
  return server
}

/** What the other side says until it, or this side, ends the connection. */
async function lineOf(connection: Connection, ...said: readonly string[]): Promise<string> {
  let heard = ''
  const line = deferred()
  connection.start((bytes) => {
    heard += new TextDecoder().decode(bytes)
    if (heard.endsWith('\n')) line.resolve()
  })
  for (const text of said) {
    connection.send(utf8(text))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.race([line.promise, connection.closed])
  return heard
}

t.test('AM-02 one server listens at several addresses with the same methods', async (t) => {
  await using server = served()
  await using client = createClient({ transports, codecs })
  const listeners = [
    await server.listen('memory://one'),
    await server.listen('tcp://127.0.0.1:0'),
    await server.listen('tcp://127.0.0.1:0'),
  ]
  for (const { address } of listeners)
    t.equal(await client.remote<(n: number) => number>(address, '/twice')(4), 8, address)
  await listeners[1]!.close()
  const closed = client.remote<(n: number) => number>(listeners[1]!.address, '/twice')
  t.equal(await closed(4), 8, 'who is connected stays')
  await using other = createClient({ transports, codecs })
  t.equal(await other.remote(listeners[1]!.address, '/twice').enabled(), false)
  t.equal(await other.remote(listeners[2]!.address, '/twice').enabled(), true)
})

t.test(
  'one port speaks several protocols, told apart by their first bytes however they are cut',
  async (t) => {
    await using server = served()
    await server.listen('memory://both', { protocols: [native(), lines()] })
    await using client = createClient({ transports, codecs })
    t.equal(await client.remote<(n: number) => number>('memory://both', '/twice')(4), 8)
    for (const said of [['line: /twice [21]\n'], [...'line: /twice [21]\n'], ['li', 'ne: /twice [21]\n']]) {
      await using connection = await transport.dial('memory://both')
      t.equal(await lineOf(connection, ...said), '42\n')
    }
    await using connection = await transport.dial('memory://both')
    t.equal(await lineOf(connection, 'line: /none []\n'), 'There is no method /none\n')
  },
)

t.test('what speaks no protocol of the port is cut off, counted and logged', async (t) => {
  const log: LogEntry[] = []
  await using server = served({ log: (entry) => void log.push(entry) })
  await server.listen('memory://both', { protocols: [native(), lines()] })
  const connection = await transport.dial('memory://both')
  t.match(
    await lineOf(connection, 'GET / HTTP/1.1\r\n'),
    /^HTTP\/1\.1 400 .*\r\n\r\nThis port speaks hawser\/1 or lines, not HTTP\n$/s,
  )
  await connection.closed
  t.equal(server.counters.get('connection_bad_frame'), 1)
  t.match(log, [{ level: 'warn', event: 'connection_bad_frame', message: /: the peer speaks HTTP$/ }])
})

t.test('a connection that does not say which protocol it speaks is cut off in time', async (t) => {
  const clock = virtualClock()
  const network = memory({ clock })
  await using server = createServer({ transports: [network], codecs, clock, log: () => {} })
  await server.listen('memory://both', { protocols: [native(), lines()] })
  const silent = await network.dial('memory://both')
  silent.start(() => {})
  silent.send(utf8('li'))
  let ended = false
  void silent.closed.then(() => {
    ended = true
  })
  await clock.advance(4_999)
  t.equal(ended, false)
  await clock.advance(2)
  t.equal(ended, true)
  t.equal(server.counters.get('connection_handshake_timeout'), 1)
  const leaving = await network.dial('memory://both')
  leaving.start(() => {})
  const closing = leaving.close()
  await clock.advance(2_000)
  await closing
  await clock.advance(10_000)
  t.equal(server.counters.get('connection_handshake_timeout'), 1, 'one that leaves by itself is none')
  t.equal(clock.pending, 0, 'and nothing waits for it')
})

t.test('closing a server ends connections that have not said anything', async (t) => {
  const server = served()
  await server.listen('memory://both', { protocols: [native(), lines()] })
  await server.listen('memory://native')
  const connections = [await transport.dial('memory://both'), await transport.dial('memory://native')]
  for (const connection of connections) connection.start(() => {})
  await server.close()
  for (const connection of connections) await connection.closed
  t.equal(server.connections.length, 0)
})

t.test('a listener that comes about while the server closes is closed again', async (t) => {
  const server = served()
  const listening = server.listen('tcp://127.0.0.1:0')
  await server.close()
  await t.rejects(listening, { name: 'TypeError', message: 'The server is closed' })
})

t.test('an address in use is told as it is', async (t) => {
  await using server = served()
  const { address } = await server.listen('tcp://127.0.0.1:0')
  await using other = served()
  await t.rejects(other.listen(address), { name: 'RpcError' })
  await t.rejects(server.listen('memory://x', { protocols: [] }), TypeError)
})

t.test('two stacks in one process do not meet', async (t) => {
  const networks = [memory(), memory()]
  const servers = networks.map((network, index) => {
    const server = createServer({ transports: [network], codecs })
    server.rpc('/who', () => index)
    return server
  })
  await Promise.all(servers.map((server) => server.listen('memory://same')))
  const clients = networks.map((network) => createClient({ transports: [network], codecs }))
  const answers = clients.map((client) => client.remote<() => number>('memory://same', '/who')())
  t.same(await Promise.all(answers), [0, 1])
  t.not(servers[0]!.connections[0]!.id, servers[1]!.connections[0]!.id)
  await until(() => servers[0]!.connections.length === 1)
  await Promise.all([...clients, ...servers].map((each) => each.close()))
})

t.test('sockets are adopted only where a transport has any, and only while it is open', async (t) => {
  const server = served()
  t.throws(() => server.adopt('memory://x'), /not of a transport that sockets can be handed to/)
  t.throws(() => server.adopt('udp://127.0.0.1:1'), TypeError)
  const adoption = server.adopt('tcp://127.0.0.1:1')
  t.equal(adoption.address, 'tcp://127.0.0.1:1')
  await server.close()
  t.throws(() => server.adopt('tcp://127.0.0.1:1'), /closed/)
})

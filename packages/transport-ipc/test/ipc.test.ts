import { once } from 'node:events'
import { createServer, connect as netConnect, type Socket } from 'node:net'
import { relative } from 'node:path'
import { harness } from '@hawser/compliance/harness'
import { type Connection, type LogEntry, limitsWith, virtualClock } from '@hawser/contract'
import t from 'tap'
import { parseAddress } from '../src/address.js'
import { type IpcOptions, ipc } from '../src/index.js'
import { folder } from './support/folder.js'

harness(t)

const turn = () => new Promise((resolve) => setTimeout(resolve, 1))

/** A plain socket that has connected. */
async function plain(address: string): Promise<Socket> {
  const socket = netConnect(parseAddress(address).path)
  socket.on('error', () => {}).resume()
  await once(socket, 'connect')
  return socket
}

interface Counted {
  readonly options: IpcOptions
  readonly events: string[]
  readonly lines: LogEntry[]
}

function counted(options: IpcOptions): Counted {
  const events: string[] = []
  const lines: LogEntry[] = []
  return {
    options: { ...options, count: (event) => events.push(event), log: (entry) => lines.push(entry) },
    events,
    lines,
  }
}

t.test(
  'a relative path is where both ends find it, and the listener tells it in full',
  {
    skip: process.platform === 'win32' && 'pipes have no directories',
  },
  async (t) => {
    const place = folder(t)
    const path = relative(process.cwd(), place.at('a.sock'))
    const transport = ipc()
    for (const address of [`ipc://${path}`, `ipc:${path}`]) {
      const listener = await transport.listen(address, (connection) => connection.start(() => {}))
      t.equal(listener.address, `ipc://${place.at('a.sock')}`)
      for (const other of [address, listener.address]) {
        const client = await transport.dial(other)
        client.start(() => {})
        t.equal(client.peer.address, listener.address)
        await client.close()
      }
      await listener.close()
    }
  },
)

t.test('F7 where nobody listens dialling fails at once, typed, with its cause', async (t) => {
  const place = folder(t)
  await t.rejects(ipc().dial(place.address('a')), {
    code: 'unavailable',
    reason: 'unreachable',
    executed: 'no',
    retryable: true,
    message: `Cannot connect to ${place.address('a')}: ENOENT`,
    cause: { code: 'ENOENT' },
  })
})

t.test('nothing is queued after a write that the system takes', async (t) => {
  const transport = ipc()
  const listener = await transport.listen(folder(t).address('a'), (connection) => connection.start(() => {}))
  const client = await transport.dial(listener.address)
  client.start(() => {})
  for (let round = 0; round < 10; round++) {
    t.equal(client.send(new Uint8Array(1000)), true)
    t.equal(client.queued, 0)
    await turn()
  }
  await client.close()
  await listener.close()
})

t.test('connections of one listener are capped, the rest counted and closed at once', async (t) => {
  const { options, events, lines } = counted({ maxConnections: 3 })
  const accepted: Connection[] = []
  const listener = await ipc(options).listen(folder(t).address('a'), (connection) => {
    connection.start((bytes) => connection.send(bytes))
    accepted.push(connection)
  })
  const sockets = [
    await plain(listener.address),
    await plain(listener.address),
    await plain(listener.address),
  ]
  while (accepted.length < 3) await turn()
  for (let extra = 0; extra < 2; extra++) {
    const refused = await plain(listener.address)
    if (!refused.destroyed) await once(refused, 'close')
  }
  t.same(events, ['ipc_drop_connections', 'ipc_drop_connections'])
  t.equal(lines.length, 1, 'one line a second')
  t.match(lines[0], { level: 'warn', event: 'ipc_drop_connections' })
  sockets[0]!.write('x')
  t.same(await once(sockets[0]!, 'data'), [Buffer.from('x')], 'those that are in are unharmed')
  sockets[0]!.destroy()
  await accepted[0]!.closed
  await turn()
  const again = await plain(listener.address)
  while (accepted.length < 4) await turn()
  for (const socket of [...sockets, again]) socket.destroy()
  for (const connection of accepted) await connection.closed
  await listener.close()
})

t.test('connections in their handshake are capped, until they are admitted or gone', async (t) => {
  const { options, events } = counted({ maxConnections: 80 })
  const accepted: Connection[] = []
  const listener = await ipc(options).listen(folder(t).address('a'), (connection) => {
    connection.start(() => {})
    accepted.push(connection)
  })
  const sockets: Socket[] = []
  const add = async () => {
    const before = accepted.length + events.length
    sockets.push(await plain(listener.address))
    while (accepted.length + events.length === before) await turn()
  }
  for (let index = 0; index < 20; index++) await add()
  t.same(events, [], 'a quarter may be')
  await add()
  t.same(events, ['ipc_drop_unauthenticated'])
  listener.admitted?.(accepted[0]!)
  listener.admitted?.(accepted[0]!)
  await add()
  t.equal(accepted.length, 21)
  sockets[1]!.destroy()
  await accepted[1]!.closed
  await turn()
  await add()
  t.equal(accepted.length, 22)
  await add()
  t.equal(events.length, 2)
  for (const socket of sockets) socket.destroy()
  for (const connection of accepted) await connection.closed
  await listener.close()
})

t.test('F14 a peer that never reads costs bounded memory and is dropped', async (t) => {
  const clock = virtualClock()
  let server: Connection | undefined
  const listener = await ipc({ clock }).listen(folder(t).address('a'), (connection) => {
    server = connection
    connection.start(() => {})
  })
  const socket = netConnect(parseAddress(listener.address).path)
  socket.on('error', () => {})
  socket.pause()
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
  socket.destroy()
  await listener.close()
})

t.test('F1 a peer that goes in the middle is an end, after what came before it', async (t) => {
  const place = folder(t)
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.write('0123456789', () => socket.destroy())
  })
  const path = parseAddress(place.address('a')).path
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const client = await ipc({ limits: limitsWith({ connectMs: 1_000 }) }).dial(place.address('a'))
  let got = 0
  client.start((bytes) => {
    got += bytes.length
  })
  await client.closed
  t.equal(got, 10)
  await new Promise((resolve) => server.close(resolve))
})

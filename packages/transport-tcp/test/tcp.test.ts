import { once } from 'node:events'
import { createServer, connect as netConnect, type Socket } from 'node:net'
import { chaosProxy, harness } from '@hawser/compliance/harness'
import { type Connection, type LogEntry, limitsWith, virtualClock } from '@hawser/contract'
import t from 'tap'
import { parseAddress } from '../src/address.js'
import { type TcpOptions, tcp } from '../src/index.js'

harness(t)

const here = 'tcp://127.0.0.1:0'
const portOf = (address: string) => parseAddress(address, 0).port
const turn = () => new Promise((resolve) => setTimeout(resolve, 1))

/** A plain socket that has connected, and what becomes of it. */
async function plain(address: string, localAddress?: string): Promise<Socket> {
  const socket = netConnect({
    port: portOf(address),
    host: '127.0.0.1',
    ...(localAddress && { localAddress }),
  })
  socket.on('error', () => {}).resume()
  await once(socket, 'connect')
  return socket
}

interface Counted {
  readonly options: TcpOptions
  readonly events: string[]
  readonly lines: LogEntry[]
}

function counted(options: TcpOptions): Counted {
  const events: string[] = []
  const lines: LogEntry[] = []
  return {
    options: { ...options, count: (event) => events.push(event), log: (entry) => lines.push(entry) },
    events,
    lines,
  }
}

t.test('both ends know each other', async (t) => {
  let server: Connection | undefined
  const transport = tcp()
  const listener = await transport.listen(here, (connection) => {
    server = connection
    connection.start(() => {})
  })
  const client = await transport.dial(listener.address)
  client.start(() => {})
  t.equal(client.peer.address, listener.address)
  t.match(client.peer, { host: '127.0.0.1', tls: undefined })
  while (!server) await turn()
  t.match(server.peer.address, /^tcp:\/\/127\.0\.0\.1:\d+$/)
  t.equal(server.peer.host, '127.0.0.1')
  await client.close()
  await server.closed
  t.match(server.peer.address, /^tcp:\/\/127\.0\.0\.1:\d+$/, 'also after the end')
  await listener.close()
})

t.test('IPv6 and names work as well', async (t) => {
  for (const address of ['tcp://[::1]:0', 'tcp://localhost:0']) {
    const transport = tcp()
    const listener = await transport.listen(address, (connection) => connection.start(() => {}))
    const client = await transport.dial(listener.address)
    client.start(() => {})
    await client.close()
    await listener.close()
    t.match(listener.address, /^tcp:\/\/(\[::1\]|localhost):\d+$/)
  }
})

t.test('nothing is queued after a write that the system takes', async (t) => {
  const transport = tcp()
  const listener = await transport.listen(here, (connection) => connection.start(() => {}))
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

t.test("a soft limit below the socket's own mark is kept to, too", async (t) => {
  const transport = tcp({ limits: limitsWith({ writeSoftBytes: 100 }) })
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

t.test('F7 a refused connection fails at once, typed, with its cause', async (t) => {
  const transport = tcp()
  const listener = await transport.listen(here, () => {})
  await listener.close()
  await t.rejects(transport.dial(listener.address), {
    code: 'unavailable',
    reason: 'unreachable',
    executed: 'no',
    retryable: true,
    message: `Cannot connect to ${listener.address}: ECONNREFUSED`,
    cause: { code: 'ECONNREFUSED' },
  })
  await t.rejects(transport.dial(`tcp://localhost:${portOf(listener.address)}`), {
    reason: 'unreachable',
    message: /ECONNREFUSED/,
  })
})

t.test('a name that does not exist is a failure as any other', async (t) => {
  await t.rejects(tcp().dial('tcp://does-not-exist.invalid:1'), {
    code: 'unavailable',
    reason: 'unreachable',
    executed: 'no',
  })
})

t.test('a connection that takes too long is given up', async (t) => {
  // The handshake of TLS never comes, so the time is up while something still answers.
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const clock = virtualClock()
  const transport = tcp({ clock })
  const address = server.address()
  if (!address || typeof address === 'string') throw new TypeError('no port')
  const dialling = transport.dial(`tls://127.0.0.1:${address.port}`)
  const outcome = t.rejects(dialling, {
    code: 'unavailable',
    reason: 'unreachable',
    executed: 'no',
    retryable: true,
    message: /no TLS handshake within 5000 ms/,
  })
  while ((await new Promise<number>((resolve) => server.getConnections((_, n) => resolve(n)))) === 0)
    await turn()
  await turn()
  await clock.advance(5_000)
  await outcome
  t.equal(clock.pending, 0)
  server.close()
})

t.test('the connect timeout is kept to', async (t) => {
  const clock = virtualClock()
  const transport = tcp({ clock, connectTimeoutMs: 1234 })
  // An address for documentation (RFC 5737): nobody answers, or the network says so at once.
  const dialling = transport.dial('tcp://192.0.2.1:9')
  const outcome = t.rejects(dialling, { code: 'unavailable', reason: 'unreachable', executed: 'no' })
  await clock.advance(1_234)
  await outcome
  t.equal(clock.pending, 0)
})

t.test('aborting a dial leaves nothing', async (t) => {
  const clock = virtualClock()
  const abort = new AbortController()
  const reason = new Error('enough')
  const outcome = t.rejects(tcp({ clock }).dial('tcp://192.0.2.1:9', { signal: abort.signal }), reason)
  abort.abort(reason)
  await outcome
  t.equal(clock.pending, 0)
})

t.test('what cannot be listened on fails with a clear message', async (t) => {
  const transport = tcp()
  const listener = await transport.listen(here, () => {})
  await t.rejects(
    transport.listen(listener.address, () => {}),
    { code: 'already_exists', executed: 'no', message: `${listener.address} is in use` },
  )
  await listener.close()
  await t.rejects(
    transport.listen('tcp://192.0.2.1:0', () => {}),
    { code: 'not_found', executed: 'no' },
  )
  await t.rejects(
    transport.listen('tls://127.0.0.1:0', () => {}),
    TypeError,
  )
})

t.test('connections of one listener are capped, the rest counted and closed at once', async (t) => {
  const { options, events, lines } = counted({ maxConnections: 3 })
  const accepted: Connection[] = []
  const listener = await tcp(options).listen(here, (connection) => {
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
    await once(refused, 'close')
  }
  t.same(events, ['tcp_drop_connections', 'tcp_drop_connections'])
  t.equal(lines.length, 1, 'one line a second')
  t.match(lines[0], { level: 'warn', event: 'tcp_drop_connections' })
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

t.test('connections of one peer are capped', async (t) => {
  const { options, events } = counted({ maxConnectionsPerPeer: 2 })
  const accepted: Connection[] = []
  const listener = await tcp(options).listen(here, (connection) => {
    connection.start(() => {})
    accepted.push(connection)
  })
  const sockets = [await plain(listener.address), await plain(listener.address)]
  const refused = await plain(listener.address)
  await once(refused, 'close')
  t.same(events, ['tcp_drop_peer'])
  sockets.push(await plain(listener.address, '127.0.0.2'))
  while (accepted.length < 3) await turn()
  t.equal(accepted[2]!.peer.host, '127.0.0.2', 'another peer is not meant')
  accepted[0]!.abort(new Error('gone') as never)
  await once(sockets[0]!, 'close')
  sockets.push(await plain(listener.address))
  while (accepted.length < 4) await turn()
  for (const socket of sockets) socket.destroy()
  for (const connection of accepted) await connection.closed
  await listener.close()
})

t.test('connections in their handshake are capped, until they are admitted or gone', async (t) => {
  const { options, events } = counted({ maxConnections: 80 })
  const accepted: Connection[] = []
  const listener = await tcp(options).listen(here, (connection) => {
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
  t.same(events, ['tcp_drop_unauthenticated'])
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

t.test('few connections in all are not stopped by their share', async (t) => {
  const { options, events } = counted({ maxConnections: 4 })
  const accepted: Connection[] = []
  const listener = await tcp(options).listen(here, (connection) => {
    connection.start(() => {})
    accepted.push(connection)
  })
  const sockets: Socket[] = []
  for (let index = 0; index < 4; index++) sockets.push(await plain(listener.address))
  while (accepted.length < 4) await turn()
  t.same(events, [])
  for (const socket of sockets) socket.destroy()
  for (const connection of accepted) await connection.closed
  await listener.close()
})

t.test('F6 connections that are reset at once leave nothing', async (t) => {
  const { options, events } = counted({})
  const ends: Promise<unknown>[] = []
  let accepted = 0
  const listener = await tcp(options).listen(here, (connection) => {
    accepted++
    connection.start((bytes) => connection.send(bytes))
    ends.push(connection.closed)
  })
  const steady = await tcp().dial(listener.address)
  let echoed = 0
  steady.start((bytes) => {
    echoed += bytes.length
  })
  for (let round = 0; round < 300; round++) {
    const socket = netConnect({ port: portOf(listener.address), host: '127.0.0.1' })
    socket.on('error', () => {})
    await once(socket, 'connect')
    if (round % 2) socket.write('x')
    socket.resetAndDestroy()
    steady.send(Uint8Array.of(1))
  }
  while (echoed < 300) await turn()
  await steady.close()
  await listener.close()
  await Promise.all(ends)
  t.ok(accepted > 0)
  t.same(events, [], 'and every place is free again')
})

t.test('F1 a cut connection ends as lost, or as ended, and delivers what came before', async (t) => {
  for (const cut of ['fin', 'rst'] as const) {
    let server: Connection | undefined
    let got = 0
    const listener = await tcp().listen(here, (connection) => {
      server = connection
      connection.start((bytes) => {
        got += bytes.length
      })
    })
    const proxy = await chaosProxy({
      port: portOf(listener.address),
      disturb: { toServer: { cutAt: 10, cut } },
    })
    const client = await tcp().dial(`tcp://127.0.0.1:${proxy.port}`)
    client.start(() => {})
    client.send(new Uint8Array(100))
    const reason = await client.closed
    while (!server) await turn()
    const atServer = await server.closed
    t.equal(got, 10)
    if (cut === 'fin') t.same([reason, atServer], [undefined, undefined])
    else
      for (const one of [reason, atServer])
        t.match(one, { code: 'unavailable', reason: 'connection_lost', retryable: true })
    await proxy.close()
    await listener.close()
  }
})

t.test('F14 a peer that never reads costs bounded memory and is dropped', async (t) => {
  const clock = virtualClock()
  const transport = tcp({ clock })
  let server: Connection | undefined
  const listener = await transport.listen(here, (connection) => {
    server = connection
    connection.start(() => {})
  })
  const socket = netConnect({ port: portOf(listener.address), host: '127.0.0.1' })
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

t.test('listening that is aborted while the name is looked up ends', async (t) => {
  const abort = new AbortController()
  const reason = new Error('enough')
  const listening = tcp().listen('tcp://localhost:0', () => {}, { signal: abort.signal })
  abort.abort(reason)
  await t.rejects(listening, reason)
})

import { once } from 'node:events'
import { connect as netConnect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as tlsConnect } from 'node:tls'
import { harness, testAuthority } from '@hawser/compliance/harness'
import { transportSuite } from '@hawser/compliance/transport'
import { type Connection, limitsWith, type Transport } from '@hawser/contract'
import t from 'tap'
import { parseAddress } from '../src/address.js'
import { type TcpOptions, tcp } from '../src/index.js'
import { beginsTls } from '../src/peek.js'

harness(t)

const authority = testAuthority()
const ca = authority.cert
const identity = authority.issue('server', { hosts: ['localhost', '127.0.0.1'] })
const server = { key: identity.key, cert: identity.cert, ca }
const here = 'tcp+tls://127.0.0.1:0'
const portOf = (address: string) => parseAddress(address, 0).port
const turn = () => new Promise((resolve) => setTimeout(resolve, 1))

// Plain connections are seen once they have said something, which the suite does not expect.
t.test('as a transport, dialled by tls', async (t) => {
  const transport = tcp({ tls: { server, client: { ca } } })
  const dialled: Transport = {
    ...transport,
    dial: (address, options) => transport.dial(address.replace(/^tcp\+tls/, 'tls'), options),
  }
  transportSuite({
    test: t,
    create: async () => ({ transport: dialled, address: here }),
    supports: { freeAddress: true },
  })
})

/** A listener that echoes what it is sent, and who came. */
async function echoing(options: TcpOptions = {}) {
  const events: string[] = []
  const accepted: Connection[] = []
  const transport = tcp({ tls: { server, client: { ca } }, count: (event) => events.push(event), ...options })
  const listener = await transport.listen(here, (connection) => {
    accepted.push(connection)
    connection.start((bytes) => connection.send(bytes))
    listener.admitted?.(connection)
  })
  return { transport, listener, events, accepted, port: portOf(listener.address) }
}

async function opened(socket: Socket, event = 'connect'): Promise<Socket> {
  socket.on('error', () => {})
  await once(socket, event)
  return socket
}

function heard(socket: Socket, length: number): Promise<string> {
  let text = ''
  return new Promise((resolve) =>
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (text.length >= length) resolve(text)
    }),
  )
}

t.test('one port is plain and encrypted, as each connection begins', async (t) => {
  const { transport, listener, accepted } = await echoing()
  t.match(listener.address, /^tcp\+tls:\/\/127\.0\.0\.1:\d+$/)
  for (const scheme of ['tcp', 'tls', 'tcp', 'tls']) {
    const connection = await transport.dial(listener.address.replace(/^tcp\+tls/, scheme))
    const echoed = new Promise<Uint8Array>((resolve) => connection.start(resolve))
    connection.send(Uint8Array.of(7))
    t.same([...(await echoed)], [7])
    const { peer } = accepted.at(-1)!
    t.equal(peer.tls !== undefined, scheme === 'tls', 'tls is told of where there is some')
    t.match(peer.address, scheme === 'tls' ? /^tls:/ : /^tcp:/)
    await connection.close()
  }
  await listener.close()
})

t.test('bytes that are dripped one at a time make no difference', async (t) => {
  const { listener, port, accepted } = await echoing()
  for (const first of ['hello', '\u0016\u0003\u0001\0\0{', '\u0016\u0004']) {
    const socket = await opened(netConnect(port, '127.0.0.1'))
    for (const byte of Buffer.from(first, 'latin1')) {
      socket.write(Uint8Array.of(byte))
      await turn()
    }
    t.equal(await heard(socket, first.length), first)
    socket.destroy()
  }
  const wire = await opened(netConnect(port, '127.0.0.1'))
  wire.setNoDelay(true)
  const secure = await opened(
    tlsConnect({ socket: dripping(wire), ca, servername: 'localhost' }),
    'secureConnect',
  )
  secure.write('over TLS')
  t.equal(await heard(secure, 8), 'over TLS')
  t.ok(accepted.at(-1)!.peer.tls)
  secure.destroy()
  wire.destroy()
  await listener.close()
})

/** A wire that takes the beginning of whatever is written byte by byte. */
function dripping(socket: Socket): Duplex {
  const duplex = new Duplex({
    read() {},
    write(chunk: Uint8Array, _encoding, done) {
      void (async () => {
        for (const byte of chunk.subarray(0, 8)) {
          socket.write(Uint8Array.of(byte))
          await turn()
        }
        socket.write(chunk.subarray(8), () => done())
      })()
    },
  })
  socket.on('data', (bytes) => duplex.push(bytes))
  return duplex
}

t.test('who says nothing, or half of a beginning, goes in time and leaves nothing', async (t) => {
  const limits = limitsWith({ handshakeMs: 50 })
  const { listener, port, events, accepted } = await echoing({ limits, maxConnectionsPerPeer: 1 })
  for (const first of [undefined, '\u0016', '\u0016\u0003\u0001']) {
    const socket = await opened(netConnect(port, '127.0.0.1'))
    socket.resume()
    if (first) socket.write(Buffer.from(first, 'latin1'))
    await once(socket, 'close')
  }
  t.same(events, Array(3).fill('tcp_handshake_timeout'))
  const secure = await opened(netConnect(port, '127.0.0.1'))
  secure.resume()
  secure.write(Buffer.from('160301000501000001ff', 'hex'))
  await once(secure, 'close')
  t.equal(events.at(-1), 'tls_handshake_failed')
  const leaving = await opened(netConnect(port, '127.0.0.1'))
  leaving.resume().end()
  await once(leaving, 'close')
  t.same(accepted, [])
  const socket = await opened(netConnect(port, '127.0.0.1'))
  socket.write('x')
  t.equal(await heard(socket, 1), 'x', 'the one place of this peer is free')
  socket.destroy()
  await listener.close()
})

t.test('places are given back, plain or encrypted', async (t) => {
  const { transport, listener, events } = await echoing({ maxConnectionsPerPeer: 2 })
  for (let round = 0; round < 10; round++) {
    const connection = await transport.dial(listener.address.replace(/^tcp\+tls/, round % 2 ? 'tcp' : 'tls'))
    const echoed = new Promise<Uint8Array>((resolve) => connection.start(resolve))
    connection.send(Uint8Array.of(7))
    await echoed
    await connection.close()
    await turn()
    await turn()
  }
  t.same(events, [])
  await listener.close()
})

t.test('those who have not begun are capped, and end with their listener', async (t) => {
  const { listener, port, events } = await echoing({ maxConnections: 64, maxConnectionsPerPeer: 20 })
  const sockets = await Promise.all(Array.from({ length: 18 }, () => opened(netConnect(port, '127.0.0.1'))))
  for (const socket of sockets) socket.resume()
  while (events.length < 2) await turn()
  t.same(events, ['tcp_drop_unauthenticated', 'tcp_drop_unauthenticated'])
  const closed = sockets.filter((socket) => !socket.destroyed).map((socket) => once(socket, 'close'))
  await listener.close()
  await Promise.all(closed)
})

t.test('the platform’s socket can be taken out, whichever it is', async (t) => {
  for (const scheme of ['tcp', 'tls']) {
    const transport = tcp({ tls: { server, client: { ca } } })
    const listener = await transport.listen(here, (connection) => {
      const socket = connection.detach!() as Socket
      socket.on('data', (bytes) => socket.write(bytes)).resume()
    })
    const connection = await transport.dial(listener.address.replace(/^tcp\+tls/, scheme))
    const echoed = new Promise<Uint8Array>((resolve) => connection.start(resolve))
    connection.send(Uint8Array.of(7))
    t.same([...(await echoed)], [7], scheme)
    await connection.close()
    await listener.close()
  }
})

t.test('it is for listening only, and needs to know how to prove itself', async (t) => {
  await t.rejects(tcp().dial('tcp+tls://127.0.0.1:1'), {
    name: 'TypeError',
    message: 'tcp+tls://127.0.0.1:1 is for listening: dial tls://127.0.0.1:1, or tcp://127.0.0.1:1',
  })
  await t.rejects(
    tcp().listen(here, () => {}),
    { name: 'TypeError', message: /tls\.server/ },
  )
})

t.test('what TLS begins with, byte by byte', async (t) => {
  const hello = Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1)
  for (let length = 0; length <= hello.length; length++)
    t.equal(beginsTls(hello.subarray(0, length)), length < 6 ? undefined : true, `${length}`)
  for (const other of [[0xf8], [0x47], [0x16, 0], [0x16, 3, 0x22], [0x16, 3, 1, 0, 0x7b, 0x22]])
    t.equal(beginsTls(Uint8Array.from(other)), false, `${other}`)
})

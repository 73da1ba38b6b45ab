import { once } from 'node:events'
import { connect as netConnect } from 'node:net'
import { harness, testAuthority } from '@hawser/compliance/harness'
import { transportSuite } from '@hawser/compliance/transport'
import { type Connection, limitsWith } from '@hawser/contract'
import t from 'tap'
import { parseAddress } from '../src/address.js'
import { type TcpOptions, type TlsServerOptions, tcp } from '../src/index.js'

harness(t)

const authority = testAuthority()
const ca = authority.cert
const serverIdentity = authority.issue('server', { hosts: ['localhost', '127.0.0.1'] })
const server = { key: serverIdentity.key, cert: serverIdentity.cert, ca }
const here = 'tls://127.0.0.1:0'
const turn = () => new Promise((resolve) => setTimeout(resolve, 1))

t.test('as a transport', async (t) => {
  transportSuite({
    test: t,
    create: async () => ({ transport: tcp({ tls: { server, client: { ca } } }), address: here }),
    supports: { freeAddress: true },
  })
})

interface Attempt {
  readonly client: Connection | undefined
  readonly accepted: Connection | undefined
  readonly error: unknown
  readonly events: string[]
  end(): Promise<void>
}

/** One dial against one listener. */
async function attempt(
  listening: TlsServerOptions,
  dialling: NonNullable<TcpOptions['tls']>['client'],
  host = '127.0.0.1',
): Promise<Attempt> {
  const events: string[] = []
  let accepted: Connection | undefined
  const listener = await tcp({ tls: { server: listening }, count: (event) => events.push(event) }).listen(
    here,
    (connection) => {
      accepted = connection
      connection.start((bytes) => connection.send(bytes))
    },
  )
  let error: unknown
  let client: Connection | undefined
  try {
    client = await tcp({ tls: { client: dialling } }).dial(
      `tls://${host}:${parseAddress(listener.address, 0).port}`,
    )
    client.start(() => {})
  } catch (caught) {
    error = caught
  }
  for (let round = 0; round < 200 && !accepted && events.length === 0; round++) await turn()
  return {
    client,
    accepted,
    error,
    events,
    async end() {
      await client?.close()
      await accepted?.close()
      await listener.close()
    },
  }
}

t.test('the listener is verified, and both see what TLS says', async (t) => {
  for (const host of ['127.0.0.1', 'localhost']) {
    const { client, accepted, end } = await attempt(server, { ca }, host)
    t.match(client?.peer.tls, { verified: true, subject: 'server', names: /DNS:localhost/ })
    t.match(client?.peer.tls?.fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    t.match(client?.peer.address, /^tls:/)
    t.match(accepted?.peer.tls, { verified: false, subject: undefined })
    await end()
  }
})

t.test('a listener that cannot be trusted is refused, for good', async (t) => {
  const stranger = testAuthority('Stranger').issue('server', { hosts: ['127.0.0.1'] })
  const other = authority.issue('server', { hosts: ['elsewhere.test'] })
  const expired = authority.issue('server', { hosts: ['127.0.0.1'], days: -1 })
  for (const identity of [stranger, other, expired]) {
    const { error, accepted, end } = await attempt({ key: identity.key, cert: identity.cert }, { ca })
    t.match(error, { code: 'unavailable', reason: 'unreachable', executed: 'no', retryable: false })
    await accepted?.closed
    await end()
  }
  const { error, end } = await attempt(server, {})
  t.match(error, { reason: 'unreachable', retryable: false }, 'no authority is known by itself')
  await end()
})

t.test('the name of the listener can be told', async (t) => {
  const named = authority.issue('server', { hosts: ['elsewhere.test'] })
  const { client, end } = await attempt(
    { key: named.key, cert: named.cert },
    { ca, servername: 'elsewhere.test' },
  )
  t.equal(client?.peer.tls?.verified, true)
  await end()
})

t.test('a required certificate of the client lets it in, and tells who it is', async (t) => {
  const identity = authority.issue('alice')
  const listening = { ...server, clientCertificate: 'required' } as const
  const { accepted, events, end } = await attempt(listening, { ca, key: identity.key, cert: identity.cert })
  t.match(accepted?.peer.tls, { verified: true, subject: 'alice', names: 'DNS:alice' })
  t.same(events, [])
  await end()
})

t.test('without a valid certificate a client is turned away where one is required', async (t) => {
  const listening = { ...server, clientCertificate: 'required' } as const
  const stranger = testAuthority('Stranger').issue('alice')
  for (const client of [{ ca }, { ca, key: stranger.key, cert: stranger.cert }]) {
    const outcome = await attempt(listening, client)
    t.equal(outcome.accepted, undefined, 'the server never sees it')
    t.same(outcome.events, ['tls_handshake_failed'])
    // In TLS 1.3 the client is done before the server has judged it, so it may learn of it after the dial, as an end.
    if (outcome.client) await outcome.client.closed
    else t.match(outcome.error, { reason: 'unreachable' })
    await outcome.end()
  }
})

t.test('where a certificate is optional, the server is told', async (t) => {
  const listening = { ...server, clientCertificate: 'optional' } as const
  const stranger = testAuthority('Stranger').issue('alice')
  for (const [client, verified, subject] of [
    [{ ca }, false, undefined],
    [{ ca, key: stranger.key, cert: stranger.cert }, false, 'alice'],
  ] as const) {
    const { accepted, end } = await attempt(listening, client)
    t.match(accepted?.peer.tls, { verified, subject })
    await end()
  }
})

t.test('what speaks no TLS, or nothing, is turned away and counted', async (t) => {
  const events: string[] = []
  const limits = limitsWith({ handshakeMs: 50 })
  const listener = await tcp({ limits, tls: { server }, count: (event) => events.push(event) }).listen(
    here,
    () => t.fail('accepted'),
  )
  const { port } = parseAddress(listener.address, 0)
  for (const first of ['GET / HTTP/1.1\r\n\r\n', undefined]) {
    const socket = netConnect(port, '127.0.0.1')
    let heard = ''
    socket
      .on('error', () => {})
      .on('data', (bytes) => {
        heard += bytes
      })
    if (first) socket.write(first)
    await once(socket, 'close')
    if (first) t.match(heard, /^HTTP\/1\.1 400 .*This port speaks TLS, not HTTP\n$/s)
    else t.equal(heard, '')
  }
  t.same(events, ['tls_handshake_failed', 'tls_handshake_failed'])
  await listener.close()
})

t.test('sockets in their handshake are capped, too, and end with their listener', async (t) => {
  const events: string[] = []
  const listener = await tcp({
    maxConnectionsPerPeer: 20,
    maxConnections: 64,
    tls: { server },
    count: (event) => events.push(event),
  }).listen(here, () => t.fail('accepted'))
  const { port } = parseAddress(listener.address, 0)
  const sockets = Array.from({ length: 18 }, () => netConnect(port, '127.0.0.1'))
  for (const socket of sockets) socket.on('error', () => {}).resume()
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  while (events.length < 2) await turn()
  t.same(events, ['tcp_drop_unauthenticated', 'tcp_drop_unauthenticated'])
  const closed = Promise.all(
    sockets.filter((socket) => !socket.destroyed).map((socket) => once(socket, 'close')),
  )
  await listener.close()
  await closed
})

t.test('the place of a TLS connection is free when it is over', async (t) => {
  const events: string[] = []
  const listener = await tcp({
    maxConnectionsPerPeer: 2,
    tls: { server },
    count: (event) => events.push(event),
  }).listen(here, (connection) => {
    connection.start(() => {})
    listener.admitted?.(connection)
  })
  const transport = tcp({ tls: { client: { ca } } })
  for (let round = 0; round < 6; round++) {
    const client = await transport.dial(listener.address)
    client.start(() => {})
    await client.close()
    await turn()
  }
  t.same(events, [])
  await listener.close()
})

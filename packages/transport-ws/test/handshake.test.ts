import { once } from 'node:events'
import { connect } from 'node:net'
import { harness } from '@hawser/compliance/harness'
import { type Listener, virtualClock } from '@hawser/contract'
import t from 'tap'
import { parseAddress } from '../src/address.js'
import { type WsEvent, type WsOptions, ws } from '../src/index.js'
import { ask, RawPeer, request, upgraded } from './support/raw.js'

harness(t)

interface Listening extends AsyncDisposable {
  readonly address: string
  readonly events: WsEvent[]
  readonly listener: Listener
}

async function listen(options: WsOptions = {}, path = ''): Promise<Listening> {
  const events: WsEvent[] = []
  const ends: Promise<unknown>[] = []
  const listener = await ws({ ...options, count: (event) => events.push(event) }).listen(
    `ws://127.0.0.1:0${path}`,
    (connection) => {
      connection.start((bytes) => connection.send(bytes))
      ends.push(connection.closed)
    },
  )
  return {
    address: listener.address,
    listener,
    events,
    async [Symbol.asyncDispose]() {
      await listener.close()
      await Promise.all(ends)
    },
  }
}

const origin = (value: string) => ({ headers: [`Origin: ${value}`] })

t.test('pages may connect only where their origin is listed', async (t) => {
  await using listening = await listen({ origins: ['https://app.example', 'null'] })
  const { address, events } = listening
  const statusOf = async (value: string) => (await ask(address, origin(value)))[0]
  t.equal(await statusOf('https://app.example'), 'HTTP/1.1 101 Switching Protocols')
  t.equal(await statusOf('null'), 'HTTP/1.1 101 Switching Protocols')
  t.equal((await ask(address))[0], 'HTTP/1.1 101 Switching Protocols', 'what is no page sends none')
  const foreign = [
    'https://evil.example',
    'http://app.example',
    'https://app.example:8443',
    'https://app.example.evil.example',
    'https://app.example, https://evil.example',
    'HTTPS://APP.EXAMPLE',
    '*',
    '',
  ]
  for (const value of foreign) t.equal(await statusOf(value), 'HTTP/1.1 403 Forbidden', value)
  t.equal(
    (await ask(address, { headers: ['Sec-WebSocket-Origin: https://evil.example'] }))[0],
    'HTTP/1.1 403 Forbidden',
    'under its old name, too',
  )
  t.equal(
    (await ask(address, { headers: ['Origin: https://app.example', 'Origin: https://evil.example'] }))[0],
    'HTTP/1.1 403 Forbidden',
    'two are not one',
  )
  t.same(
    events,
    Array.from({ length: foreign.length + 2 }, () => 'ws_refused_origin'),
  )
})

t.test('by default no page may connect, not even one of the same host', async (t) => {
  await using listening = await listen()
  const { port } = parseAddress(listening.address, 1)
  t.equal((await ask(listening.address, origin(`http://127.0.0.1:${port}`)))[0], 'HTTP/1.1 403 Forbidden')
  await using open = await listen({ origins: ['*'] })
  t.match((await ask(open.address, origin('https://any.example')))[0], /101/)
})

t.test('an origin that no browser would send cannot be listed', async (t) => {
  for (const wrong of [
    'example.com',
    'https://example.com/',
    'https://Example.com',
    'https://*.example.com',
    '',
  ])
    t.throws(() => ws({ origins: [wrong] }), TypeError, wrong)
})

t.test('sub-protocols are negotiated', async (t) => {
  await using listening = await listen({ subprotocols: ['hawser.2', 'hawser.1'] })
  const offering = async (value: string) => {
    const [, head] = await ask(listening.address, { headers: [`Sec-WebSocket-Protocol: ${value}`] })
    return /^HTTP\/1.1 101/.test(head)
      ? /Sec-WebSocket-Protocol: (.*)/.exec(head)?.[1]?.trim()
      : head.slice(9, 12)
  }
  t.equal(await offering('hawser.1'), 'hawser.1')
  t.equal(await offering('other,hawser.1'), 'hawser.1')
  t.equal(await offering('hawser.1 ,\thawser.2'), 'hawser.2', "the listener's order decides")
  t.equal(await offering('other'), '400')
  t.equal(await offering('Hawser.1'), '400')
  t.equal(await offering('hawser.1,hawser.1'), '400', 'twice the same')
  t.equal(await offering('hawser.1,'), '400')
  t.equal(await offering('hawser.1,a b'), '400')
  const [, head] = await ask(listening.address)
  t.match(head, /^HTTP\/1.1 101/, 'who offers none is taken')
  t.notMatch(head, /Sec-WebSocket-Protocol/)
  const before = process.hrtime.bigint()
  t.equal(await offering(`x${' '.repeat(7_000)}x`), '400')
  t.ok(process.hrtime.bigint() - before < 500_000_000n, 'and is read in linear time')
})

t.test('a dialer wants one of the sub-protocols it offers', async (t) => {
  await using listening = await listen({ subprotocols: [] })
  await t.rejects(ws().dial(listening.address), { reason: 'unreachable', message: /no subprotocol/ })
  const plain = await ws({ subprotocols: [] }).dial(listening.address)
  await plain.close()
})

t.test('nothing is compressed unless both sides want it', async (t) => {
  const offer = { headers: ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'] }
  await using listening = await listen()
  t.notMatch((await ask(listening.address, offer))[1], /Sec-WebSocket-Extensions/)
  await using compressing = await listen({ compression: true })
  t.match((await ask(compressing.address, offer))[1], /Sec-WebSocket-Extensions: permessage-deflate/)
  for (const bits of ['7', '16', '0', '-8', 'x']) {
    const wrong = {
      headers: [`Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=${bits}`],
    }
    t.match((await ask(compressing.address, wrong))[0], /400/, `window bits of ${bits}`)
  }
})

t.test('other paths, other requests and malformed ones are refused', async (t) => {
  await using listening = await listen({}, '/rpc')
  const { address, events } = listening
  const start = (path: string, method = 'GET') => ({ start: `${method} ${path} HTTP/1.1` })
  t.match((await ask(address, start('/rpc')))[0], /101/)
  t.match((await ask(address, start('/rpc?token=1')))[0], /101/, 'a query is not part of it')
  for (const path of ['/', '/RPC', '/rpc/', '//rpc', '/./rpc', '/a/../rpc', '/%72pc', 'http://127.0.0.1/rpc'])
    t.match((await ask(address, start(path)))[0], /404/, path)
  t.match((await ask(address, start('/rpc', 'POST')))[0], /405|400/)
  t.match((await ask(address, { ...start('/rpc'), without: ['Upgrade', 'Connection'] }))[0], /426/)
  t.match((await ask(address, { ...start('/'), without: ['Upgrade', 'Connection'] }))[0], /404/)
  for (const without of ['Sec-WebSocket-Key', 'Sec-WebSocket-Version'])
    t.match((await ask(address, { ...start('/rpc'), without: [without] }))[0], /400/, `without ${without}`)
  for (const headers of [['Sec-WebSocket-Key: short'], ['Sec-WebSocket-Version: 12']])
    t.match(
      (await ask(address, { ...start('/rpc'), headers, without: [headers[0]!.split(':')[0]!] }))[0],
      /400/,
      headers[0]!,
    )
  t.match((await ask(address, 'NONSENSE\r\n\r\n'))[0], /400/)
  t.same([...new Set(events)], ['ws_refused_request'])
})

t.test('floods of headers are refused', async (t) => {
  await using listening = await listen()
  const long = { headers: [`X-Long: ${'x'.repeat(20_000)}`] }
  t.match((await ask(listening.address, long))[0], /431/)
  const many = { headers: Array.from({ length: 100 }, (_, index) => `X-${index}: y`) }
  t.match((await ask(listening.address, many))[0], /431/)
  // Before the usual ones, in the hope that those are dropped and what checks them finds nothing.
  const first = Array.from({ length: 1_500 }, () => 'a:').join('\r\n')
  const hidden = request({ headers: ['Origin: https://evil.example'] }).replace('\r\n', `\r\n${first}\r\n`)
  t.match((await ask(listening.address, hidden))[0], /431/)
  t.same(listening.events, ['ws_refused_request', 'ws_refused_request', 'ws_refused_request'])
})

t.test('a handshake that drips, or never comes, is cut off', async (t) => {
  const clock = virtualClock()
  await using listening = await listen({ clock })
  const silent = new RawPeer(listening.address)
  const dripping = new RawPeer(listening.address)
  dripping.write('GET / HTTP/1.1\r\nHost: x\r\n')
  const done = await upgraded(listening.address)
  await clock.advance(4_999)
  t.notOk(silent.ended || dripping.ended)
  dripping.write('X: ')
  await clock.advance(1)
  await Promise.all([silent.end(), dripping.end()])
  t.same(listening.events, ['ws_handshake_failed', 'ws_handshake_failed'])
  t.notOk(done.ended, 'one that is done is not meant')
  await done.close()
})

t.test('connections in their handshake end with their listener', async (t) => {
  const listening = await listen()
  const peer = new RawPeer(listening.address)
  peer.write('GET')
  const taken = await upgraded(listening.address)
  await listening.listener.close()
  await peer.end()
  t.same(listening.events, [])
  t.notOk(taken.ended)
  await taken.close()
  await listening[Symbol.asyncDispose]()
})

t.test('connections are capped, in all, by peer and in their handshake', async (t) => {
  for (const [options, event] of [
    [{ maxConnections: 3 }, 'ws_drop_connections'],
    [{ maxConnectionsPerPeer: 3 }, 'ws_drop_peer'],
  ] as const) {
    await using listening = await listen(options)
    const peers = [await upgraded(listening.address), await upgraded(listening.address)]
    peers.push(await upgraded(listening.address))
    const extra = new RawPeer(listening.address)
    await extra.end()
    t.same(listening.events, [event])
    await peers[0]!.close()
    for (let free = false; !free; ) {
      const again = new RawPeer(listening.address)
      again.write(request())
      free = (await again.head()) !== ''
      await again.close()
    }
    for (const peer of peers) await peer.close()
  }
  await using listening = await listen({ maxConnections: 64 })
  const silent = Array.from({ length: 17 }, () => new RawPeer(listening.address))
  await Promise.race(silent.map((peer) => peer.end()))
  t.same(listening.events, ['ws_drop_unauthenticated'])
  for (const peer of silent) await peer.close()
})

t.test('a place is free again when its connection was admitted', async (t) => {
  const events: WsEvent[] = []
  const ends: Promise<unknown>[] = []
  const listener = await ws({ maxConnections: 64, count: (event) => events.push(event) }).listen(
    'ws://127.0.0.1:0',
    (connection) => {
      connection.start(() => {})
      listener.admitted?.(connection)
      ends.push(connection.closed)
    },
  )
  const peers: RawPeer[] = []
  for (let index = 0; index < 40; index++) peers.push(await upgraded(listener.address))
  t.same(events, [])
  for (const peer of peers) await peer.close()
  await Promise.all(ends)
  await listener.close()
})

t.test('what follows the request at once is not lost', async (t) => {
  await using listening = await listen()
  const socket = connect(parseAddress(listening.address, 1).port, '127.0.0.1')
  socket.write(Buffer.concat([Buffer.from(request()), Buffer.of(0x82, 0x81, 0, 0, 0, 0, 7)]))
  let got = Buffer.alloc(0)
  while (!got.includes(Buffer.of(0x82, 1, 7))) got = Buffer.concat([got, (await once(socket, 'data'))[0]])
  t.match(got.toString('latin1'), /^HTTP\/1.1 101/)
  socket.destroy()
})

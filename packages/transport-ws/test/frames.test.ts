import { chaosProxy, harness } from '@hawser/compliance/harness'
import { type Connection, limitsWith, type RpcError, virtualClock } from '@hawser/contract'
import t from 'tap'
import { WebSocketServer } from 'ws'
import { parseAddress } from '../src/address.js'
import { type WsOptions, ws } from '../src/index.js'
import { frame, Opcode, type RawPeer, upgraded } from './support/raw.js'

harness(t)

const here = 'ws://127.0.0.1:0'
const turn = () => new Promise((resolve) => setTimeout(resolve, 1))

interface Hostile {
  readonly status: number | undefined
  readonly reason: RpcError | undefined
  readonly got: readonly number[]
}

/** What becomes of a connection whose client sends this. */
async function send(
  bytes: Uint8Array | readonly Uint8Array[],
  options: WsOptions = {},
  headers: readonly string[] = [],
): Promise<Hostile> {
  const got: number[] = []
  let accepted!: (connection: Connection) => void
  const accepting = new Promise<Connection>((resolve) => {
    accepted = resolve
  })
  const listener = await ws(options).listen(here, (connection) => {
    connection.start((message) => got.push(message.length))
    accepted(connection)
  })
  const peer: RawPeer = await upgraded(listener.address, { headers })
  for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) peer.write(part)
  const server = await accepting
  const reason = await server.closed
  // The close frame, and no answer to it.
  const status = await peer.end()
  await listener.close()
  return { status, reason, got }
}

const badFrame = { code: 'invalid_argument', reason: 'bad_frame', retryable: false }
const tooLarge = { code: 'resource_exhausted', reason: 'too_large', retryable: false }

t.test('frames against the rules end the connection, each with its status', async (t) => {
  const limits = limitsWith({ receiveBytes: 1_000 })
  for (const [name, bytes, status, reason] of [
    ['a text message', frame('hello', { opcode: Opcode.text }), 1003, badFrame],
    ['text that is no UTF-8', frame(Buffer.of(0xc3, 0x28), { opcode: Opcode.text }), 1007, badFrame],
    ['a frame without a mask', frame('hello', { masked: false }), 1002, badFrame],
    ['a reserved bit', frame('hello', { rsv: 4 }), 1002, badFrame],
    ['an opcode that is none', frame('hello', { opcode: 3 }), 1002, badFrame],
    ['a fragment of nothing', frame('hello', { opcode: Opcode.more }), 1002, badFrame],
    ['a ping in fragments', frame('hello', { opcode: Opcode.ping, fin: false }), 1002, badFrame],
    ['a ping that is too long', frame(Buffer.alloc(126), { opcode: Opcode.ping }), 1002, badFrame],
    ['a close frame of one byte', frame('x', { opcode: Opcode.close }), 1002, badFrame],
    ['a close code that is none', frame(Buffer.of(3, 0xed), { opcode: Opcode.close }), 1002, badFrame],
    [
      'a close text that is no UTF-8',
      frame(Buffer.of(3, 0xe8, 0xff), { opcode: Opcode.close }),
      1007,
      badFrame,
    ],
    ['2^63 bytes announced', frame('', { length: 2n ** 63n }), 1009, tooLarge],
    ['2^64 - 1 bytes announced', frame('', { length: 2n ** 64n - 1n }), 1009, tooLarge],
    ['too long a message', frame(Buffer.alloc(1_000 + 65_537)), 1009, tooLarge],
    [
      'a message too long in all',
      Buffer.concat([
        frame(Buffer.alloc(40_000), { fin: false }),
        frame(Buffer.alloc(40_000), { opcode: Opcode.more }),
      ]),
      1009,
      tooLarge,
    ],
  ] as const) {
    const { status: told, reason: ended, got } = await send(bytes, { limits })
    t.equal(told, status, `${name}: ${status}`)
    t.match(ended, reason, name)
    t.same(got, [], 'nothing is delivered')
  }
})

t.test('a message is taken up to the limit', async (t) => {
  const limits = limitsWith({ receiveBytes: 1_000 })
  const { got, reason } = await send(
    [frame(Buffer.alloc(1_000 + 65_536)), frame(Buffer.of(3, 0xe8), { opcode: Opcode.close })],
    { limits },
  )
  t.same(got, [66_536])
  t.equal(reason, undefined)
})

t.test('a message of countless tiny fragments is cut off', async (t) => {
  const head = frame('', { fin: false })
  for (const piece of [
    frame('', { opcode: Opcode.more, fin: false }),
    frame('x', { opcode: Opcode.more, fin: false }),
  ]) {
    const { status, reason, got } = await send(
      Buffer.concat([head, ...Array.from({ length: 5_000 }, () => piece)]),
    )
    t.equal(status, 1008)
    t.match(reason, tooLarge)
    t.same(got, [])
  }
})

t.test(
  'bombs: a message that grows past the limit, and a connection that grows past the ratio',
  async (t) => {
    const { deflateRawSync } = await import('node:zlib')
    const headers = ['Sec-WebSocket-Extensions: permessage-deflate']
    const bomb = (bytes: number) => {
      const deflated = deflateRawSync(Buffer.alloc(bytes), { finishFlush: 2 })
      return frame(deflated.subarray(0, -4), { rsv: 4 })
    }
    const limits = limitsWith({ receiveBytes: 1_000_000 })
    const grown = await send(bomb(50_000_000), { compression: true, limits }, headers)
    t.equal(grown.status, 1009)
    t.match(grown.reason, tooLarge)
    const ratio = await send(bomb(900_000), { compression: true, limits }, headers)
    t.equal(ratio.status, 1009)
    t.match(ratio.reason, { ...tooLarge, message: /decompressed/ })
    t.same(ratio.got, [])
    const corrupt = await send(frame(Buffer.alloc(20, 0xff), { rsv: 4 }), { compression: true }, headers)
    t.equal(corrupt.status, 1007)
    t.match(corrupt.reason, badFrame)
  },
)

t.test('with compression on both sides everything still arrives', async (t) => {
  const transport = ws({ compression: true })
  const listener = await transport.listen(here, (connection) =>
    connection.start((bytes) => connection.send(bytes)),
  )
  const client = await transport.dial(listener.address)
  let got = 0
  let arrived = () => {}
  client.start((bytes) => {
    got += bytes.length
    if (got === 3_000_000) arrived()
  })
  const all = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const text = Buffer.from(
    Array.from({ length: 2_000 }, (_, index) => `line ${index} ${index * 7_919}`).join('\n'),
  )
  for (let sent = 0; sent < 3_000_000; ) {
    const part = text.subarray(0, Math.min(text.length, 3_000_000 - sent))
    sent += part.length
    if (!client.send(Uint8Array.from(part))) await client.drained()
  }
  await all
  t.equal(client.queued, 0)
  await client.close()
  await listener.close()
})

t.test('pings are answered, and a flood of them from who does not read costs little', async (t) => {
  const ends: Promise<unknown>[] = []
  let connection!: Connection
  const listener = await ws().listen(here, (accepted) => {
    connection = accepted
    accepted.start(() => {})
    ends.push(accepted.closed)
  })
  const peer = await upgraded(listener.address)
  peer.write(frame('hello', { opcode: Opcode.ping }))
  while (peer.received.length < 7) await peer.change()
  t.same(peer.received, Buffer.concat([Buffer.of(0x8a, 5), Buffer.from('hello')]))
  peer.socket.pause()
  const ping = Buffer.concat(
    Array.from({ length: 500 }, () => frame(Buffer.alloc(125), { opcode: Opcode.ping })),
  )
  let most = 0
  for (let round = 0; round < 400 && !peer.ended; round++) {
    peer.write(ping)
    await turn()
    most = Math.max(most, connection.queued)
  }
  t.ok(most < 200_000, `${most} bytes of pongs were queued`)
  await peer.close()
  await Promise.all(ends)
  await listener.close()
})

t.test('F1 a connection that is cut is lost, and what came whole before it is delivered', async (t) => {
  for (const cut of ['fin', 'rst'] as const) {
    let server: Connection | undefined
    const got: number[] = []
    const listener = await ws().listen(here, (connection) => {
      server = connection
      connection.start((bytes) => got.push(bytes.length))
    })
    // Cut in the middle of the second message.
    const { port } = parseAddress(listener.address, 1)
    const handshake = 400
    const proxy = await chaosProxy({ port, disturb: { toServer: { cutAt: handshake + 30_000, cut } } })
    const client = await ws().dial(`ws://127.0.0.1:${proxy.port}`)
    client.start(() => {})
    client.send(new Uint8Array(10_000))
    client.send(new Uint8Array(50_000))
    for (const reason of [await client.closed, (await server?.closed) ?? undefined])
      t.match(reason, { code: 'unavailable', reason: 'connection_lost', retryable: true }, cut)
    t.same(got, [10_000])
    await proxy.close()
    await listener.close()
  }
})

t.test('messages arrive whole, however the network cuts them', async (t) => {
  const listener = await ws().listen(here, (connection) =>
    connection.start((bytes) => connection.send(bytes)),
  )
  const { port } = parseAddress(listener.address, 1)
  const bytewise = { splitBytes: 1 }
  const proxy = await chaosProxy({ port, disturb: { toServer: bytewise, toClient: bytewise } })
  const client = await ws().dial(`ws://127.0.0.1:${proxy.port}`)
  const got: number[] = []
  const sizes = [0, 1, 125, 126, 2_000]
  await new Promise<void>((resolve) => {
    client.start((bytes) => {
      if (got.push(bytes.length) === sizes.length) resolve()
    })
    for (const size of sizes) client.send(new Uint8Array(size))
  })
  t.same(got, sizes)
  await client.close()
  await proxy.close()
  await listener.close()
})

t.test('how the peer closed tells how the connection ended', async (t) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  const bound = server.address()
  if (!bound || typeof bound !== 'object') throw new TypeError('no port')
  const ended = async (code: number | undefined, text = ''): Promise<unknown> => {
    server.once('connection', (socket) => (code === undefined ? socket.close() : socket.close(code, text)))
    const connection = await ws({ subprotocols: [] }).dial(`ws://127.0.0.1:${bound.port}`)
    connection.start(() => {})
    const reason = await connection.closed
    return reason && `${reason.code}/${reason.reason}/${reason.retryable}`
  }
  for (const [code, expected] of [
    [1000, undefined],
    [1001, undefined],
    [undefined, undefined],
    [1002, 'invalid_argument/bad_frame/false'],
    [1003, 'invalid_argument/bad_frame/false'],
    [1007, 'invalid_argument/bad_frame/false'],
    [1008, 'permission_denied/denied/false'],
    [1009, 'resource_exhausted/too_large/false'],
    [1011, 'internal/internal/false'],
    [1012, 'unavailable/draining/true'],
    [1013, 'unavailable/overloaded/true'],
    [4000, 'unavailable/connection_lost/true'],
  ] as const)
    t.equal(await ended(code), expected, `${code}`)
  server.once('connection', (socket) => socket.close(1011, 'so there\u0000'))
  const connection = await ws({ subprotocols: [] }).dial(`ws://127.0.0.1:${bound.port}`)
  connection.start(() => {})
  t.match(await connection.closed, { message: 'The connection was closed with 1011: "so there\\u0000"' })
  await new Promise((resolve) => server.close(resolve))
})

t.test('a peer that breaks the rules and then stays is cut off', async (t) => {
  const clock = virtualClock()
  let server: Connection | undefined
  const listener = await ws({ clock }).listen(here, (connection) => {
    server = connection
    connection.start(() => {})
  })
  const peer = await upgraded(listener.address)
  peer.write(frame('hello', { opcode: Opcode.text }))
  while (peer.received.length < 4) await peer.change()
  t.match(await server?.closed, badFrame)
  t.notOk(peer.ended)
  await clock.advance(1_000)
  await peer.end()
  t.equal(clock.pending, 0)
  await listener.close()
})

import { harness } from '@hawser/compliance/harness'
import { type Topic, topic } from '@hawser/push'
import type { Server } from '@hawser/server'
import t from 'tap'
import { subscribe, until } from './support/subscriber.js'
import { exchange, type Wire, wire, world } from './support/world.js'

harness(t)

const lines = [
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]
const request = (start: string, headers: readonly string[]) => `${[start, ...headers].join('\r\n')}\r\n\r\n`
const pull = request('GET /nagging HTTP/1.1', lines)
const without = (name: string) => lines.filter((line) => !line.startsWith(name))

/** A frame as a client sends it; its mask is of zeros, so the payload stays legible. */
function frame(
  opcode: number,
  payload: Uint8Array | string,
  { fin = true, masked = true, length }: { fin?: boolean; masked?: boolean; length?: bigint } = {},
): Uint8Array {
  const body = Buffer.from(payload as string)
  const mask = masked ? 0x80 : 0
  const size = Buffer.alloc(length === undefined ? 1 : 9)
  if (length === undefined) size[0] = mask | body.length
  else {
    size[0] = mask | 127
    size.writeBigUInt64BE(length, 1)
  }
  return Buffer.concat([Buffer.of((fin ? 0x80 : 0) | opcode), size, Buffer.alloc(masked ? 4 : 0), body])
}

async function upgraded(port: number, t: Parameters<typeof wire>[0]): Promise<Wire> {
  const line = wire(t, port)
  line.send(pull)
  await line.until(/\r\n\r\n/)
  t.match(line.text, /^HTTP\/1.1 101 /)
  line.text = ''
  return line
}

// The status of the close frame it got.
function statusOf({ text }: Wire): number | undefined {
  return text.charCodeAt(0) === 0x88 ? text.charCodeAt(2) * 256 + text.charCodeAt(3) : undefined
}

async function serves(t: Parameters<typeof wire>[0], server: Server, port: number): Promise<void> {
  const subscriber = await subscribe(t, `ws://127.0.0.1:${port}/nagging`, 'ecv_amrpc_json')
  const nagging = topics.get(server)!
  nagging.publish('fine')
  t.same(await subscriber.got(1), ['"fine"'], 'others are served')
  subscriber.ws.terminate()
  await until(() => nagging.size === 0)
}

const topics = new WeakMap<Server, Topic<string>>()

async function nagged(t: Parameters<typeof wire>[0], limits = {}) {
  const made = await world(t, { limits })
  topics.set(made.server, topic<string>(made.server, '/nagging'))
  return made
}

t.test('handshakes that are none are refused, and nothing is run for them', async (t) => {
  const { server, port } = await nagged(t)
  const bad: Record<string, readonly [string, number]> = {
    'no key': [request('GET /nagging HTTP/1.1', without('Sec-WebSocket-Key')), 400],
    'a short key': [
      request('GET /nagging HTTP/1.1', [...without('Sec-WebSocket-Key'), 'Sec-WebSocket-Key: abc']),
      400,
    ],
    'two keys': [request('GET /nagging HTTP/1.1', [...lines, lines[4]!]), 400],
    'no version': [request('GET /nagging HTTP/1.1', without('Sec-WebSocket-Version')), 426],
    'another version': [
      request('GET /nagging HTTP/1.1', [...without('Sec-WebSocket-Version'), 'Sec-WebSocket-Version: 99']),
      426,
    ],
    'another verb': [request('POST /nagging HTTP/1.1', [...lines, 'Content-Length: 0']), 405],
    'sub-protocols that are none': [
      request('GET /nagging HTTP/1.1', [...lines, 'Sec-WebSocket-Protocol: a b']),
      400,
    ],
    'one twice': [request('GET /nagging HTTP/1.1', [...lines, 'Sec-WebSocket-Protocol: a, a']), 400],
    'another upgrade': [
      request('GET /nagging HTTP/1.1', [...without('Upgrade'), 'Upgrade: carrier-pigeon']),
      400,
    ],
    'another path': [request('GET /nagging/../nagging HTTP/1.1', lines), 404],
    'an encoded path': [request('GET /%6eagging HTTP/1.1', lines), 404],
    'a foreign page': [request('GET /nagging HTTP/1.1', [...lines, 'Origin: https://evil.example']), 403],
    'many sub-protocols': [
      request('GET /nagging HTTP/1.1', [
        ...lines,
        `Sec-WebSocket-Protocol: ${Array.from({ length: 5_000 }, (_, n) => `p${n}`).join(', ')}`,
      ]),
      431,
    ],
  }
  for (const [name, [text, status]] of Object.entries(bad)) {
    const answer = await exchange(t, port, text)
    t.match(answer, new RegExp(`^HTTP/1.1 ${status} `), name)
    t.notMatch(answer, /\bat .*:\d+/)
  }
  t.equal(topics.get(server)!.size, 0)
  await serves(t, server, port)
})

t.test('a handshake may come byte by byte, but not forever', async (t) => {
  const { server, port } = await nagged(t, { headersMs: 400 })
  const slow = wire(t, port)
  for (const byte of pull) {
    slow.send(byte)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await slow.until(/^HTTP\/1.1 101 /)
  const never = wire(t, port)
  never.send(pull.slice(0, -2))
  await never.closed
  t.match(never.text, /^HTTP\/1.1 408 /)
  slow.socket.destroy()
  await until(() => topics.get(server)!.size === 0)
  await serves(t, server, port)
})

t.test('frames that are against the protocol end their connection, and nothing else', async (t) => {
  const { server, port } = await nagged(t)
  const bad: Record<string, readonly [Uint8Array, number | undefined]> = {
    'an unmasked frame': [frame(1, 'hi', { masked: false }), 1002],
    'text that is not UTF-8': [frame(1, Uint8Array.of(0xff, 0xfe)), 1007],
    'a frame of 2^63 bytes': [frame(2, '', { length: 2n ** 63n }), 1009],
    'a frame of 16 MiB': [frame(2, '', { length: 2n ** 24n }), 1009],
    'a fragment of nothing': [frame(0, 'x'), 1002],
    'a control frame in pieces': [frame(9, 'x', { fin: false }), 1002],
    'an unknown opcode': [frame(3, 'x'), 1002],
    'a close frame of one byte': [frame(8, 'x'), 1002],
    'a close frame with a code that is none': [frame(8, Uint8Array.of(3, 0xee)), 1002],
    text: [frame(1, 'hello'), 1003],
    'two frames of text': [Buffer.concat([frame(1, 'a'), frame(1, 'b')]), 1003],
    'empty fragments without end': [
      Buffer.concat([
        frame(1, '', { fin: false }),
        ...Array.from({ length: 100 }, () => frame(0, '', { fin: false })),
      ]),
      1008,
    ],
    'a clean close': [frame(8, Uint8Array.of(3, 0xe8)), 1000],
  }
  await Promise.all(
    Object.entries(bad).map(async ([name, [bytes, status]]) => {
      const line = await upgraded(port, t)
      line.send(bytes)
      await line.closed
      t.equal(statusOf(line), status, name)
    }),
  )
  await until(() => topics.get(server)!.size === 0)
  await serves(t, server, port)
})

t.test('frames behind the handshake in one piece are read all the same', async (t) => {
  const { server, port } = await nagged(t)
  const line = wire(t, port)
  line.send(Buffer.concat([Buffer.from(pull), frame(1, 'early')]))
  await line.closed
  const frames = line.text.slice(line.text.indexOf('\r\n\r\n') + 4)
  t.match(line.text, /^HTTP\/1.1 101 /)
  t.equal(frames.charCodeAt(0), 0x88)
  t.equal(frames.charCodeAt(2) * 256 + frames.charCodeAt(3), 1003)
  await until(() => topics.get(server)!.size === 0)
})

t.test('pings are answered, within reason', async (t) => {
  const { server, port } = await nagged(t)
  const line = await upgraded(port, t)
  line.send(frame(9, 'are you there'))
  await line.until(/\x8a\rare you there/)
  line.send(Buffer.concat(Array.from({ length: 1_000 }, () => frame(9, 'x'))))
  await line.closed
  t.equal(server.counters.get('pull_abuse'), 1)
  await until(() => topics.get(server)!.size === 0)
  await serves(t, server, port)
})

t.test('an upgrade behind other requests, or with a body, is none', async (t) => {
  const { server, port } = await nagged(t)
  server.rpc('/slow', () => new Promise((resolve) => setTimeout(resolve, 50, 'done')))
  const line = wire(t, port)
  line.send(`GET /slow?args=[] HTTP/1.1\r\nHost: a\r\n\r\n${pull}`)
  await line.closed
  t.notMatch(line.text, /101 Switching/)
  const smuggled = wire(t, port)
  smuggled.send(`${pull.slice(0, -2)}Content-Length: 5\r\n\r\nhello`)
  await smuggled.closed
  t.equal(topics.get(server)!.size, 0)
  await serves(t, server, port)
})

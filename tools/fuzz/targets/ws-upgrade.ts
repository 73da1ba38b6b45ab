import { join } from '../bytes.js'
import { attackPull } from '../http/attack-pull.js'
import type { Random } from '../random.js'
import type { Target } from '../target.js'

const text = (value: string) => Buffer.from(value, 'latin1')

const lines = [
  'Connection: Upgrade\r\n',
  'Upgrade: websocket\r\n',
  'Upgrade: WebSocket\r\n',
  'Sec-WebSocket-Version: 13\r\n',
  'Sec-WebSocket-Version: 8\r\n',
  'Sec-WebSocket-Version: 99\r\n',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
  'Sec-WebSocket-Key: x\r\n',
  'Sec-WebSocket-Protocol: ecv_amrpc_json\r\n',
  'Sec-WebSocket-Protocol: chat, ecv_amrpc_msgpack\r\n',
  'Sec-WebSocket-Protocol: hawser.json\r\n',
  'Sec-WebSocket-Protocol: hawser.msgpack, a, a\r\n',
  'Sec-WebSocket-Protocol: ,\r\n',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99\r\n',
  'Origin: https://evil.test\r\n',
  'Origin: http://a\r\n',
  'Content-Length: 3\r\n',
]
const usual = lines[0]! + lines[1]! + lines[3]! + lines[6]!
const handshake = (more = '') => `GET /news HTTP/1.1\r\nHost: a\r\n${usual}${more}\r\n`

/** A frame as a client sends it, masked with zeros. */
function frame(opcode: number, payload: string, fin = true, masked = true): string {
  const first = String.fromCharCode((fin ? 0x80 : 0) | opcode)
  const size = String.fromCharCode((masked ? 0x80 : 0) | Math.min(125, payload.length))
  return `${first}${size}${masked ? '\0\0\0\0' : ''}${payload.slice(0, 125)}`
}

const frames = [
  frame(1, 'hello'),
  frame(2, '\0\xff'),
  frame(1, '\xff'),
  frame(1, 'a', false) + frame(0, 'b'),
  frame(0, 'b', false),
  frame(8, '\x03\xe8'),
  frame(8, '\x03\xe8bye'),
  frame(8, ''),
  frame(8, '\x03'),
  frame(8, '\x03\xee'),
  frame(9, 'ping'),
  frame(10, 'pong'),
  frame(9, 'ping', false),
  frame(3, ''),
  frame(1, 'hello', true, false),
  '\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0',
  '\x82\xfe\xff\xff\0\0\0\0',
]

/** The first byte of an input says in chunks of how many bytes it comes. */
const headed = (choices: number, stream: string) => join(Uint8Array.of(choices), text(stream))
const mostChunks = 60

/** Upgrades to a WebSocket that pulls from a topic, and frames behind them. */
export const wsUpgradeTarget: Target = {
  name: 'ws-upgrade',
  seeds: [
    headed(0, handshake()),
    ...lines.slice(8).map((line, index) => headed(index, handshake(line))),
    ...frames.map((bytes, index) => headed(index, handshake(lines[8]) + bytes)),
    headed(0, handshake() + frames[10]!.repeat(300)),
  ],
  tokens: [...lines, ...frames, '\r\n\r\n', 'GET /news HTTP/1.1\r\n', 'Host: a\r\n'].map(text),
  allowance: 32 * 2 ** 20,
  wild: true,
  generate(random: Random) {
    const more = Array.from({ length: random.small(4) }, () => random.pick(lines)).join('')
    const said = Array.from({ length: random.small(8) }, () => random.pick(frames)).join('')
    return headed(random.below(256), handshake(more) + said)
  },
  parts(input) {
    const stream = Buffer.from(input.subarray(1)).toString('latin1')
    return [input.subarray(0, 1), ...stream.split(/(?<=\r\n)/).map(text)]
  },
  run(input) {
    const size = [Number.POSITIVE_INFINITY, 1, 7, 64][(input[0] ?? 0) % 4]!
    const least = Math.max(1, input.length / mostChunks)
    return attackPull(input.subarray(1), Math.ceil(Math.max(Math.min(size, input.length), least)))
  },
}

import { join } from '../bytes.js'
import { attackHttp } from '../http/attack.js'
import type { Random } from '../random.js'
import type { Target } from '../target.js'

const text = (value: string) => Buffer.from(value, 'latin1')
const json = 'Content-Type: application/json\r\n'
const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n'

const lines = [
  json,
  'Content-Type: application/x-msgpack\r\n',
  'Content-Type: text/plain\r\n',
  'Content-Type: application/octet-stream\r\n',
  'Content-Type: application/x-ndjson\r\n',
  'Accept: */*\r\n',
  'Accept: text/event-stream\r\n',
  'Accept: application/x-msgpack;q=0.5, text/*\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 99999999\r\n',
  'Content-Encoding: gzip\r\n',
  'Connection: close\r\n',
  'Connection: keep-alive, Upgrade\r\n',
  'Upgrade: websocket\r\n',
  'Upgrade: h2c\r\n',
  'Expect: 100-continue\r\n',
  'Origin: http://evil.test\r\n',
  'Origin: http://a\r\n',
  'Sec-Fetch-Site: cross-site\r\n',
  'User-Agent: Mozilla/5.0\r\n',
  'Authorization: Bearer abc\r\n',
  'amrpc_check_enabled: 1\r\n',
  'timeout-ms: 50\r\n',
  'Prefer: respond-async\r\n',
  'Last-Event-ID: 1\r\n',
  'Sec-WebSocket-Protocol: ecv_amrpc_json, ecv_amrpc_msgpack\r\n',
  '__proto__: x\r\n',
  `X-Long: ${'x'.repeat(5_000)}\r\n`,
]
const verbs = ['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'CONNECT']
const paths = [
  '/add',
  '/same',
  '/text',
  '/bytes',
  '/hang',
  '/news',
  '/absent',
  '//add',
  '/add?args=[1,2]',
  '*',
]
const bodies = ['[1,2]', '["a"]', 'raw', '', '{"a":1}', '\x92\x01\x02', '[1]\n[2]\n']

function post(path: string, body: string, more = json): string {
  return `POST ${path} HTTP/1.1\r\nHost: a\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`
}

const upgrade = `GET /news HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}`

const seeds = [
  post('/add', '[1,2]'),
  post('/add', '[1,2]') + post('/same', '[{"a":null}]') + post('/absent', '[]'),
  post('/same', '\x91\xa1a', 'Content-Type: application/x-msgpack\r\nAccept: application/json\r\n'),
  post('/text', 'raw', 'Content-Type: text/plain\r\nAccept: text/plain\r\n'),
  post('/bytes', '\0\xff', 'Content-Type: application/octet-stream\r\nAccept: application/octet-stream\r\n'),
  post('/hang', '[]', `${json}timeout-ms: 50\r\n`),
  `POST /add HTTP/1.1\r\nHost: a\r\n${json}Transfer-Encoding: chunked\r\n\r\n3;x=y\r\n[1,\r\n2\r\n2]\r\n0\r\nX: y\r\n\r\n`,
  'GET /add?args=[1,2] HTTP/1.0\r\n\r\n',
  'GET /news HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nLast-Event-ID: 0\r\n\r\n',
  'OPTIONS /add HTTP/1.1\r\nHost: a\r\nOrigin: https://app.test\r\nAccess-Control-Request-Method: POST\r\n\r\n',
  `${upgrade}Sec-WebSocket-Protocol: ecv_amrpc_json\r\n\r\n`,
  `${upgrade}\r\n\x81\x81\0\0\0\0a`,
]

/** The first byte of an input says which profile it goes to, and in chunks of how many bytes. */
const headed = (choices: number, stream: Uint8Array) => join(Uint8Array.of(choices), stream)
const amrpc = 1
const mostChunks = 60

/** HTTP requests, upgrades to WebSocket among them, from the bytes of a connection on. */
export const httpTarget: Target = {
  name: 'http',
  seeds: seeds.flatMap((seed, index) => [
    headed(index * 2, text(seed)),
    headed(index * 2 + amrpc, text(seed)),
  ]),
  tokens: [...lines, ...bodies, ...paths, ...verbs, '\r\n\r\n', '\r\n', '\n', ' HTTP/1.1', '0\r\n\r\n'].map(
    text,
  ),
  allowance: 32 * 2 ** 20,
  wild: true,
  generate(random: Random) {
    let stream = ''
    for (let requests = 1 + random.small(4); requests > 0; requests--) {
      const body = random.pick(bodies)
      const more = Array.from({ length: random.small(6) }, () => random.pick(lines)).join('')
      const length = random.chance(0.8) ? `Content-Length: ${body.length}\r\n` : ''
      stream += `${random.pick(verbs)} ${random.pick(paths)} HTTP/1.1\r\nHost: a\r\n${more}${length}\r\n${body}`
    }
    return headed(random.below(256), text(stream))
  },
  parts(input) {
    const stream = Buffer.from(input.subarray(1)).toString('latin1')
    return [input.subarray(0, 1), ...stream.split(/(?<=\r\n)/).map(text)]
  },
  run(input) {
    const choices = input[0] ?? 0
    const size = [Number.POSITIVE_INFINITY, 1, 7, 64][(choices >> 1) % 4]!
    return attackHttp(
      input.subarray(1),
      Math.ceil(Math.max(Math.min(size, input.length), input.length / mostChunks)),
      {
        profile: choices & amrpc ? 'amrpc' : 'default',
        origins: ['https://app.test'],
      },
    )
  },
}

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness, testAuthority } from '@hawser/compliance/harness'
import { createServer } from '@hawser/server'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'
import { native } from '@hawser/wire'
import t from 'tap'
import { type HttpOptions, http } from '../src/index.js'
import { world } from './support/world.js'

harness(t)

const run = promisify(execFile)

/** Why a test of a program cannot be run here; where everything has to be there it runs, and fails. */
async function missing(program: string, ...args: string[]): Promise<string | false> {
  if (process.env.CI) return false
  return run(program, args).then(
    () => false,
    () => `${program} ${args.join(' ')} does not run here`,
  )
}

const curl = async (...args: string[]) =>
  (await run('curl', ['-sS', '--max-time', '10', '-g', ...args], { maxBuffer: 2 ** 24 })).stdout
const noCurl = await missing('curl', '--version')
const python = '/usr/bin/python3'
const noPython = await missing(python, '-c', 'import msgpack')

t.test('AM-03 AM-40 curl', { skip: noCurl }, async (t) => {
  const { server, origin } = await world(t)
  server.rpc('/to_string', (number: number) => String(number))
  t.equal(await curl('--json', '[123]', `${origin}/to_string`), '"123"')
  t.equal(await curl(`${origin}/to_string?args=[123]`), '"123"')
  t.equal(await curl('-X', 'GET', '--json', '[123]', `${origin}/to_string`), '"123"', 'a body with GET')
  t.match(await curl('-i', '-d', '[123]', `${origin}/to_string`), /^HTTP\/1.1 415 [\s\S]*curl --json/)
  t.equal(
    await curl('-I', `${origin}/to_string?args=[1]`).then((text) => text.split('\r\n')[0]),
    'HTTP/1.1 200 OK',
  )
  const twice = await curl(
    '--json',
    '[1]',
    `${origin}/to_string`,
    '--next',
    '-v',
    '--json',
    '[2]',
    `${origin}/to_string`,
  )
  t.equal(twice, '"1""2"')
  const large = 'x'.repeat(2_000_000)
  const folder = mkdtempSync(join(tmpdir(), 'hawser-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const { writeFileSync } = await import('node:fs')
  writeFileSync(join(folder, 'body'), JSON.stringify([large]))
  t.equal((await curl('--json', `@${join(folder, 'body')}`, `${origin}/to_string`)).length, large.length + 2)
  t.equal(await curl('--http2', `${origin}/to_string?args=[1]`), '"1"', 'an offer of HTTP/2 is not taken')
})

t.test('curl over TLS', { skip: noCurl }, async (t) => {
  const authority = testAuthority()
  const identity = authority.issue('server', { hosts: ['localhost', '127.0.0.1'] })
  const server = createServer({
    transports: [tcp({ tls: { server: { key: identity.key, cert: identity.cert } } })],
    codecs: [json()],
    protocols: [native(), http()],
  })
  t.teardown(() => server.close())
  server.rpc('/f', (text: string) => `${text}!`)
  const { address } = await server.listen('tls://127.0.0.1:0')
  const origin = address.replace('tls:', 'https:')
  t.equal(await curl('--insecure', '--json', '["a"]', `${origin}/f`), '"a!"')
  t.equal(
    await curl(
      '--insecure',
      '--json',
      '["a"]',
      `${origin}/f`,
      '--next',
      '-k',
      '-sS',
      '--json',
      '["b"]',
      `${origin}/f`,
    ),
    '"a!""b!"',
  )
})

t.test('curl over a local socket', { skip: noCurl }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-'))
  const path = join(folder, 'demo.sock')
  const server = createServer({
    transports: [ipc()],
    codecs: [json(), msgpack()],
    protocols: [native(), http()],
  })
  t.teardown(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  server.rpc('/f', (text: string) => `${text}!`)
  await server.listen(`ipc://${path}`)
  t.equal(await curl('--unix-socket', path, '--json', '["a"]', 'http://here/f'), '"a!"')
  t.match(await curl('-i', '--unix-socket', path, 'http://here/g'), /^HTTP\/1.1 404 /)
})

t.test('AM-51 a client that keeps its connections', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/f', (x: number) => x)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const ports = new Set<number | undefined>()
  for (let round = 0; round < 20; round++) {
    const answer = await new Promise<string>((resolve, reject) => {
      const sent = request(
        {
          agent,
          port,
          host: '127.0.0.1',
          path: '/f',
          method: 'POST',
          headers: { 'content-type': 'application/json' },
        },
        (response) => {
          ports.add(response.socket.localPort)
          response.setEncoding('utf8')
          let text = ''
          response.on('data', (piece: string) => {
            text += piece
          })
          response.on('end', () => resolve(text))
        },
      )
      sent.on('error', reject)
      sent.end(JSON.stringify([round]))
    })
    t.equal(answer, String(round))
  }
  t.equal(ports.size, 1)
})

// The original's clients: a connection for each call, GET with a body, and the same type both ways.
const client = `
import http.client, json, msgpack, sys
port = int(sys.argv[1])
def call(path, body, kind, extra={}):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
    connection.request('GET', path, body, {'content-type': kind, 'accept': kind, 'connection': 'close', **extra})
    reply = connection.getresponse()
    data = reply.read()
    connection.close()
    return reply.status, reply.reason, reply.getheader('content-type'), data
out = []
packed = 'application/x-msgpack'
def values(path, *args):
    status, reason, kind, data = call(path, msgpack.packb(list(args)), packed)
    return [status, kind, msgpack.unpackb(data)] if status == 200 else [status, reason]
out.append(values('/to_string', 123))
out.append(values('/struct', {'i': 7, 'bin': b'\\x00\\xff', 'list': [1.5, None, True], 'name': 'ü'}))
out[-1][2]['bin'] = out[-1][2]['bin'].hex()
out.append(values('/throw', 'oh no'))
out.append(values('/absent'))
out.append([part if isinstance(part, (int, str)) else part.decode() for part in call('/text', 'raw ü'.encode(), 'text/plain')])
out.append(call('/bytes', b'\\x00\\xff', 'application/octet-stream')[3].hex())
out.append(call('/to_string', b'', packed, {'amrpc_check_enabled': '1'})[0])
out.append(call('/absent', b'', packed, {'amrpc_check_enabled': '1'})[0])
print(json.dumps(out))
`

t.test(
  'AM-03 AM-36 AM-49 AM-50 a Python client that speaks msgpack over HTTP',
  { skip: noPython },
  async (t) => {
    for (const profile of ['amrpc', 'default'] as const) {
      const own: HttpOptions = { profile }
      const { server, port } = await world(t, { http: own })
      server.rpc('/to_string', (number: number) => String(number))
      server.rpc('/struct', (value: { i: number }) => ({ ...value, i: value.i + 1 }))
      server.rpc('/throw', (text: string) => {
        throw new Error(text)
      })
      server.rpc('/text', (text: string) => text.toUpperCase(), { form: 'text' })
      server.rpc('/bytes', (bytes: Uint8Array) => bytes.toReversed(), { form: 'bytes' })
      const { stdout } = await run(python, ['-c', client, String(port)])
      const amrpc = profile === 'amrpc'
      const [called, struct, thrown, absent, text, ...others] = JSON.parse(stdout)
      t.same(called, [200, 'application/x-msgpack', '123'])
      t.same(struct, [
        200,
        'application/x-msgpack',
        { i: 8, bin: '00ff', list: [1.5, null, true], name: 'ü' },
      ])
      t.same(thrown, [500, amrpc ? 'oh no' : 'Internal Server Error'])
      t.same(absent, [404, amrpc ? 'remote method not found' : 'Not Found'])
      if (amrpc) t.same(text, [200, 'OK', 'text/plain', 'RAW Ü'])
      else t.equal(text[0], 400, 'text is JSON in the default profile')
      t.same(others, ['ff00', 200, 404])
    }
  },
)

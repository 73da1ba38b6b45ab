import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { createServer as createNetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { harness } from '@hawser/compliance/harness'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { authority, served } from './support/served.js'
import { hawser } from './support/terminal.js'

harness(t)

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

t.test('help tells the commands, and of each its options', async (t) => {
  const { code, out, err } = await hawser(['--help'])
  t.equal(code, 0)
  t.equal(err, '')
  for (const name of ['call', 'pull', 'list', 'ping', 'bench', 'shell']) {
    t.match(out, new RegExp(`^  ${name} `, 'm'))
    const help = await hawser([name, '--help'])
    t.equal(help.code, 0)
    t.match(help.out, new RegExp(`usage: hawser ${name} <address>[\\s\\S]+--deadline <time>[\\s\\S]+--json`))
    t.notOk(
      help.out.split('\n').some((line) => line.length > 120),
      `${name}: no line is long`,
    )
  }
})

t.test('help is a command, too', async (t) => {
  t.equal((await hawser(['help'])).out, (await hawser(['--help'])).out)
  t.equal((await hawser(['help', 'call'])).out, (await hawser(['call', '--help'])).out)
  t.match(await hawser(['help', 'frobnicate']), { code: 2, err: /no command "frobnicate"/ })
})

t.test('the version is that of the package', async (t) => {
  t.match(await hawser(['--version']), { code: 0, out: /^\d+\.\d+\.\d+\n$/ })
  t.match(await hawser(['call', '--version']), { code: 0, out: /^\d+\.\d+\.\d+\n$/ })
})

t.test('what makes no sense is told in one line, with where to read on', async (t) => {
  const here = 'tcp://127.0.0.1:1'
  const cases: readonly (readonly [args: string[], said: RegExp])[] = [
    [['frobnicate'], /There is no command "frobnicate"; there are call, .*hawser --help/],
    [['call', here], /hawser call <address> <method>.*at least 2 arguments.*hawser call --help/],
    [['list', here, 'x'], /1 argument/],
    [['call', here, '/x', '--frob'], /Unknown option '--frob'/],
    [['call', here, '/x', '--codec', 'xml'], /--codec is one of json, msgpack/],
    [['call', here, '/x', '--deadline', 'soon'], /--deadline is a time like 250ms/],
    [['call', here, '/x', '--header', 'x'], /--header is key=value/],
    [['call', here, '/x', '--kind', 'odd'], /--kind is one of unary/],
    [['call', here, '/x', '--cert', '/none', '--key', '/none'], /--cert: ENOENT/],
    [['call', here, 'x'], /A method is \/path or package.Service\/method/],
    [['call', here, '/x', 'hello'], /a text has quotes: '"hello"'/],
    [['call', 'here:1', '/x'], /Nothing is known of here: addresses.*tcp:\/\//],
    [['call', 'localhost', '/x'], /"localhost" is no address.*tcp:\/\//],
    [['call', 'tcp://127.1:5', '/x'], /Not a tcp address/],
    [['call', 'tcp://127.0.0.1', '/x'], /Not a tcp address/],
    [['bench', here, '/x', '--duration', '10'], /--duration is a time like 250ms, 10s/],
    [['bench', here, '/x', '--rate', '5', '-c', '3'], /either --rate/],
    [['bench', here, '/x', '--rate', '0'], /--rate is a number over 0/],
    [['bench', here, '/x', '--connections', '0'], /--connections is a whole number from 1 up/],
  ]
  for (const [args, said] of cases) {
    const { code, out, err } = await hawser(args)
    t.equal(code, 2, args.join(' '))
    t.equal(out, '')
    t.match(err, said)
    t.equal(err.split('\n').length, 2, 'one line')
  }
  t.match(JSON.parse((await hawser(['call', 'x', '--json'])).err), { error: { code: 'usage' } })
  t.match(await hawser([]), { code: 2, out: /^hawser: calls/ })
})

t.test('nobody to reach is exit code 3, with a guess why', async (t) => {
  const refused = await hawser(['call', 'tcp://127.0.0.1:1', '/x'])
  t.equal(refused.code, 3)
  t.match(
    refused.err,
    /^hawser: unavailable\/unreachable, not executed: .*ECONNREFUSED \(is a server listening there\?\)\n$/,
  )
  const noSocket = await hawser(['call', 'ipc:///tmp/hawser-nobody.sock', '/x'])
  t.equal(noSocket.code, 3)
  t.match(noSocket.err, /is a server listening there/)
  const json = JSON.parse((await hawser(['call', 'tcp://127.0.0.1:1', '/x', '--json'])).err)
  t.match(json, { error: { code: 'unavailable', reason: 'unreachable', executed: 'no', hint: /listening/ } })
})

t.test('a port that speaks something else is recognised', async (t) => {
  const http = createServer((_, response) => response.end())
  const port = await portOf(http)
  t.teardown(() => {
    http.closeAllConnections()
    http.close()
  })
  const plain = await hawser(['call', `tcp://127.0.0.1:${port}`, '/x'])
  t.equal(plain.code, 3)
  t.match(plain.err, new RegExp(`speaks HTTP: try http://127.0.0.1:${port}, or ws://127.0.0.1:${port}`))
  const secure = await hawser(['call', `tls://127.0.0.1:${port}`, '/x'])
  t.equal(secure.code, 3)
  t.match(secure.err, new RegExp(`speaks no TLS: try tcp://127.0.0.1:${port}`))
  t.equal(secure.err.split('\n').length, 2, 'one line')
})

t.test('a port that says nothing ends with the deadline', async (t) => {
  const silent = createNetServer((socket) => socket.on('error', () => {}).resume())
  const port = await portOf(silent)
  t.teardown(() => silent.close())
  const { code, err } = await hawser(['call', `tcp://127.0.0.1:${port}`, '/x', '--deadline', '100ms'])
  t.equal(code, 4)
  t.match(err, /^hawser: deadline_exceeded\/deadline, not executed: There was no connection to/)
})

t.test('an authority that is not trusted is told, with how to trust it', async (t) => {
  const server = served()
  t.teardown(() => server.close())
  const folder = mkdtempSync(join(tmpdir(), 'hawser-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, authority.cert)
  for (const scheme of ['tls', 'wss']) {
    const { address } = await server.listen(`${scheme}://127.0.0.1:0`)
    const args = ['call', address, '/add', '1', '2']
    const { code, err } = await hawser(args)
    t.equal(code, 3)
    t.match(err, /whom to trust is said with --ca/)
    t.equal((await hawser([...args, '--ca', ca])).out, '3\n')
    const other = await hawser([...args, '--ca', ca, '--servername', 'example.com'])
    t.equal(other.code, 3)
    t.match(other.err, /the certificate is for another name: see --servername/)
  }
})

t.test('a certificate is shown to servers that ask for one', async (t) => {
  const { cert, key } = authority.issue('127.0.0.1')
  const tls = { server: { cert, key, ca: authority.cert, clientCertificate: 'required' } } as const
  const server = served({ transports: [tcp({ tls })] })
  const { address } = await server.listen('tls://127.0.0.1:0')
  t.teardown(() => server.close())
  const folder = mkdtempSync(join(tmpdir(), 'hawser-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const own = authority.issue('ada')
  for (const [name, pem] of [
    ['ca', authority.cert],
    ['cert', own.cert],
    ['key', own.key],
  ] as const)
    writeFileSync(join(folder, name), pem)
  const args = ['call', address, '/add', '1', '2', '--ca', join(folder, 'ca')]
  const shown = await hawser([...args, '--cert', join(folder, 'cert'), '--key', join(folder, 'key')])
  t.same(shown, { code: 0, out: '3\n', err: '' })
  t.equal((await hawser(args)).code, 3)
  t.match(await hawser([...args, '--cert', join(folder, 'cert')]), { code: 2, err: /go together/ })
})

import { harness } from '@hawser/compliance/harness'
import { http } from '@hawser/protocol-http'
import { reflect } from '@hawser/reflection'
import { native } from '@hawser/wire'
import t from 'tap'
import { socketAddress } from '../src/http-dialer.js'
import { counting, served } from './support/served.js'
import { hawser, values } from './support/terminal.js'

harness(t)

const server = served({ protocols: [native(), http()] })
counting(server)
reflect(server, { enabled: true })
const { address: tcp } = await server.listen('tcp://127.0.0.1:0')
const address = tcp.replace('tcp:', 'http:')
t.teardown(() => server.close())

t.test('an http address is one of a socket, with a port of its own', async (t) => {
  t.equal(socketAddress('http://127.0.0.1:8080'), 'tcp://127.0.0.1:8080')
  t.equal(socketAddress('http://example.com/'), 'tcp://example.com:80')
  t.equal(socketAddress('https://[::1]'), 'tls://[::1]:443')
  for (const wrong of ['http://', 'http://a/b', 'http://a?b', 'http://u@a', 'ftp://a'])
    t.throws(() => socketAddress(wrong), TypeError)
})

t.test('AM-47 calls go over HTTP where the address says so', async (t) => {
  t.same(await hawser(['call', address, '/add', '[1, 2]']), { code: 0, out: '3\n', err: '' })
  t.equal((await hawser(['call', address, '/bytes', '--codec', 'msgpack'])).out, '"AQID"\n')
  t.match(await hawser(['call', address, '/fail']), {
    code: 1,
    err: /^hawser: not_found, executed: No such rope/,
  })
  t.match(await hawser(['call', address, '/nope']), { code: 6, err: /no_method/ })
  const stream = await hawser(['call', address, 'shop.Shop/all', '3'])
  t.equal(values(stream.out).length, 3, stream.err)
})

t.test('ping, list, bench and pull do, too', async (t) => {
  t.match(await hawser(['ping', address, '/add', '-n', '1']), { code: 0, out: /\/add is there/ })
  t.match(await hawser(['ping', address, '/nope', '-n', '1']), { code: 1, out: /there is no \/nope/ })
  t.match(await hawser(['list', address]), { code: 0, out: /\/numbers/ })
  const bench = await hawser(['bench', address, '/add', '1', '2', '-n', '50', '--warm-up', '0s', '--json'])
  t.match(JSON.parse(bench.out), { calls: 50, failed: 0 })
  const { code, out, err } = await hawser(['pull', address, '/numbers', '-n', '3', '--json'])
  t.equal(code, 0, err)
  t.match(values(out), [{ missed: 0 }, { missed: 0 }, { missed: 0 }])
})

t.test('where nobody is reached, it is told as elsewhere', async (t) => {
  t.match(await hawser(['call', 'http://127.0.0.1:1', '/x']), { code: 3, err: /is a server listening there/ })
})

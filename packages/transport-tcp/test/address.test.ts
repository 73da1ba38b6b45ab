import t from 'tap'
import { formatAddress, parseAddress } from '../src/address.js'

t.test('an address is read and written', async (t) => {
  for (const [address, scheme, host, port] of [
    ['tcp://127.0.0.1:57000', 'tcp', '127.0.0.1', 57_000],
    ['tcp://[::1]:1', 'tcp', '::1', 1],
    ['tls://[fe80::1%lo]:65535', 'tls', 'fe80::1%lo', 65_535],
    ['tls://a-b.example.org:443', 'tls', 'a-b.example.org', 443],
    ['tcp://localhost:80', 'tcp', 'localhost', 80],
  ] as const) {
    const parsed = parseAddress(address, 1)
    t.same(parsed, { scheme, host, port })
    t.equal(formatAddress(parsed), address)
  }
})

t.test('port 0 is for listening alone', async (t) => {
  t.equal(parseAddress('tcp://[::]:0', 0).port, 0)
  t.throws(() => parseAddress('tcp://127.0.0.1:0', 1), /from 1 to 65535/)
  t.throws(() => parseAddress('tcp://127.0.0.1:65536', 0), /from 0 to 65535/)
})

t.test('what is no address is refused, nothing is guessed', async (t) => {
  for (const address of [
    'tcp://127.0.0.1',
    'tcp://127.0.0.1:',
    'tcp://127.0.0.1:080',
    'tcp://127.0.0.1:1/',
    'tcp://127.0.0.1:1?x',
    'tcp://127.0.0.1:1#x',
    'tcp://user@127.0.0.1:1',
    'tcp://127.0.0.1:-1',
    'tcp://127.0.0.1:1e3',
    'tcp://127.0.0.1:123456',
    'tcp://:1',
    'tcp://::1:1',
    'tcp://[127.0.0.1]:1',
    'tcp://[::1',
    'tcp://[::g]:1',
    'tcp://127.1:1',
    'tcp://2130706433:1',
    'tcp://0x7f.1:1',
    'tcp://1.2.3.256:1',
    'tcp://a..b:1',
    'tcp://-a:1',
    `tcp://${'a.'.repeat(127)}aa:1`,
    'tcp://a b:1',
    ' tcp://a:1',
    'TCP://a:1',
    'udp://a:1',
    'tcp:a:1',
    '127.0.0.1:1',
  ])
    t.throws(() => parseAddress(address, 0), TypeError, address)
})

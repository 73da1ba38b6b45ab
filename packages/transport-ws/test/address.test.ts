import { isIPv6 } from 'node:net'
import t from 'tap'
import { formatAddress, parseAddress } from '../src/address.js'
import { parseAddress as parsePageAddress } from '../src/browser/address.js'

t.test('an address is read and written', async (t) => {
  for (const [address, scheme, host, port, path, written = address] of [
    ['ws://127.0.0.1:57000', 'ws', '127.0.0.1', 57_000, '/'],
    ['ws://127.0.0.1:57000/', 'ws', '127.0.0.1', 57_000, '/', 'ws://127.0.0.1:57000'],
    ['ws://[::1]:1/rpc', 'ws', '::1', 1, '/rpc'],
    ['wss://a-b.example.org:8443/a/b%20c', 'wss', 'a-b.example.org', 8443, '/a/b%20c'],
    ['ws://localhost', 'ws', 'localhost', 80, '/', 'ws://localhost:80'],
    ['wss://localhost/x', 'wss', 'localhost', 443, '/x', 'wss://localhost:443/x'],
  ] as const) {
    const parsed = parseAddress(address, 1)
    t.same(parsed, { scheme, host, port, path })
    t.equal(formatAddress(parsed), written)
    t.equal(new URL(written).pathname, path, 'a URL parser reads the same')
  }
})

t.test('port 0 is for listening alone', async (t) => {
  t.equal(parseAddress('ws://[::]:0', 0).port, 0)
  t.throws(() => parseAddress('ws://127.0.0.1:0', 1), /from 1 to 65535/)
  t.throws(() => parseAddress('ws://127.0.0.1:65536', 0), /from 0 to 65535/)
})

t.test('what is no address is refused, nothing is guessed', async (t) => {
  for (const address of [
    'ws://127.0.0.1:',
    'ws://127.0.0.1:080',
    'ws://127.0.0.1:1?x',
    'ws://127.0.0.1:1/a?x',
    'ws://127.0.0.1:1#x',
    'ws://user@127.0.0.1:1',
    'ws://127.0.0.1:-1',
    'ws://127.0.0.1:1e3',
    'ws://:1',
    'ws://::1:1',
    'ws://[127.0.0.1]:1',
    'ws://[::1',
    'ws://127.1:1',
    'ws://2130706433:1',
    'ws://0x7f.1:1',
    'ws://1.2.3.256:1',
    'ws://01.2.3.4:1',
    'ws://a..b:1',
    'ws://-a:1',
    `ws://${'a.'.repeat(127)}aa:1`,
    'ws://a b:1',
    'ws://a:1/a b',
    'ws://a:1/ü',
    'ws://a:1/%',
    'ws://a:1/%g0',
    'ws://a:1/..',
    'ws://a:1/a/./b',
    'ws://a:1/%2E%2e/b',
    'ws://a:1/a\\b',
    `ws://a:1/${'a'.repeat(1_024)}`,
    ' ws://a:1',
    'WS://a:1',
    'http://a:1',
    'ws:a:1',
    '127.0.0.1:1',
  ]) {
    t.throws(() => parseAddress(address, 0), TypeError, address)
    t.throws(() => parsePageAddress(address), TypeError, address)
  }
})

t.test('IPv6 is read as the system reads it', async (t) => {
  for (const host of [
    '::',
    '::1',
    '1::',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7',
    '1:2:3:4::5:6:7:8',
    '::ffff:1.2.3.4',
    '1:2:3:4:5:6:1.2.3.4',
    '1:2:3:4:5:6:7:1.2.3.4',
    '1.2.3.4::',
    '::1.2.3',
    '1::2::3',
    ':1::2',
    '1:',
    '12345::',
    ':::',
  ]) {
    for (const parse of [parseAddress, parsePageAddress]) {
      const read = () => parse(`ws://[${host}]:1`, 1)
      if (isIPv6(host)) t.equal(read().host, host)
      else t.throws(read, TypeError, host)
    }
  }
})

t.test('a page reads what Node.js reads', async (t) => {
  for (const address of [
    'ws://127.0.0.1:57000/',
    'ws://[::1]:1/rpc',
    'ws://[0:0:0:0:0:0:0:1]:1',
    'wss://A-b.example.org:443/A/b%20c',
    'wss://localhost/x',
    'ws://a_b:80',
    `ws://${'a.'.repeat(126)}a:65535/${'a'.repeat(1_023)}`,
  ]) {
    const parsed = parseAddress(address, 1)
    t.same(parsePageAddress(address), {
      address: formatAddress(parsed),
      host: parsed.host,
      encrypted: parsed.scheme === 'wss',
    })
  }
  t.throws(() => parsePageAddress('ws://127.0.0.1:0'), TypeError)
  t.throws(() => parsePageAddress('ws://127.0.0.1:65536'), TypeError)
})

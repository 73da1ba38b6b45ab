import { dns } from '@hawser/client/dns'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { listing } from './support/listing.js'
import { until } from './support/stack.js'

harness(t)

t.test('a host name becomes its addresses, in one order, whatever else the address says', async (t) => {
  const asked: string[] = []
  const lookup = async (host: string) => {
    asked.push(host)
    return ['10.0.0.2', '10.0.0.1', '::1']
  }
  for (const [address, addresses] of [
    ['tcp://service.example:57000', ['tcp://10.0.0.1:57000', 'tcp://10.0.0.2:57000', 'tcp://[::1]:57000']],
    [
      'wss://service.example/rpc?a=1',
      ['wss://10.0.0.1/rpc?a=1', 'wss://10.0.0.2/rpc?a=1', 'wss://[::1]/rpc?a=1'],
    ],
    ['tls://service.example', ['tls://10.0.0.1', 'tls://10.0.0.2', 'tls://[::1]']],
  ] as const) {
    const { told, watch, clock } = listing(dns(address, { lookup }))
    await clock.advance(29_999)
    t.same(told, [{ at: 0, what: addresses }])
    await clock.advance(2)
    t.equal(told.length, 2, 'asked anew every 30 s')
    watch.close()
  }
  t.same(new Set(asked), new Set(['service.example']))
})

t.test('the system is asked where nothing else is', async (t) => {
  const { told, watch, clock } = listing(dns('tcp://localhost:57000', { everyMs: 1_000 }))
  await until(() => {
    void clock.settle()
    return told.length > 0
  })
  t.ok(told[0]!.what.includes('tcp://127.0.0.1:57000'), JSON.stringify(told))
  watch.close()
})

t.test('an address without a host name is refused', async (t) => {
  for (const address of ['service.example', 'ipc:///run/a.sock', 'tcp://', 'tcp://[::1]:80', 'tcp://a@b:1'])
    t.throws(() => dns(address), TypeError, address)
})

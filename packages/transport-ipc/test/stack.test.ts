import { once } from 'node:events'
import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { createServer } from '@hawser/server'
import t from 'tap'
import { ipc } from '../src/index.js'
import { folder } from './support/folder.js'
import { kill, message, run } from './support/process.js'

harness(t)

t.test('server and client call each other over it, 1,000 calls at a time', async (t) => {
  const strands = { transports: [ipc()], codecs: [json()] }
  const server = createServer(strands)
  server.rpc('/double', (n: number) => 2 * n)
  server.rpc('/size', (text: string) => text.length)
  const { address } = await server.listen(folder(t).address('a'))
  const client = createClient(strands)
  const double = client.remote<(n: number) => number>(address, '/double')
  const calls = Array.from({ length: 1_000 }, (_, n) => double(n))
  t.same(
    await Promise.all(calls),
    calls.map((_, n) => 2 * n),
  )
  const text = 'x'.repeat(2_000_000)
  t.equal(await client.remote<(text: string) => number>(address, '/size')(text), text.length)
  await client.close()
  await server.close()
})

t.test('F9 a server in another process is called, killed, and called again once it is back', async (t) => {
  const place = folder(t)
  const address = place.address('a')
  const client = createClient({ transports: [ipc()], codecs: [json()], log: () => {} })
  const pid = client.remote<() => number>(address, '/pid')
  const first = run(t, 'server', [address])
  t.equal(await message(first), address)
  t.equal(await client.remote<(n: number) => string>(address, '/to_string')(123), '123')
  const before = await pid()
  t.not(before, process.pid)

  const called = message(first)
  const lost = t.rejects(client.remote(address, '/never')(), {
    code: 'unavailable',
    reason: 'connection_lost',
    executed: 'maybe',
  })
  t.equal(await called, 'called')
  await kill(first)
  await lost

  const second = run(t, 'server', [address])
  await message(second)
  t.not(await pid(), before)
  await client.close()
  second.send('close')
  await once(second, 'close')
  if (process.platform !== 'win32') t.same(place.list(), [])
})

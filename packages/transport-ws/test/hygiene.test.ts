import { harness, heapGrowth } from '@hawser/compliance/harness'
import { RpcError } from '@hawser/contract'
import t from 'tap'
import { WebSocket } from 'ws'
import { ws as browserWs, type NativeWebSocket } from '../src/browser/index.js'
import { ws } from '../src/index.js'

harness(t)

const here = 'ws://127.0.0.1:0'

for (const [name, dialer] of [
  ['Node', ws()],
  ['browsers', browserWs({ WebSocket: WebSocket as unknown as NativeWebSocket })],
] as const)
  t.test(`F39 listeners, connections and failed dials of ${name} come and go without a trace`, async (t) => {
    const transport = ws()
    const round = async () => {
      for (let index = 0; index < 50; index++) {
        const ends: Promise<unknown>[] = []
        const listener = await transport.listen(here, (connection) => {
          connection.start((bytes) => connection.send(bytes))
          ends.push(connection.closed)
        })
        const client = await dialer.dial(listener.address)
        const echoed = new Promise<void>((resolve) => client.start(() => resolve()))
        client.send(Uint8Array.of(1))
        await echoed
        if (index % 2) await client.close()
        else client.abort(new RpcError('cancelled', 'enough'))
        await Promise.all(ends)
        await listener.close()
        await dialer.dial(listener.address).catch(() => {})
      }
    }
    const growth = await heapGrowth(round, { rounds: 5, warmUp: 3 })
    t.ok(growth < 500_000, `${growth} bytes after 250 of each`)
  })

t.test('what comes to a paused connection in a browser is kept up to a limit', async (t) => {
  const message = new Uint8Array(64 * 1024)
  const listener = await ws().listen(here, async (connection) => {
    connection.start(() => {})
    while (!ended) if (!connection.send(message)) await connection.drained()
  })
  let ended = false
  const dialer = browserWs({ WebSocket: WebSocket as unknown as NativeWebSocket })
  const client = await dialer.dial(listener.address)
  client.start(() => {})
  client.pause()
  const reason = await client.closed
  ended = true
  t.match(reason, { code: 'unavailable', reason: 'slow_consumer' })
  await listener.close()
})

t.test('where the platform has no WebSocket, a dial says so', async (t) => {
  const { WebSocket: own } = globalThis as { WebSocket?: unknown }
  if (own) t.pass('it has one')
  else await t.rejects(browserWs().dial('ws://127.0.0.1:1'), TypeError)
})

import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { chaosProxy, harness, heapUsed } from '@hawser/compliance/harness'
import { limitsWith, type RpcError } from '@hawser/contract'
import { serverStream, service } from '@hawser/schema'
import { createServer } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { until } from '../support/stack.js'

harness(t)

const codecs = [json()]
const limits = limitsWith({ writeStallMs: 600, writeKillBytes: 1024 * 1024 })
const Flood = service('test.Flood', { drip: serverStream<string, string>() })
const big = 'x'.repeat(256 * 1024)

t.test(
  'F14 a client that reads nothing is cut off in time and in bounds, the others notice nothing',
  async (t) => {
    const reasons: (string | undefined)[] = []
    const server = createServer({
      transports: [tcp({ limits })],
      codecs,
      limits,
      log: () => {},
      onClose: (_, reason) => void reasons.push(reason?.reason),
    })
    server.rpc('/big', () => big)
    server.rpc('/small', (n: number) => n)
    server.implement(Flood, {
      async *drip() {
        for (;;) yield big
      },
    })
    const { address } = await server.listen('tcp://127.0.0.1:0')
    await using proxy = await chaosProxy({
      port: Number(new URL(address).port),
      disturb: (connection) => (connection === 0 ? { toClient: { stallAt: 1_000 } } : {}),
    })
    const heapBefore = await heapUsed()
    const stalled = createClient({ transports: [tcp()], codecs, log: () => {} })
    const through = `tcp://127.0.0.1:${proxy.port}`
    const begun = performance.now()
    const outcomes = Array.from({ length: 200 }, () =>
      stalled
        .remote(through, '/big')
        .with({ timeoutMs: 20_000 })()
        .catch((error: RpcError) => error),
    )
    const stream = stalled
      .stub(Flood, through)
      .drip('x')
      .next()
      .catch(() => undefined)

    const good = Array.from({ length: 20 }, () => createClient({ transports: [tcp()], codecs }))
    let slowest = 0
    let most = 0
    while (reasons.length === 0 && performance.now() - begun < 10_000) {
      const asked = performance.now()
      await Promise.all(good.map((client, n) => client.remote<(n: number) => number>(address, '/small')(n)))
      slowest = Math.max(slowest, performance.now() - asked)
      most = Math.max(most, process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers - heapBefore)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    t.same(reasons, ['slow_consumer'])
    const tookMs = performance.now() - begun
    t.ok(tookMs < 5_000, `cut off after ${Math.round(tookMs)} ms`)
    t.ok(slowest < 500, `the slowest of the others took ${Math.round(slowest)} ms`)
    t.ok(most < 64 * 1024 * 1024, `${most} bytes at the most`)
    proxy.cut()
    // What had not been sent yet goes over the next connection.
    for (const outcome of await Promise.all(outcomes))
      if (outcome !== big)
        t.match(outcome, { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' })
    await stream
    await Promise.all([...good, stalled].map((client) => client.close()))
    await server.close()
  },
)

t.test('a client that reads a stream slowly makes its server wait, and loses nothing', async (t) => {
  const server = createServer({ transports: [tcp()], codecs })
  let made = 0
  server.implement(Flood, {
    async *drip() {
      for (let n = 0; n < 200; n++) {
        made++
        yield `${n}${big.slice(0, 16_384)}`
      }
    },
  })
  server.rpc('/small', () => 'small')
  const { address } = await server.listen('tcp://127.0.0.1:0')
  const client = createClient({ transports: [tcp()], codecs })
  const items = client.stub(Flood, address).drip('x')
  await items.next()
  await until(() => made > 3)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const ahead = made
  t.ok(ahead < 60, `${ahead} items ahead of a reader that waits`)
  t.equal(await client.remote(address, '/small')(), 'small', 'the connection is free for others')
  let read = 1
  for await (const item of items) {
    t.ok(item.startsWith(`${read}x`))
    read++
  }
  t.equal(read, 200)
  await client.close()
  await server.close()
})

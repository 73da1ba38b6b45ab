import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness, heapGrowth } from '@hawser/compliance/harness'
import { createServer } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { Echo, echo } from '../support/echo.js'
import { stack } from '../support/stack.js'

harness(t)

const codecs = [json()]

for (const { name, transport, address, pairs } of [
  { name: 'memory', transport: memory(), address: 'memory://pair', pairs: 250 },
  { name: 'tcp', transport: tcp(), address: 'tcp://127.0.0.1:0', pairs: 80 },
])
  t.test(`F39 ${name}: servers and clients made and closed leave nothing`, async (t) => {
    const pair = async () => {
      const server = createServer({ transports: [transport], codecs })
      server.rpc('/a', () => 'a')
      const listener = await server.listen(address)
      const client = createClient({ transports: [transport], codecs })
      const answer = await client.remote(listener.address, '/a')()
      await client.close()
      await server.close()
      return answer
    }
    const before = process.getActiveResourcesInfo().length
    const grown = await heapGrowth(
      async () => {
        for (let count = 0; count < pairs / 10; count++) if ((await pair()) !== 'a') t.fail('wrong answer')
      },
      { warmUp: 6, rounds: 4 },
    )
    t.ok(grown < 150_000, `${grown} bytes`)
    t.ok(process.getActiveResourcesInfo().length <= before + 1, `${process.getActiveResourcesInfo()}`)
  })

t.test('many calls, refusals, cancels and streams left early keep nothing', async (t) => {
  await using all = await stack({ server: { limits: { cancelBurst: 60_000 } } })
  all.server.implement(Echo, echo().handlers)
  all.server.rpc('/a', (n: number) => n)
  const a = all.client.remote<(n: number) => number>(all.address, '/a')
  const none = all.client.remote(all.address, '/none')
  const stub = all.client.stub(Echo, all.address)
  const work: Record<string, () => Promise<unknown>> = {
    calls: () => Promise.all(Array.from({ length: 200 }, (_, n) => a(n))),
    refusals: () => Promise.allSettled(Array.from({ length: 200 }, () => none())),
    'calls with a signal': () => {
      const { signal } = new AbortController()
      return Promise.all(Array.from({ length: 200 }, (_, n) => a.with({ signal })(n)))
    },
    'cancelled calls': () => {
      const controller = new AbortController()
      const calls = Array.from({ length: 50 }, (_, n) =>
        stub.hang.with({ signal: controller.signal })(`${n % 10}`),
      )
      setTimeout(() => controller.abort(), 2)
      return Promise.allSettled(calls)
    },
    'streams left early': () =>
      Promise.all(
        Array.from({ length: 25 }, async (_, n) => {
          for await (const item of stub.drip(`${n % 10}`)) if (item === 2) break
        }),
      ),
  }
  const grown = await heapGrowth(
    async () => {
      for (const round of Object.values(work)) await round()
    },
    { warmUp: 6, rounds: 4 },
  )
  t.ok(grown < 150_000, `${grown} bytes`)
})

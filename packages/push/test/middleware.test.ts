import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import type { Middleware } from '@hawser/contract'
import { accessLog } from '@hawser/middleware/access-log'
import { circuitBreaker } from '@hawser/middleware/circuit-breaker'
import { timeout } from '@hawser/middleware/timeout'
import t from 'tap'
import { pull, topic } from '../src/index.js'
import { range, stack, take, transports, until } from './support/stack.js'

harness(t)

/** A middleware that looks at each item, as anybody may write it. */
const looking: Middleware = (next) => async (call) => {
  const reply = await next(call)
  const { output } = reply
  if (output instanceof Uint8Array) return reply
  async function* items() {
    for await (const item of output as AsyncIterable<Uint8Array>) yield item
  }
  return { ...reply, output: items() }
}

const stacks: Record<string, readonly Middleware[]> = {
  'what counts items': [accessLog({ log: () => undefined }), circuitBreaker()],
  'what has a deadline of its own': [timeout({ ms: 60_000 })],
  'what iterates them': [looking, looking],
}

for (const [name, middleware] of Object.entries(stacks))
  for (const { name: over, transport, address } of transports())
    t.test(`a burst closes nobody behind ${name}, over ${over}`, async (t) => {
      await using all = await stack({ transport, address, codecs: [json()], server: { middleware } })
      const numbers = topic<number>(all.server, '/numbers')
      const pulling = pull<number>(all.client, all.address, '/numbers')
      const taken = take(pulling, 600)
      await until(() => numbers.size === 1)
      for (const burst of range(0, 2)) {
        for (const n of range(1, 200)) numbers.publish(burst * 200 + n)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      t.same(await taken, range(1, 600))
      const next = pulling.next().catch((error: unknown) => error)
      await numbers.close()
      t.match(await next, { reason: 'closed', retryable: false })
      t.equal(numbers.size, 0)
    })

t.test('a server in development leaves pushed items pushed', async (t) => {
  await using all = await stack({ server: { development: true } })
  const numbers = topic<number>(all.server, '/numbers')
  const pulling = pull<number>(all.client, all.address, '/numbers')
  const taken = take(pulling, 300)
  await until(() => numbers.size === 1)
  for (const n of range(1, 300)) numbers.publish(n)
  t.same(await taken, range(1, 300))
  await pulling.close()
})

t.test('a subscriber who leaves is noticed behind middleware', async (t) => {
  for (const middleware of Object.values(stacks)) {
    await using all = await stack({ server: { middleware } })
    const numbers = topic<number>(all.server, '/numbers')
    const pulling = pull<number>(all.client, all.address, '/numbers')
    const next = pulling.next()
    await until(() => numbers.size === 1)
    await pulling.close()
    await next
    await until(() => numbers.size === 0)
  }
  t.pass('none is left')
})

import { callsThrough } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import type { LogEntry } from '@hawser/contract'
import { serverStream, service } from '@hawser/schema'
import t from 'tap'
import { collect, stack } from '../../client/test/support/stack.js'
import { createServer } from '../src/index.js'

harness(t)

const codecs = [json()]

function block(milliseconds: number): void {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

const handlers: Record<string, () => unknown> = {
  '/first_stretch': () => block(80),
  '/after_await': async () => {
    await turn()
    block(80)
  },
  '/in_timer': () =>
    new Promise<void>((resolve) => {
      setTimeout(() => {
        block(80)
        resolve()
      }, 1)
    }),
}
const quick: Record<string, () => unknown> = {
  '/quick': () => block(5),
  '/slow_but_waits': () => new Promise((resolve) => setTimeout(resolve, 80)),
  '/many_stretches': async () => {
    for (let stretch = 0; stretch < 10; stretch++) {
      block(10)
      await turn()
    }
  },
}

for (const [name, handle] of Object.entries(handlers))
  t.test(`AM-16 a handler that blocks is named: ${name}`, async (t) => {
    const log: LogEntry[] = []
    await using all = await stack({ server: { development: true, log: (entry) => void log.push(entry) } })
    all.server.rpc(name, handle)
    await all.client.remote(all.address, name)()
    await turn()
    t.match(log, [
      {
        level: 'warn',
        event: 'handler_blocked',
        method: name,
        message: /held the loop for \d+ ms, over 50 ms/,
      },
    ])
    t.equal(log.length, 1)
    t.equal(log[0]?.connection, all.server.connections[0]!.id)
  })

t.test('AM-16 a generator that blocks between its items is named', async (t) => {
  const Numbers = service('test.Numbers', {
    slow: serverStream<null, number>(),
    later: serverStream<null, number>(),
  })
  for (const method of ['slow', 'later'] as const) {
    const log: LogEntry[] = []
    await using all = await stack({ server: { development: true, log: (entry) => void log.push(entry) } })
    all.server.implement(Numbers, {
      *slow() {
        yield 1
        block(80)
        yield 2
      },
      async *later() {
        yield 1
        await turn()
        block(80)
        yield 2
      },
    })
    t.same(await collect(all.client.stub(Numbers, all.address)[method](null)), [1, 2])
    await turn()
    t.match(log, [{ event: 'handler_blocked', method: `test.Numbers/${method}` }], method)
  }
})

t.test('AM-15 handlers that do not block are not, however long they take', async (t) => {
  const log: LogEntry[] = []
  await using all = await stack({ server: { development: true, log: (entry) => void log.push(entry) } })
  for (const [name, handle] of Object.entries(quick)) {
    all.server.rpc(name, handle)
    await all.client.remote(all.address, name)()
  }
  await turn()
  t.same(log, [])
})

t.test('AM-15 the limit is a limit like others, and production does without', async (t) => {
  for (const [development, blockMs, lines] of [
    [true, 10, 1],
    [true, 500, 0],
    [false, 10, 0],
  ] as const) {
    const log: LogEntry[] = []
    const server = createServer({
      codecs,
      development,
      limits: { blockMs },
      log: (entry) => void log.push(entry),
    })
    server.rpc('/block', () => block(30))
    using calls = callsThrough(server.handler, { codecs })
    await calls.remote('/block')()
    t.equal(log.length, lines)
    await server.close()
  }
})

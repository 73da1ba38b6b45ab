import { harness, heapUsed } from '@hawser/compliance/harness'
import type { Connection, Transport } from '@hawser/contract'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { pull, topic } from '../src/index.js'
import { ManualOutlet } from './support/manual.js'
import { stack, until } from './support/stack.js'

harness(t)

/** A transport whose connections can be made to read nothing. */
function pausable(): { readonly transport: Transport; readonly dialled: Connection[] } {
  const inner = tcp()
  const dialled: Connection[] = []
  const transport: Transport = {
    ...inner,
    async dial(address, options) {
      const connection = await inner.dial(address, options)
      dialled.push(connection)
      return connection
    },
  }
  return { transport, dialled }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

t.test('F14 a peer that does not read is closed, others are not held up', async (t) => {
  const { transport, dialled } = pausable()
  await using all = await stack({
    transport,
    address: 'tcp://127.0.0.1:0',
    server: { limits: { writeStallMs: 500 } },
  })
  const left: (string | undefined)[] = []
  const texts = topic<string>(all.server, '/texts', { onLeave: (_, { reason }) => void left.push(reason) })
  const stalled = pull<string>(all.another(), all.address, '/texts')
  const lost = stalled.next().catch((error: unknown) => error)
  await until(() => texts.size === 1)
  dialled[0]!.pause()
  let last = ''
  const live = pull<string>(all.another(), all.address, '/texts', ({ value = '' }) => {
    last = value
  })
  await until(() => texts.size === 2)
  const message = 'x'.repeat(20_000)
  let published = 0
  // What the system's buffers take in depends on the system; then the write queue, then the mark.
  while (texts.size === 2 && published < 100_000) {
    texts.publish(`${++published}${message}`)
    await turn()
  }
  t.same(left, ['slow_consumer'])
  t.equal(texts.size, 1)
  await until(() => last === `${published}${message}`)
  t.equal(live.missed, 0, 'the other one got everything')
  await until(() => all.server.connections.length === 1)
  t.pass('the connection that made no progress is gone')
  dialled[0]!.resume()
  await lost
  await live.close()
})

t.test('F15 one stalled among 99 live: drops are exactly the gap, the live ones lose nothing', async (t) => {
  await using all = await stack({ transport: tcp(), address: 'tcp://127.0.0.1:0' })
  const numbers = topic<number>(all.server, '/numbers', { policy: 'drop-old' })
  const pulling = pull<number>(all.client, all.address, '/numbers', { numbered: true })
  const first = pulling.next()
  await until(() => numbers.size === 1)
  const live = Array.from({ length: 99 }, () => {
    const outlet = new ManualOutlet(all.server, '/numbers', { room: Infinity, codec: 'msgpack' })
    let count = 0
    outlet.item = () => {
      count++
      return true
    }
    return { outlet: outlet.begin(), count: () => count }
  })
  const count = 100_000
  for (let n = 1; n <= count; n++) {
    numbers.publish(n)
    // It reads the first, and then not for a long time.
    if (n % 1_000 === 0) await turn()
  }
  t.ok(live.every((each) => each.count() === count))
  const dropped = all.server.counters.get('topic_dropped')!
  t.ok(dropped > count / 2, `${dropped} were dropped`)
  let seen = 1
  let missed = 0
  t.equal((await first).value!.number, 1)
  for await (const item of pulling) {
    seen++
    missed += item.missed
    if (item.number === count) break
  }
  t.equal(missed, dropped)
  t.equal(seen, count - dropped)
  for (const { outlet } of live) outlet.flow!.stop()
})

t.test('F16 a publisher faster than all: memory is bounded by the marks', async (t) => {
  const { transport, dialled } = pausable()
  await using all = await stack({
    transport,
    address: 'tcp://127.0.0.1:0',
    server: { limits: { connectionsPerPeer: 1_000 } },
  })
  const texts = topic<string>(all.server, '/texts', { policy: 'drop-old' })
  const stalled = 50
  const pending = Array.from({ length: stalled }, () => pull(all.another(), all.address, '/texts').next())
  await until(() => texts.size === stalled)
  for (const connection of dialled) connection.pause()
  const message = 'x'.repeat(1_000)
  const flood = async (count: number) => {
    for (let n = 0; n < count; n++) {
      texts.publish(message)
      if (n % 100 === 0) await turn()
    }
  }
  await flood(1_000)
  const before = (await heapUsed()) + process.memoryUsage().arrayBuffers
  await flood(20_000)
  const growth = (await heapUsed()) + process.memoryUsage().arrayBuffers - before
  t.equal(texts.size, stalled)
  t.ok(growth < 2 * 1_048_576, `${growth} bytes more for 20 MB published to ${stalled} who do not read`)
  for (const connection of dialled) connection.resume()
  await Promise.allSettled(pending)
})

t.test('F16 with block, a publisher that waits loses nothing, and nobody is closed', async (t) => {
  await using all = await stack({ transport: tcp(), address: 'tcp://127.0.0.1:0' })
  const texts = topic<string>(all.server, '/texts', { policy: 'block', highWaterMark: 1 })
  let last = 0
  const puller = pull<string>(all.client, all.address, '/texts', async ({ value = '' }) => {
    last = Number.parseInt(value, 10)
    if (last % 100 === 0) await turn()
  })
  await until(() => texts.size === 1)
  const message = 'x'.repeat(1_000)
  let waits = 0
  for (let n = 1; n <= 2_000; n++) {
    if (!texts.publish(`${n} ${message}`)) {
      waits++
      await texts.ready()
    }
  }
  await until(() => last === 2_000)
  t.ok(waits > 0, `it waited ${waits} times`)
  t.equal(puller.missed, 0)
  await puller.close()
})

import { harness } from '@hawser/compliance/harness'
import type { Peer, RpcError } from '@hawser/contract'
import { i32 } from '@hawser/schema'
import t, { type Test } from 'tap'
import { type PullResult, pull, subscribers, type Topic, topic } from '../src/index.js'
import { range, type Stack, stack, take, transports, until } from './support/stack.js'

harness(t)

const message = 'x'.repeat(2_000)

/** How many messages it took, one in each turn. */
async function publishUntil(texts: Topic<string>, done: () => boolean): Promise<number> {
  for (let count = 1; count < 10_000; count++) {
    texts.publish(message)
    await new Promise((resolve) => setImmediate(resolve))
    if (done()) return count
  }
  throw new Error('It did not come about')
}

/** What has to hold over every boundary. */
const rows: Record<string, (t: Test, all: Stack) => Promise<void>> = {
  'AM-07 rpc and publish live side by side, under one roof of names': async (
    t,
    { server, client, address },
  ) => {
    server.rpc('/to_string', (n: number) => String(n))
    const nagging = topic<string>(server, '/nagging')
    t.throws(() => server.rpc('/nagging', () => 1), TypeError)
    t.throws(() => topic(server, '/to_string'), TypeError)
    const pulling = pull<string>(client, address, '/nagging')
    const first = pulling.next()
    await until(() => nagging.size === 1)
    nagging.publish('hello world')
    t.same(await first, { done: false, value: 'hello world' })
    t.equal(await client.remote<(n: number) => string>(address, '/to_string')(123), '123')
    await pulling.close()
  },
  'AM-20 joins are told, and leaves at once when a connection goes': async (
    t,
    { server, another, address },
  ) => {
    const events: string[] = []
    const peers: (Peer | undefined)[] = []
    const nagging = topic(server, '/nagging', {
      onJoin: (peer) => {
        peers.push(peer)
        events.push('join')
      },
      onLeave: (peer, reason) => {
        peers.push(peer)
        events.push(`leave ${reason.reason}`)
      },
    })
    const client = another()
    const pulling = pull(client, address, '/nagging')
    const first = pulling.next().catch((error: RpcError) => error.reason)
    await until(() => nagging.size === 1)
    t.same(events, ['join'])
    await client.close({ signal: AbortSignal.abort() })
    await until(() => nagging.size === 0)
    await first
    t.match(events, ['join', /^leave/])
    t.ok(peers[0])
    t.equal(peers[0], peers[1])
  },
  'AM-21 callbacks run one after the other, off the read path': async (t, { server, client, address }) => {
    const numbers = topic<number>(server, '/numbers')
    const seen: number[] = []
    let running = 0
    let most = 0
    const puller = pull<number>(client, address, '/numbers', async ({ value }) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 1))
      running--
      if (value !== undefined) seen.push(value)
    })
    await until(() => numbers.size === 1)
    for (const n of range(1, 20)) numbers.publish(n)
    await until(() => seen.length === 20)
    t.same(seen, range(1, 20))
    t.equal(most, 1)
    await puller.close()
  },
  'AM-22 a callback gets values, and at last the error': async (t, { server, client, address }) => {
    const nagging = topic<string>(server, '/nagging')
    const results: PullResult<string>[] = []
    const puller = pull<string>(client, address, '/nagging', (result) => void results.push(result))
    await until(() => nagging.size === 1)
    nagging.publish('one')
    await nagging.close('enough')
    const error = await puller.closed
    t.equal(results[0]?.value, 'one')
    t.equal(results[1]?.error, error)
    t.match(error, { reason: 'closed', retryable: false, message: /enough/ })
    t.equal(results.length, 2)
  },
  'AM-23 disposing a puller ends its stream': async (t, { server, client, address }) => {
    const nagging = topic<string>(server, '/nagging')
    const results: unknown[] = []
    {
      using puller = pull<string>(client, address, '/nagging', (result) => void results.push(result))
      t.ok(puller)
      await until(() => nagging.size === 1)
    }
    await until(() => nagging.size === 0)
    {
      await using puller = pull<string>(client, address, '/nagging', (result) => void results.push(result))
      t.ok(puller)
      await until(() => nagging.size === 1)
    }
    await until(() => nagging.size === 0)
    for await (const _ of joined(pull(client, address, '/nagging'), () => nagging.publish('x'))) break
    await until(() => nagging.size === 0)
    t.same(results, [])
    async function* joined<T>(items: AsyncIterable<T> & AsyncDisposable, then: () => void) {
      const ready = until(() => nagging.size === 1).then(then)
      yield* items
      await ready
    }
  },
  'AM-24 a lost subscription is not made again, and says whether it could be': async (
    t,
    { server, client, address },
  ) => {
    const nagging = topic<string>(server, '/nagging')
    const results: PullResult<string>[] = []
    const puller = pull<string>(client, address, '/nagging', (result) => void results.push(result))
    await until(() => nagging.size === 1)
    await server.close()
    t.match(await puller.closed, { retryable: true, reason: 'draining' })
    t.equal(results.length, 1)
    t.equal(nagging.size, 0)
  },
  'AM-26 a path that was not registered is refused, and not to be tried again': async (
    t,
    { client, address },
  ) => {
    await t.rejects(pull(client, address, '/nobody').next(), {
      name: 'RpcError',
      reason: 'no_method',
      retryable: false,
    })
  },
  'AM-25 AM-28 who does not read is closed by the server, others get everything': async (t, all) => {
    const { server, client, another, address } = all
    const reasons: (string | undefined)[] = []
    const texts = topic<string>(server, '/texts', { onLeave: (_, { reason }) => void reasons.push(reason) })
    const slow = pull<string>(client, address, '/texts')
    const first = slow.next()
    const live = pull<string>(another(), address, '/texts')
    let count = 0
    const reading = (async () => {
      for await (const _ of live) count++
    })().catch((error: RpcError) => error.reason)
    await until(() => texts.size === 2)
    const published = await publishUntil(texts, () => texts.size === 1)
    t.same(reasons, ['slow_consumer'])
    await until(() => count === published)
    t.equal(live.missed, 0)
    // What had arrived is read, then why there is no more.
    t.equal((await first).done, false)
    await t.rejects(take(slow, published), { name: 'RpcError', reason: 'slow_consumer', retryable: true })
    await texts.close()
    t.equal(await reading, 'closed')
  },
  'AM-27 ten messages may wait beyond what the connection takes, or as many as are said': async (t, all) => {
    const { server, client, address } = all
    const counts: number[] = []
    for (const [path, options] of [
      ['/ten', {}],
      ['/hundred', { highWaterMark: 100 }],
    ] as const) {
      const texts = topic<string>(server, path, options)
      const slow = pull<string>(client, address, path)
      const first = slow.next()
      await until(() => texts.size === 1)
      texts.publish(message)
      await first
      counts.push(await publishUntil(texts, () => texts.size === 0))
      await slow.close()
    }
    t.equal(counts[1]! - counts[0]!, 90)
  },
  'AM-31 a topic with a type takes its values, and converts others if so wished': async (t, all) => {
    const { server, client, address } = all
    const strict = topic(server, '/strict', { type: i32 })
    const loose = topic(server, '/loose', { type: i32, convert: true })
    const pulls = ['/strict', '/loose'].map((path) => pull(client, address, path, { type: i32 }))
    const taken = pulls.map((pulling) => take(pulling, 2))
    await until(() => strict.size + loose.size === 2)
    t.throws(() => strict.publish('7' as never), { name: 'RpcError', reason: 'bad_payload' })
    for (const value of [7, 8]) strict.publish(value)
    for (const value of ['7', 8n]) loose.publish(value)
    t.same(await Promise.all(taken), [
      [7, 8],
      [7, 8],
    ])
    await Promise.all(pulls.map((pulling) => pulling.close()))
  },
  'AM-30 messages come in the order of the calls, from several callers': async (
    t,
    { server, client, address },
  ) => {
    const numbers = topic<string>(server, '/numbers', { highWaterMark: 1_000 })
    const pulling = pull<string>(client, address, '/numbers')
    const all = take(pulling, 300)
    await until(() => numbers.size === 1)
    const called: string[] = []
    await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        for (const n of range(1, 100)) {
          called.push(`${name}${n}`)
          numbers.publish(`${name}${n}`)
          if (n % 7 === 0) await null
        }
      }),
    )
    t.same(await all, called)
    await pulling.close()
  },
  'AM-32 AM-33 subscribers are counted, of topics that exist': async (
    t,
    { server, client, another, address },
  ) => {
    topic(server, '/nagging')
    t.equal(subscribers(server, '/nagging'), 0)
    const two = [pull(client, address, '/nagging'), pull(another(), address, '/nagging')]
    const pending = two.map((each) => each.next())
    await until(() => subscribers(server, '/nagging') === 2)
    server.rpc('/method', () => 1)
    t.throws(() => subscribers(server, '/nobody'), TypeError)
    t.throws(() => subscribers(server, '/method'), TypeError)
    await Promise.all(two.map((each) => each.close()))
    await Promise.allSettled(pending)
    await until(() => subscribers(server, '/nagging') === 0)
    server.remove('/nagging')
    t.throws(() => subscribers(server, '/nagging'), TypeError)
  },
  'AM-34 removing a topic ends its subscribers, who are told not to retry': async (
    t,
    { server, client, address },
  ) => {
    const nagging = topic<string>(server, '/nagging')
    const first = pull(client, address, '/nagging').next()
    await until(() => nagging.size === 1)
    t.ok(server.remove('/nagging'))
    await t.rejects(first, { reason: 'closed', retryable: false, message: /removed/ })
    await t.rejects(pull(client, address, '/nagging').next(), { name: 'RpcError', reason: 'no_method' })
    t.throws(() => nagging.publish('x'), TypeError)
    await t.rejects(nagging.publishWhenReady('x'), TypeError)
    topic(server, '/nagging')
  },
}

for (const { name, transport, address } of transports())
  t.test(name, async (t) => {
    for (const [row, run] of Object.entries(rows))
      await t.test(row, async (t) => {
        await using all = await stack({ transport, address })
        await run(t, all)
      })
    await t.test('AM-22 the client for pages pulls as well', async (t) => {
      await using all = await stack({ transport, address })
      const nagging = topic<string>(all.server, '/deep/nagging')
      const pulling = pull<string>(all.lite(), all.address, '/deep/nagging', { numbered: true })
      const three = take(pulling, 3)
      await until(() => nagging.size === 1)
      for (const text of ['a', 'b', 'c']) nagging.publish(text)
      t.same(
        await three,
        ['a', 'b', 'c'].map((value, index) => ({ number: index + 1, missed: 0, value })),
      )
      await pulling.close()
      await until(() => nagging.size === 0)
    })
  })

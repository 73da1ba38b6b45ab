import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import type { Middleware } from '@hawser/contract'
import { clientStream, duplex, oneway, serverStream, service, unary } from '@hawser/schema'
import { createServer } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import t from 'tap'
import * as all from '../src/index.js'

harness(t)

const Echo = service('test.Echo', {
  one: unary<string, string>(),
  join: clientStream<string, string>(),
  many: serverStream<string, string>(),
  each: duplex<string, string>(),
  tell: oneway<string>(),
})

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

async function* letters(): AsyncGenerator<string> {
  yield* ['a', 'b', 'c']
}

/** One of each, in the order that the README gives. */
function middleware(entries: all.AccessEntry[]): { ofServer: Middleware[]; ofClient: Middleware[] } {
  const { accessLog, loadShed, authenticate, authorize, timeout, concurrencyLimit } = all
  const { retry, circuitBreaker, hedge, gradientLimit, credentials } = all
  return {
    ofServer: [
      accessLog({ log: (entry) => entries.push(entry) }),
      loadShed({ maxLagMs: 5_000 }),
      authenticate({ verify: (credential) => (all.sameCredential(credential, 'key') ? 'ada' : undefined) }),
      authorize({ policies: { 'test.Echo/*': 'known' } }),
      timeout({ ms: 2_000 }),
      concurrencyLimit({ limit: 4 }),
    ],
    ofClient: [
      accessLog({ log: (entry) => entries.push(entry) }),
      timeout({ ms: 2_000 }),
      retry({ perAttemptMs: 1_000 }),
      circuitBreaker(),
      hedge({ delayMs: 1_000 }),
      gradientLimit(),
      credentials(async () => 'key'),
    ],
  }
}

t.test('all of it together leaves every kind of call what it is', async (t) => {
  const transport = memory()
  const strands = { transports: [transport], codecs: [json()], log: () => {} }
  const entries: all.AccessEntry[] = []
  const { ofServer, ofClient } = middleware(entries)
  await using server = createServer({ ...strands, middleware: ofServer })
  const told: string[] = []
  const closed: string[] = []
  server.implement(Echo, {
    one: async (text, call) => `${text} from ${all.identityOf(call)}`,
    join: async (items) => (await collect(items)).join(''),
    async *many(text) {
      try {
        for (let n = 0; n < 1_000; n++) yield `${text}${n}`
      } finally {
        closed.push(text)
      }
    },
    async *each(items) {
      for await (const item of items) yield item.toUpperCase()
    },
    tell: (text) => void told.push(text),
  })
  await server.listen('memory://all')
  const client = createClient({ ...strands, middleware: ofClient, retries: false })
  const echo = client.stub(Echo, 'memory://all')
  for (let round = 0; round < 3; round++) {
    t.equal(await echo.one('hi'), 'hi from ada')
    t.equal(await echo.one.with({ idempotent: true })('hi'), 'hi from ada')
    t.equal(await echo.join(letters()), 'abc')
    t.equal((await collect(echo.many('x'))).length, 1_000)
    t.same(await collect(echo.each(letters())), ['A', 'B', 'C'])
    await echo.tell('told')
    t.ok(await echo.one.enabled())
    // More than there are places, and none of them read to its end.
    for (let n = 0; n < 6; n++)
      for await (const item of echo.many('left')) {
        t.equal(item, 'left0')
        break
      }
  }
  await t.rejects(client.remote('memory://all', '/none')(), { code: 'permission_denied', executed: 'no' })
  await client.close()
  await server.close()
  t.equal(told.length, 3)
  t.equal(closed.length, 3 * 7, 'every source was closed')
  t.equal(entries.length, 2 * (3 * 13 + 1), 'each call once, on either side')
  t.same(new Set(entries.map(({ label }) => label)).size, 6)
})

t.test('each can be had alone, from a place of its own', async (t) => {
  const { exports } = (await import('../package.json', { with: { type: 'json' } })).default
  const alone: string[] = []
  for (const path of Object.keys(exports).filter((path) => path !== '.'))
    alone.push(...Object.keys(await import(`../src/${path.slice(2)}/index.js`)))
  t.same(alone.sort(), Object.keys(all).sort())
})

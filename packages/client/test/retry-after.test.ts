import { type ClientOptions, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { type Middleware, RpcError, type RpcErrorOptions, virtualClock } from '@hawser/contract'
import { createServer } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import t, { type Test } from 'tap'

harness(t)

const year = 365 * 86_400_000

/** A server that fails the first call with the error, in its handler or before it, and answers all others. */
async function failingOnce(
  t: Test,
  where: 'handler' | 'middleware',
  options: RpcErrorOptions,
  more: Partial<ClientOptions> = {},
) {
  const clock = virtualClock()
  const parts = { transports: [memory({ clock })], codecs: [json()], clock, log: () => {} }
  const seen: number[] = []
  const came = (at: string) => {
    if (at !== where) return
    seen.push(clock.now())
    if (seen.length === 1) throw new RpcError('unavailable', 'Later', options)
  }
  const middleware: Middleware = (next) => (call) => {
    came('middleware')
    return next(call)
  }
  const server = createServer({ ...parts, middleware: [middleware] })
  server.rpc('/pay', () => {
    came('handler')
    return 'paid'
  })
  await server.listen('memory://bank')
  const client = createClient({ ...parts, ...more })
  const end = async () => {
    const closing = Promise.all([client.close(), server.close()])
    await clock.advance(30_000)
    await closing
    t.equal(clock.pending, 0, 'no timer is left')
  }
  return { clock, client, seen, end }
}

for (const where of ['handler', 'middleware'] as const)
  t.test(`a ${where} says when to try again, and the client does then`, async (t) => {
    const { clock, client, seen, end } = await failingOnce(t, where, {
      retryAfterMs: 700,
      ...(where === 'middleware' && { executed: 'no' }),
    })
    const pay = client.remote<() => string>('memory://bank', '/pay').with({ idempotent: where === 'handler' })
    const paid = pay()
    await clock.advance(600)
    t.equal(seen.length, 1)
    await clock.advance(200)
    t.equal(await paid, 'paid')
    t.equal(seen[1]! - seen[0]! >= 700, true)
    await end()
  })

t.test('the caller is told, however it came about, with the details', async (t) => {
  const { clock, client, end } = await failingOnce(t, 'handler', { retryAfterMs: 700, details: { left: 3 } })
  const failed = client
    .remote<() => string>('memory://bank', '/pay')()
    .catch((error) => error)
  await clock.advance(100)
  t.match(await failed, {
    code: 'unavailable',
    executed: 'yes',
    retryable: true,
    retryAfterMs: 700,
    details: { left: 3 },
  })
  await end()
})

t.test('what a handler hears from further down is not said of its own call', async (t) => {
  const { clock, client, end } = await failingOnce(t, 'handler', { executed: 'no', retryAfterMs: 700 })
  const failed = client.remote<() => string>('memory://bank', '/pay').with({ idempotent: true })()
  const outcome = failed.catch((error) => error)
  await clock.advance(100)
  t.match(await outcome, { executed: 'yes', retryable: false, retryAfterMs: undefined })
  await end()
})

for (const [wait, timeoutMs] of [
  [5_000, 5_000],
  [year, 5_000],
  [year, Infinity],
  [-1, 5_000],
  [Infinity, Infinity],
] as const)
  t.test(`told to come back after ${wait} ms, a call with ${timeoutMs} fails at once`, async (t) => {
    const { clock, client, seen, end } = await failingOnce(t, 'middleware', {
      executed: 'no',
      retryAfterMs: wait,
    })
    const failed = client
      .remote<() => string>('memory://bank', '/pay')
      .with({ timeoutMs, idempotent: true })()
    const outcome = failed.catch((error) => error)
    await clock.advance(10)
    t.match(await outcome, { code: 'unavailable', executed: 'no', retryable: wait >= 0 && wait < Infinity })
    t.equal(seen.length, 1)
    await end()
  })

t.test('a call that waits because it was told to can be cancelled', async (t) => {
  const { clock, client, seen, end } = await failingOnce(t, 'middleware', {
    executed: 'no',
    retryAfterMs: 20_000,
  })
  const controller = new AbortController()
  const pay = client.remote<() => string>('memory://bank', '/pay')
  const outcome = pay
    .with({ timeoutMs: Infinity, signal: controller.signal })()
    .catch((error) => error)
  await clock.advance(10_000)
  controller.abort()
  await clock.advance(10)
  t.match(await outcome, { code: 'cancelled', executed: 'no' })
  t.equal(seen.length, 1)
  await end()
})

t.test('with `retries: false` nothing is made again: whoever wraps the calls does', async (t) => {
  const { clock, client, seen, end } = await failingOnce(
    t,
    'middleware',
    { executed: 'no', retryAfterMs: 100 },
    { retries: false },
  )
  const pay = client.remote<() => string>('memory://bank', '/pay').with({ idempotent: true })
  const outcome = pay().catch((error) => error)
  await clock.advance(1_000)
  t.match(await outcome, { executed: 'no', retryAfterMs: 100 })
  t.equal(seen.length, 1)
  const nobody = client.remote<() => string>('memory://nobody', '/pay').with({ idempotent: true })
  const unreached = nobody().catch((error) => error)
  await clock.advance(10)
  t.match(await unreached, { reason: 'unreachable' }, 'nor is dialled again')
  await end()
})

for (const to of ['memory://bank', ['memory://bank', 'memory://other']] as const)
  t.test(`with \`retries: false\` a call goes on by another connection: ${to}`, async (t) => {
    const clock = virtualClock()
    const parts = { transports: [memory({ clock })], codecs: [json()], clock, log: () => {} }
    const serve = async (address: string) => {
      const server = createServer(parts)
      server.rpc('/pay', () => 'paid')
      await server.listen(address)
      return server
    }
    const servers = [await serve('memory://bank'), await serve('memory://other')]
    const client = createClient({ ...parts, retries: false })
    const pay = client.remote<() => string>(to as string, '/pay')
    const first = pay()
    await clock.advance(10)
    t.equal(await first, 'paid')
    // The goaway is on its way when the next call is made.
    const leaving = servers[0]!.close()
    const outcomes = Promise.allSettled([pay(), pay(), pay()])
    servers.push(await serve('memory://bank'))
    await clock.advance(1_000)
    t.same(
      (await outcomes).map(({ status }) => status),
      Array(3).fill('fulfilled'),
    )
    const closing = Promise.all([leaving, client.close(), ...servers.map((server) => server.close())])
    await clock.advance(30_000)
    await closing
    t.equal(clock.pending, 0)
  })

import { type Client, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { type RpcError, type Transport, type VirtualClock, virtualClock } from '@hawser/contract'
import { createServer, type Server } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import t from 'tap'
import { Echo, type EchoRecord, echo } from './support/echo.js'
import { collect, type Deferred, deferred, outcomeAfter } from './support/stack.js'

harness(t)

const codecs = [json()]
const address = 'memory://there'

interface Setting {
  readonly clock: VirtualClock
  readonly client: Client
  readonly server: Server
  readonly record: EchoRecord
  /** Lets /slow answer. */
  readonly gate: Deferred<string>
  slow(): Promise<string>
  another(name: string): Promise<Server>
  /** How a promise has ended, if it has; of a rejection its code and reason. */
  outcome(promise: Promise<unknown>): Promise<unknown>
  readonly parts: Parameters<typeof createClient>[0]
  end(...others: readonly (Server | Client)[]): Promise<void>
}

async function setting(): Promise<Setting> {
  const clock = virtualClock()
  const transport: Transport = memory({ clock })
  const parts = { transports: [transport], codecs, clock, log: () => {} }
  const gate = deferred<string>()
  const serve = async (slow: () => unknown, handlers: ReturnType<typeof echo>['handlers']) => {
    const server = createServer(parts)
    server.rpc('/slow', slow)
    server.implement(Echo, handlers)
    await server.listen(address)
    return server
  }
  const { handlers, record } = echo()
  const server = await serve(() => gate.promise, handlers)
  const client = createClient(parts)
  const slow = client.remote<() => Promise<string>>(address, '/slow').with({ timeoutMs: 300_000 })
  const connected = client.connect(address)
  await clock.advance(1)
  await connected
  return {
    clock,
    client,
    server,
    record,
    gate,
    slow,
    another: (name) => serve(() => name, echo().handlers),
    outcome: (promise) => outcomeAfter(clock, 5, promise),
    parts,
    async end(...others) {
      const ending = Promise.all([client, server, ...others].map((each) => each.close()))
      await clock.advance(30_000)
      await ending
    },
  }
}

t.test('F8 a server that closes answers what it has taken, and takes nothing more', async (t) => {
  const all = await setting()
  const taken = all.slow()
  await all.clock.advance(5)
  const closing = all.server.close()
  t.equal(await all.outcome(closing), 'goes on')
  t.equal(await all.outcome(all.slow()), 'unavailable/unreachable/no', 'nobody else is there')
  all.gate.resolve('answered')
  t.equal(await all.outcome(taken), 'answered')
  t.equal(await all.outcome(closing), undefined)
  t.equal(all.server.close() instanceof Promise, true)
  await all.end()
})

t.test('F8 calls that a closing server does not take go to the next one, unseen', async (t) => {
  const all = await setting()
  const taken = all.slow()
  await all.clock.advance(5)
  const closing = all.server.close()
  const [next] = await Promise.all([all.another('by the next'), all.clock.settle()])
  t.equal(await all.outcome(all.slow()), 'by the next')
  const stub = all.client.stub(Echo, address)
  t.equal(await all.outcome(stub.sum([1, 2])), 3)
  t.same(await all.outcome(collect(stub.mirror(['a']))), ['A'])
  all.gate.resolve('by the first')
  t.equal(await all.outcome(taken), 'by the first')
  t.equal(await all.outcome(closing), undefined)
  await all.end(next)
})

t.test('F37 a call that crosses the goaway is sent again, whatever it is', async (t) => {
  const all = await setting()
  // The server says goodbye before this turn's calls reach it.
  const closing = all.server.close()
  const next = await all.another('by the next')
  const crossing = Promise.all([all.slow(), all.slow()])
  t.same(await all.outcome(crossing), ['by the next', 'by the next'])
  t.equal(await all.outcome(closing), undefined)
  await all.end(next)
})

t.test('F8 calls on a connection that its server had not answered yet go to the next one, too', async (t) => {
  const all = await setting()
  await all.end()
  const [before, after] = [await all.another('before'), createClient(all.parts)]
  // The connection is there, and the hello with the call behind it on its way, when the server closes.
  const call = after.remote(address, '/slow')()
  await Promise.resolve()
  await Promise.resolve()
  const closing = before.close()
  const next = await all.another('by the next')
  t.equal(await all.outcome(call), 'by the next')
  t.equal(await all.outcome(closing), undefined)
  await all.end(next, after)
})

t.test('F8 what does not end within 25 s is cut off, and its handlers are told', async (t) => {
  const all = await setting()
  const { hang } = all.client.stub(Echo, address, { timeoutMs: 600_000 })
  const hung = hang('stuck')
  const outcome = all.outcome(hung)
  await all.clock.advance(5)
  const closing = all.server.close()
  await all.clock.advance(24_900)
  t.equal(await all.outcome(closing), 'goes on')
  await all.clock.advance(200)
  t.equal(await all.outcome(closing), undefined)
  t.equal(await outcome, 'goes on')
  t.equal(await all.outcome(hung), 'unavailable/connection_lost/maybe')
  t.match(all.record.cancelled.get('stuck'), { code: 'unavailable', reason: 'draining' })
  await all.end()
})

for (const how of ['its signal', 'a second close'] as const)
  for (const side of ['server', 'client'] as const)
    t.test(`closing a ${side} is cut short by ${how}`, async (t) => {
      const all = await setting()
      const taken = all.slow().catch((error: RpcError) => error)
      await all.clock.advance(5)
      const controller = new AbortController()
      const closing = all[side].close({ signal: controller.signal })
      t.equal(await all.outcome(closing), 'goes on')
      if (how === 'its signal') controller.abort()
      else void all[side].close({ signal: AbortSignal.abort() })
      t.equal(await all.outcome(closing), undefined)
      t.equal(await all.outcome(taken), 'unavailable/connection_lost/maybe')
      await all.end()
    })

t.test('a client that closes waits for its answers, and makes no more calls', async (t) => {
  const all = await setting()
  const taken = all.slow()
  await all.clock.advance(5)
  const closing = all.client.close()
  t.equal(await all.outcome(closing), 'goes on')
  t.equal(await all.outcome(all.slow()), 'unavailable/closed/no')
  all.gate.resolve('answered')
  t.equal(await all.outcome(taken), 'answered')
  t.equal(await all.outcome(closing), undefined)
  t.equal(all.client.close() instanceof Promise, true)
  await all.end()
  t.equal(all.clock.pending, 0)
})

t.test('a client that closes ends its streams at once, and waits for its other answers', async (t) => {
  const all = await setting()
  const { drip, mirror, sum } = all.client.stub(Echo, address)
  const read = drip('read')
  const unread = drip('unread')
  const gate = deferred()
  const texts = (async function* () {
    yield 'a'
    await gate.promise
  })()
  const both = mirror(texts)
  const numbers = (async function* () {
    yield 1
    await gate.promise
    yield 2
  })()
  const firsts = Promise.all([read.next(), read.next(), unread.next(), both.next()])
  await all.clock.advance(5)
  t.same(
    (await firsts).map(({ value }) => value),
    [1, 2, 1, 'A'],
  )
  const [taken, summed] = [all.slow(), sum(numbers)]
  t.same(await all.outcome(read.next()), { done: false, value: 3 })
  const waiting = read.next()
  const closing = all.client.close()
  t.equal(await all.outcome(closing), 'goes on')
  t.equal(await all.outcome(waiting), 'cancelled/closed/maybe')
  t.equal(await all.outcome(both.next()), 'cancelled/closed/maybe')
  t.same(await all.outcome(unread.next()), { done: false, value: 2 }, 'what had arrived is delivered')
  t.same(await all.outcome(unread.next()), { done: false, value: 3 })
  t.equal(await all.outcome(unread.next()), 'cancelled/closed/maybe', 'and does not look complete')
  t.same([...all.record.closed].sort(), ['read', 'unread'], 'the server was told')
  gate.resolve()
  all.gate.resolve('answered')
  t.equal(await all.outcome(taken), 'answered')
  t.equal(await all.outcome(summed), 3)
  t.equal(await all.outcome(closing), undefined)
  await all.end()
})

t.test('a client that closes does not wait for handlers of calls that nobody waits for', async (t) => {
  const all = await setting()
  const controller = new AbortController()
  // /slow does not look at its signal.
  const cancelled = all.client.remote(address, '/slow').with({ signal: controller.signal })()
  await all.clock.advance(5)
  controller.abort()
  t.equal(await all.outcome(cancelled), 'cancelled/cancelled/maybe')
  t.equal(await all.outcome(all.client.close()), undefined)
  all.gate.resolve('too late')
  await all.end()
})

t.test('a client that closes waits for what its middleware does with calls', async (t) => {
  const all = await setting()
  const gate = deferred<void>()
  const client = createClient({
    ...all.parts,
    middleware: [
      (next) => async (call) => {
        const reply = await next(call)
        if (call.headers.has('never')) await new Promise(() => {})
        await gate.promise
        return reply
      },
    ],
  })
  const count = client.stub(Echo, address).sum
  const late = count([1, 2])
  const never = count.with({ timeoutMs: 400, headers: { never: '' } })([1])
  const endless = count.with({ timeoutMs: Infinity, headers: { never: '' } })([1])
  await all.outcome(late)
  let closed = false
  const closing = client.close().then(() => {
    closed = true
  })
  gate.resolve()
  t.equal(await all.outcome(late), 3)
  await all.clock.advance(500)
  t.equal(await all.outcome(never), 'deadline_exceeded/deadline/maybe', 'deadlines hold')
  t.equal(closed, false)
  const after = count.with({ timeoutMs: 300 })([1])
  t.equal(await all.outcome(after), 'unavailable/closed/no')
  await all.clock.advance(25_000)
  t.equal(await all.outcome(endless), 'cancelled/closed/maybe')
  await closing
  await all.end()
})

t.test('the signal of a close cuts short what middleware does', async (t) => {
  const all = await setting()
  const client = createClient({ ...all.parts, middleware: [() => () => new Promise(() => {})] })
  const call = client.remote(address, '/slow')()
  const closing = client.close({ signal: AbortSignal.abort() })
  t.equal(await all.outcome(call), 'cancelled/closed/maybe')
  const after = client.remote(address, '/slow').with({ timeoutMs: 300 })()
  t.equal(await all.outcome(closing), undefined)
  await all.clock.advance(400)
  t.equal(await all.outcome(after), 'deadline_exceeded/deadline/maybe')
  await all.end()
})

t.test('a client with nothing but streams closes at once', async (t) => {
  const all = await setting()
  const stream = all.client.stub(Echo, address).drip('x')
  for (let item = 0; item < 3; item++) await all.outcome(stream.next())
  t.equal(await all.outcome(all.client.close()), undefined)
  t.ok(all.record.closed.has('x'))
  await all.end()
  t.equal(all.clock.pending, 0)
})

t.test('a stream under way flows on to its end while its server closes', async (t) => {
  const all = await setting()
  const items = all.client.stub(Echo, address).count({ to: 3 })
  const first = items.next()
  await all.clock.advance(5)
  t.same(await first, { done: false, value: 1 })
  const closing = all.server.close()
  t.same(await all.outcome(collect(items)), [2, 3])
  t.equal(await all.outcome(closing), undefined)
  await all.end()
})

t.test('await using closes a server and a client', async (t) => {
  const transport = memory()
  {
    await using server = createServer({ transports: [transport], codecs })
    await using client = createClient({ transports: [transport], codecs })
    server.rpc('/a', () => 1)
    await using listener = await server.listen(address)
    t.equal(await client.remote(listener.address, '/a')(), 1)
  }
  await t.rejects(transport.dial(address), { code: 'unavailable' })
})

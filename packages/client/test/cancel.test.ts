import { harness } from '@hawser/compliance/harness'
import { currentCall } from '@hawser/context'
import { RpcError } from '@hawser/contract'
import t from 'tap'
import { chain, virtualChain } from './support/chain.js'
import { Echo, echo } from './support/echo.js'
import { stack, transports, until } from './support/stack.js'

harness(t)

t.test('a signal cancels at the third hop', async (t) => {
  await using all = await chain()
  const controller = new AbortController()
  const outcome = all.hang('third', { signal: controller.signal })
  await until(() => all.record.started.has('third'))
  controller.abort(new Error('enough'))
  await t.rejects(outcome, { code: 'cancelled', reason: 'cancelled', cause: { message: 'enough' } })
  await until(() => all.record.cancelled.has('third'))
  t.match(all.record.cancelled.get('third'), { code: 'cancelled' })
})

t.test('a deadline cancels at the third hop', async (t) => {
  await using all = await virtualChain()
  const outcome = all.hang('third', { timeoutMs: 500 }).catch((error) => error)
  await all.clock.advance(600)
  t.match(await outcome, { code: 'deadline_exceeded' })
  t.match(all.record.cancelled.get('third'), { code: 'deadline_exceeded' })
})

t.test('the loss of the first connection cancels at the third hop', async (t) => {
  await using all = await chain()
  const outcome = all.hang('third').catch((error) => error)
  await until(() => all.record.started.has('third'))
  await all.client.close({ signal: AbortSignal.abort() })
  t.match(await outcome, { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' })
  await until(() => all.record.cancelled.has('third'))
  t.match(all.record.cancelled.get('third'), { code: 'cancelled' })
})

t.test('leaving a loop at the first hop closes the generator at the third', async (t) => {
  await using all = await chain()
  const outcome = all.client.remote<(name: string) => number>('memory://a', '/drip').with({ timeoutMs: 200 })(
    'loop',
  )
  await t.rejects(outcome, { code: 'deadline_exceeded' })
  await until(() => all.record.closed.has('loop'))
  t.ok(all.record.closed.has('loop'))
})

t.test(
  'AbortSignal.timeout means a deadline, and a signal aborted before means that nothing is sent',
  async (t) => {
    await using all = await stack()
    const { handlers, record } = echo()
    all.server.implement(Echo, handlers)
    const { hang } = all.client.stub(Echo, all.address)
    await all.client.connect(all.address)
    const signal = AbortSignal.timeout(150)
    await t.rejects(hang.with({ signal })('timed'), { code: 'deadline_exceeded' })
    await until(() => record.cancelled.has('timed'))
    await t.rejects(hang.with({ signal: AbortSignal.abort() })('never'), {
      code: 'cancelled',
      executed: 'no',
    })
    const own = new RpcError('aborted', 'mine')
    await t.rejects(hang.with({ signal: AbortSignal.abort(own) })('never'), {
      code: 'aborted',
      message: 'mine',
    })
    t.same([...record.cancelled.keys()], ['timed'])
  },
)

t.test('a signal that lives longer than its calls keeps nothing of them', async (t) => {
  await using all = await stack()
  all.server.rpc('/a', () => 1)
  const { signal } = new AbortController()
  let listeners = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = ((...args: Parameters<typeof add>) => {
    listeners++
    add(...args)
  }) as typeof signal.addEventListener
  signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
    listeners--
    remove(...args)
  }) as typeof signal.removeEventListener
  const a = all.client.remote(all.address, '/a').with({ signal })
  await Promise.all(Array.from({ length: 100 }, () => a()))
  t.equal(listeners, 0)
})

for (const { name, transport, address } of transports())
  t.test(
    `${name}: items that wait to be read end with their call, those that came are delivered`,
    async (t) => {
      await using all = await stack({ transport, address })
      const { handlers, record } = echo()
      all.server.implement(Echo, handlers)
      const controller = new AbortController()
      const items = all.client.stub(Echo, all.address).drip.with({ signal: controller.signal })('x')
      t.same(await items.next(), { done: false, value: 1 })
      t.same(await items.next(), { done: false, value: 2 })
      t.same(await items.next(), { done: false, value: 3 })
      const next = items.next()
      controller.abort()
      await t.rejects(next, { code: 'cancelled' })
      t.same(await items.next(), { done: true, value: undefined })
      await until(() => record.closed.has('x'))
    },
  )

t.test('a stream can be disposed of, before and while it is read', async (t) => {
  await using all = await stack()
  const { handlers, record } = echo()
  all.server.implement(Echo, handlers)
  const { drip } = all.client.stub(Echo, all.address)
  {
    await using unread = drip('unread')
    t.ok(unread)
  }
  {
    await using read = drip('read')
    await read.next()
  }
  await until(() => record.closed.has('read'))
  t.notOk(record.closed.has('unread'), 'what nobody asked for was never called')
})

t.test('a source of items is closed when its call ends early', async (t) => {
  await using all = await stack()
  let closed = 0
  all.server.implement(Echo, {
    ...echo().handlers,
    async sum(numbers) {
      for await (const number of numbers) return number
      return -1
    },
  })
  async function* endless() {
    try {
      for (let n = 1; ; n++) yield n
    } finally {
      closed++
    }
  }
  t.equal(await all.client.stub(Echo, all.address).sum(endless()), 1)
  await until(() => closed === 1)
  t.equal(closed, 1)
})

t.test('a source of items that throws cancels the call, on both sides', async (t) => {
  await using all = await stack()
  let seen: unknown
  all.server.implement(Echo, {
    ...echo().handlers,
    async sum(numbers, call) {
      try {
        for await (const number of numbers) void number
      } catch (error) {
        seen = error
        t.ok(call.signal.aborted)
        t.equal(currentCall(), call)
      }
      return 0
    },
  })
  const source = (function* () {
    yield 1
    throw new Error('the source broke')
  })()
  await t.rejects(all.client.stub(Echo, all.address).sum(source), { message: 'the source broke' })
  await until(() => seen !== undefined)
  t.match(seen, { code: 'cancelled' })
})

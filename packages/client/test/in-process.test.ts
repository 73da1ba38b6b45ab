import { callsThrough } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { currentCall } from '@hawser/context'
import { type RpcError, virtualClock } from '@hawser/contract'
import { createServer } from '@hawser/server'
import t from 'tap'
import { Echo, echo } from './support/echo.js'
import { refusesBadHeaders } from './support/headers.js'
import { deferred, until } from './support/stack.js'

harness(t)

const codecs = [json()]

t.test('a handler that never settles holds no caller beyond the deadline', async (t) => {
  const clock = virtualClock()
  const server = createServer({ codecs, clock, log: () => {} })
  server.rpc('/never', () => new Promise(() => {}))
  server.implement(Echo, {
    ...echo().handlers,
    async *drip() {
      yield 1
      await new Promise(() => {})
    },
  })
  using calls = callsThrough(server.handler, { codecs, clock })
  const never = calls
    .remote('/never')()
    .catch((error: RpcError) => error)
  await clock.advance(5_050)
  t.match(await Promise.race([never, 'hangs']), { code: 'deadline_exceeded', reason: 'deadline' })
  const items = calls.stub(Echo, { timeoutMs: 100 }).drip('x')
  t.same(await items.next(), { done: false, value: 1 })
  const next = items.next().catch((error: RpcError) => error)
  await clock.advance(150)
  t.match(await Promise.race([next, 'hangs']), { code: 'deadline_exceeded' })
  t.same(await items.next(), { done: true, value: undefined })
})

t.test('leaving a loop does not wait for a source that is busy', async (t) => {
  const server = createServer({ codecs })
  server.implement(Echo, {
    ...echo().handlers,
    async *drip() {
      yield 1
      await new Promise(() => {})
    },
  })
  using calls = callsThrough(server.handler, { codecs })
  const items = calls.stub(Echo).drip('x')
  await items.next()
  const next = items.next()
  await Promise.all([items.return!(), t.rejects(next, { code: 'cancelled' })])
})

t.test('a oneway call waits for nobody, and tells nobody of its failure', async (t) => {
  const server = createServer({ codecs, log: () => {} })
  const gate = deferred()
  let ended = false
  server.implement(Echo, {
    ...echo().handlers,
    async tell() {
      await gate.promise
      ended = true
      throw new Error('nobody hears this')
    },
  })
  using calls = callsThrough(server.handler, { codecs })
  t.equal(await calls.stub(Echo).tell('x'), undefined)
  t.equal(ended, false)
  gate.resolve()
  await until(() => ended)
})

t.test('a call cancelled before it is made is not run', async (t) => {
  const server = createServer({ codecs })
  let runs = 0
  server.rpc('/a', () => ++runs)
  using calls = callsThrough(server.handler, { codecs })
  const a = calls.remote('/a')
  await t.rejects(a.with({ signal: AbortSignal.abort() })(), { code: 'cancelled', executed: 'no' })
  t.equal(await a(), 1)
})

t.test('an answer that comes at the same time as the cancel is the outcome, once', async (t) => {
  const server = createServer({ codecs })
  const controller = new AbortController()
  server.rpc('/a', async () => {
    controller.abort()
    return 'answered'
  })
  using calls = callsThrough(server.handler, { codecs })
  t.equal(await calls.remote('/a').with({ signal: controller.signal })(), 'answered')
})

t.test('a call finds itself, and has no connection', async (t) => {
  const server = createServer({ codecs })
  server.rpc('/a', () => [currentCall()!.method, currentCall()!.connection === undefined])
  using calls = callsThrough(server.handler, { codecs })
  t.same(await calls.remote('/a')(), ['/a', true])
})

t.test('headers that could not cross a connection are refused here too', async (t) => {
  const server = createServer({ codecs })
  let runs = 0
  server.rpc('/headers', () => {
    runs++
    return Object.fromEntries(currentCall()!.headers)
  })
  using calls = callsThrough(server.handler, { codecs })
  const headers = calls.remote<() => Record<string, string>>('/headers')
  t.same(await headers.with({ headers: { 'x-a': 'ä', b: '' } })(), { 'x-a': 'ä', b: '' })
  await refusesBadHeaders(t, headers)
  t.equal(runs, 1)
})

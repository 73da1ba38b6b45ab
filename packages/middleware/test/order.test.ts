import { readFileSync } from 'node:fs'
import { harness } from '@hawser/compliance/harness'
import { type Handler, type Middleware, RpcError, type VirtualClock, virtualClock } from '@hawser/contract'
import { compose, TimerWheel } from '@hawser/wire'
import t from 'tap'
import {
  type AccessEntry,
  accessLog,
  authenticate,
  circuitBreaker,
  concurrencyLimit,
  credentials,
  loadShed,
  retry,
  timeout,
} from '../src/index.js'
import { bytes, type Sent, type SentOptions, send } from './support/mock-pair.js'
import { Workers } from './support/workers.js'

harness(t)

/** Two orders of the same two middleware, the first of each outermost, and what is counted in either. */
interface Comparison {
  readonly question: string
  readonly orders: readonly [string, string]
  readonly counted: string
  count(order: 0 | 1, clock: VirtualClock): Promise<number | string>
}

const hanging: Handler = () => new Promise(() => {})
const ordered = <T>(order: 0 | 1, pair: readonly [T, T]): readonly T[] =>
  order === 0 ? pair : pair.toReversed()

function caller(clock: VirtualClock, middleware: readonly Middleware[], inner: Handler) {
  const handler = compose(middleware, inner)
  const timers = new TimerWheel(clock)
  return (options?: SentOptions): Sent => send(handler, timers, options)
}

const comparisons: readonly Comparison[] = [
  {
    question: 'A server never answers an idempotent call',
    orders: ['timeout (300 ms), retry', 'retry, timeout (300 ms)'],
    counted: 'ms until its caller is told',
    async count(order, clock) {
      const call = caller(
        clock,
        ordered(order, [timeout({ ms: 300, clock }), retry({ clock, codes: ['deadline_exceeded'] })]),
        hanging,
      )
      const sent = call({ idempotent: true })
      while (sent.outcome === 'goes on') await clock.advance(10)
      return Math.round(clock.now() / 10) * 10
    },
  },
  {
    question: 'A destination refuses one call in two at once, and each is tried again',
    orders: ['retry, limit (4)', 'limit (4), retry'],
    counted: 'ms until 100 calls are done',
    async count(order, clock) {
      let n = 0
      const inner: Handler = async () => {
        if (n++ % 2 === 0) throw new RpcError('unavailable', 'busy', { executed: 'no' })
        return { output: bytes('') }
      }
      const limit = concurrencyLimit({
        clock,
        limit: 4,
        limits: { queueTargetMs: 60_000, queueIntervalMs: 60_000 },
      })
      const call = caller(clock, ordered(order, [retry({ clock, attempts: 5 }), limit]), inner)
      const sent = Array.from({ length: 100 }, () => call())
      while (sent.some(({ outcome }) => outcome === 'goes on')) await clock.advance(10)
      return clock.now()
    },
  },
  {
    question: 'Handlers take 1 s and heed no cancel; 20 calls a second come',
    orders: ['timeout (100 ms), limit (4)', 'limit (4), timeout (100 ms)'],
    counted: 'handlers running at a time, at the most',
    async count(order, clock) {
      const server = new Workers(clock, Infinity, 1_000)
      const call = caller(
        clock,
        ordered(order, [timeout({ ms: 100, clock }), concurrencyLimit({ clock, limit: 4 })]),
        server.handler,
      )
      for (let n = 0; n < 60; n++) {
        call()
        await clock.advance(50)
      }
      await clock.advance(2_000)
      return server.peak
    },
  },
  {
    question: '500 strangers and 10 known callers come at once; a check takes 1 ms',
    orders: ['authenticate, limit (4)', 'limit (4), authenticate'],
    counted: 'known callers who are served',
    async count(order, clock) {
      const verify = (credential: string) =>
        new Promise((resolve) => clock.timer(1, () => resolve(credential === 'good' ? 'ada' : undefined)))
      const server = new Workers(clock, Infinity, 5)
      const limit = concurrencyLimit({ clock, limit: 4 })
      const call = caller(clock, ordered(order, [authenticate({ verify }), limit]), server.handler)
      const as = (credential: string) => call({ headers: new Map([['authorization', credential]]) })
      for (let n = 0; n < 500; n++) as('bad')
      const known = Array.from({ length: 10 }, () => as('good'))
      await clock.advance(2_000)
      return known.filter(({ outcome }) => outcome === 'done').length
    },
  },
  {
    question: 'A process is overloaded, and 100 callers come',
    orders: ['load shed, authenticate', 'authenticate, load shed'],
    counted: 'credentials checked',
    async count(order, clock) {
      let checked = 0
      const verify = () => ++checked
      const shed = loadShed({ clock, lagMs: () => 1_000 })
      const call = caller(clock, ordered(order, [shed, authenticate({ verify })]), hanging)
      for (let n = 0; n < 100; n++) call({ headers: new Map([['authorization', 'x']]) })
      return checked
    },
  },
  {
    question: '100 calls come, 40 without a credential',
    orders: ['access log, authenticate', 'authenticate, access log'],
    counted: 'calls in the log',
    async count(order, clock) {
      const entries: AccessEntry[] = []
      const log = accessLog({ clock, log: (entry) => entries.push(entry) })
      const check = authenticate({ verify: () => 'ada' })
      const call = caller(clock, ordered(order, [log, check]), () => ({ output: bytes('') }))
      for (let n = 0; n < 100; n++) call(n < 40 ? {} : { headers: new Map([['authorization', 'x']]) })
      return entries.length
    },
  },
  {
    question: 'A destination is dead; 100 calls come, one after the other',
    orders: ['retry, circuit breaker', 'circuit breaker, retry'],
    counted: 'calls it is sent',
    async count(order, clock) {
      let calls = 0
      const inner: Handler = () => {
        calls++
        throw new RpcError('unavailable', 'dead', { executed: 'no' })
      }
      const call = caller(
        clock,
        ordered(order, [retry({ clock }), circuitBreaker({ clock, openMs: 600_000, windowMs: 60_000 })]),
        inner,
      )
      for (let n = 0; n < 100; n++) {
        call()
        await clock.advance(400)
      }
      return calls
    },
  },
  {
    question: 'A credential expires while the first attempt of a call is under way',
    orders: ['retry, credentials', 'credentials, retry'],
    counted: 'what becomes of the call',
    async count(order, clock) {
      const token = () => (clock.now() < 5 ? 'old' : 'new')
      const inner: Handler = async ({ headers }) => {
        await new Promise<void>((resolve) => clock.timer(10, resolve))
        if (headers.get('authorization') === 'new') return { output: bytes('done') }
        throw new RpcError('unauthenticated', 'expired', { executed: 'no', retryable: true })
      }
      const call = caller(clock, ordered(order, [retry({ clock }), credentials(token)]), inner)
      const sent = call()
      await clock.advance(2_000)
      return sent.error?.code ?? sent.outcome
    },
  },
]

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

for (const comparison of comparisons) {
  const { question, orders, counted } = comparison
  t.test(`README: ${question}: ${counted}`, async (t) => {
    const results: (number | string)[] = []
    for (const order of [0, 1] as const) {
      const clock = virtualClock()
      results.push(await comparison.count(order, clock))
      await clock.advance(60_000)
    }
    t.not(results[0], results[1], 'the order makes a difference')
    const cells = orders.map((order, index) => `${order}: **${results[index]}**`)
    const row = `| ${question} | ${counted} | ${cells.join(' | ')} |`
    t.ok(readme.includes(row), row)
  })
}

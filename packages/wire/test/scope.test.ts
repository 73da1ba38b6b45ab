import { RpcError, virtualClock } from '@hawser/contract'
import t from 'tap'
import { CallScope, deadlineError } from '../src/scope.js'
import { TimerWheel } from '../src/wheel.js'

const reason = new RpcError('cancelled', 'enough', { reason: 'cancelled' })

t.test('a scope is cancelled once, and tells each listener once', async (t) => {
  const scope = new CallScope(Infinity)
  const told: string[] = []
  const listener = (name: string) => ({ cancelled: (why: Error) => void told.push(`${name} ${why.message}`) })
  const [a, b, c, d] = [listener('a'), listener('b'), listener('c'), listener('d')]
  scope.onCancel(a)
  scope.onCancel(b)
  scope.onCancel(c)
  scope.offCancel(b)
  scope.offCancel(d)
  scope.cancel(reason)
  scope.cancel(deadlineError())
  t.same(told, ['a enough', 'c enough'])
  t.equal(scope.cancelReason, reason)
  scope.onCancel(d)
  t.equal(told.at(-1), 'd enough', 'who comes too late is told at once')
})

t.test('a single listener can be taken back', async (t) => {
  const scope = new CallScope(Infinity)
  const listener = { cancelled: () => t.fail('told all the same') }
  scope.onCancel(listener)
  scope.offCancel(listener)
  scope.cancel(reason)
  t.equal(scope.cancelReason, reason)
})

t.test('the signal says the same, read before or after', async (t) => {
  const before = new CallScope(Infinity)
  const { signal } = before
  t.equal(signal.aborted, false)
  before.cancel(reason)
  t.equal(signal.aborted, true)
  t.equal(signal.reason, reason)
  t.equal(before.signal, signal)

  const after = new CallScope(Infinity)
  after.cancel(reason)
  t.equal(after.signal.aborted, true)
  t.equal(after.signal.reason, reason)
})

t.test('a listener may take itself or others back while being told', async (t) => {
  const scope = new CallScope(Infinity)
  const told: number[] = []
  const second = { cancelled: () => void told.push(2) }
  scope.onCancel({
    cancelled() {
      told.push(1)
      scope.offCancel(second)
    },
  })
  scope.onCancel(second)
  scope.cancel(reason)
  t.same(told, [1, 2], 'the cancellation was for both')
})

t.test('as a timer entry it ends with its deadline', async (t) => {
  const clock = virtualClock()
  const timers = new TimerWheel(clock)
  const scope = new CallScope(100)
  timers.add(scope, scope.deadline)
  await clock.advance(110)
  t.match(scope.cancelReason, { code: 'deadline_exceeded', reason: 'deadline', executed: 'maybe' })
})

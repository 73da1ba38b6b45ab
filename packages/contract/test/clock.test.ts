import { systemClock, virtualClock } from '@hawser/contract'
import t from 'tap'

t.test('the system clock is monotonic and runs timers', async (t) => {
  const clock = systemClock()
  const before = clock.now()
  await new Promise<void>((resolve) => clock.timer(5, resolve))
  t.ok(clock.now() - before >= 4)
  clock.clear(clock.timer(1, () => t.fail('a cleared timer ran')))
  clock.clear(undefined)
  await new Promise<void>((resolve) => clock.timer(10, resolve))
})

t.test('a delay beyond what setTimeout can hold does not fire at once', async (t) => {
  const clock = systemClock()
  let fired = false
  const handle = clock.timer(2 ** 31 + 1_000, () => {
    fired = true
  })
  await new Promise<void>((resolve) => clock.timer(20, resolve))
  t.notOk(fired)
  clock.clear(handle)
})

t.test('soon comes after the promise jobs of the turn', async (t) => {
  const order: string[] = []
  const clock = systemClock()
  await new Promise<void>((resolve) => {
    clock.soon(() => {
      order.push('soon')
      resolve()
    })
    void Promise.resolve()
      .then(() => order.push('job'))
      .then(() => order.push('next job'))
  })
  t.same(order, ['job', 'next job', 'soon'])
})

t.test('virtual time stands still until it is advanced', async (t) => {
  const clock = virtualClock()
  const order: string[] = []
  clock.timer(20, () => order.push(`b at ${clock.now()}`))
  clock.timer(10, () => {
    order.push(`a at ${clock.now()}`)
    clock.timer(5, () => order.push(`c at ${clock.now()}`))
  })
  t.equal(clock.now(), 0)
  t.equal(clock.pending, 2)
  await clock.advance(14.5)
  t.same(order, ['a at 10'])
  t.equal(clock.now(), 14.5)
  await clock.advance(10)
  t.same(order, ['a at 10', 'c at 15', 'b at 20'])
  t.equal(clock.pending, 0)
})

t.test('virtual time lets what a timer sets off settle before the next timer', async (t) => {
  const clock = virtualClock()
  const order: string[] = []
  clock.timer(1, async () => {
    await Promise.resolve()
    clock.soon(() => order.push('settled'))
  })
  clock.timer(2, () => order.push('second timer'))
  await clock.advance(2)
  t.same(order, ['settled', 'second timer'])
})

t.test('virtual random numbers repeat by their seed', async (t) => {
  const draw = (seed: number) => {
    const clock = virtualClock(seed)
    return Array.from({ length: 100 }, () => clock.random())
  }
  t.same(draw(7), draw(7))
  t.notSame(draw(7), draw(8))
  t.ok(draw(7).every((n) => n >= 0 && n < 1))
})

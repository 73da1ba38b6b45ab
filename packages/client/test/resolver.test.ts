import { fixed, type Lookup, polled, pushed } from '@hawser/client'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { listing } from './support/listing.js'

harness(t)

t.test('a fixed list is told at once, as it was when it was given', async (t) => {
  const list = ['tcp://a', 'tcp://b']
  const resolver = fixed(list)
  list.push('tcp://c')
  const { told, watch, clock } = listing(resolver)
  t.same(told, [{ at: 0, what: ['tcp://a', 'tcp://b'] }])
  watch.refresh()
  watch.close()
  t.equal(clock.pending, 0)
})

t.test('a polled list is asked for from time to time', async (t) => {
  let asked = 0
  const { told, watch, clock } = listing(polled(() => [`tcp://${asked++}`], { everyMs: 2_000 }))
  await clock.advance(5_000)
  t.same(told, [
    { at: 0, what: ['tcp://0'] },
    { at: 2_000, what: ['tcp://1'] },
    { at: 4_000, what: ['tcp://2'] },
  ])
  watch.close()
  await clock.advance(60_000)
  t.equal(asked, 3)
  t.equal(clock.pending, 0)
})

t.test('a lookup that fails, or finds nothing, is made again with growing waits', async (t) => {
  for (const lookup of [
    () => [],
    () => Promise.reject(new Error('no name')),
    () => {
      throw new Error('no name')
    },
  ] as Lookup[]) {
    let asked: number[] = []
    const ask: Lookup = (options) => {
      asked.push(clock.now())
      return lookup(options)
    }
    const resolver = polled((options) => Promise.resolve().then(() => ask(options)))
    const { told, watch, clock } = listing(resolver)
    await clock.advance(10_000)
    t.same(asked, [0, 1_050, 2_150, 3_350, 4_750, 6_550, 8_550])
    t.equal(told.length, asked.length, 'each time it is told')
    asked = []
    watch.close()
    await clock.advance(60_000)
    t.same(asked, [])
  }
})

t.test('something could not be reached: asked at once, but once a second at the most', async (t) => {
  const asked: number[] = []
  const resolver = polled(
    () => {
      asked.push(clock?.now() ?? 0)
      return ['tcp://a']
    },
    { everyMs: Infinity },
  )
  let clock: ReturnType<typeof listing>['clock'] | undefined
  const all = listing(resolver)
  clock = all.clock
  await clock.advance(300)
  all.watch.refresh()
  all.watch.refresh()
  await clock.advance(10_000)
  t.same(asked, [0, 1_000], 'and never by itself')
  all.watch.refresh()
  await clock.advance(1)
  t.same(asked, [0, 1_000, 10_300])
  all.watch.close()
  all.watch.refresh()
  await clock.advance(10_000)
  t.equal(asked.length, 3)
  t.equal(clock.pending, 0)
})

t.test(
  'a lookup that does not end is given up, and told to end; what it says later is nothing',
  async (t) => {
    const signals: AbortSignal[] = []
    let answer: (list: readonly string[]) => void = () => {}
    const lookup: Lookup = ({ signal }) => {
      signals.push(signal)
      return new Promise((resolve) => {
        answer = resolve
      })
    }
    const { told, watch, clock } = listing(polled(lookup, { timeoutMs: 500 }))
    watch.refresh()
    await clock.advance(500)
    t.same(told, [{ at: 500, what: 'The lookup took over 500 ms' }])
    t.equal(signals[0]?.aborted, true)
    answer(['tcp://late'])
    await clock.advance(100)
    t.equal(told.length, 1)
    await clock.advance(1_000)
    t.equal(signals.length, 2)
    watch.close()
    t.equal(signals[1]?.aborted, true, 'a close ends the lookup under way')
    answer(['tcp://later'])
    await clock.advance(60_000)
    t.equal(told.length, 1)
    t.equal(clock.pending, 0)
  },
)

t.test('times that are none are refused', async (t) => {
  for (const options of [{ everyMs: 0 }, { everyMs: Number.NaN }, { timeoutMs: -1 }])
    t.throws(() => polled(() => [], options), TypeError)
})

t.test('a pushed list is told as it changes, until it is closed', async (t) => {
  let push: (list: readonly string[]) => void = () => {}
  let returned = false
  const resolver = pushed(async function* ({ signal }) {
    try {
      yield ['tcp://a']
      while (!signal.aborted)
        yield await new Promise<readonly string[]>((resolve, reject) => {
          push = resolve
          signal.addEventListener('abort', () => reject(signal.reason))
        })
    } finally {
      returned = true
    }
  })
  const { told, watch, clock } = listing(resolver)
  await clock.advance(10)
  push(['tcp://b', 'tcp://c'])
  await clock.advance(10)
  t.same(told, [
    { at: 0, what: ['tcp://a'] },
    { at: 10, what: ['tcp://b', 'tcp://c'] },
  ])
  watch.refresh()
  watch.close()
  await clock.advance(60_000)
  t.equal(returned, true)
  t.equal(told.length, 2)
  t.equal(clock.pending, 0)
})

t.test('one that ends or fails is begun again, with growing waits', async (t) => {
  const begun: number[] = []
  let clock: ReturnType<typeof listing>['clock'] | undefined
  const resolver = pushed(async function* () {
    begun.push(clock?.now() ?? 0)
    if (begun.length === 4) yield ['tcp://a']
    if (begun.length % 2 === 0) throw new Error('cut')
  })
  const all = listing(resolver)
  clock = all.clock
  await clock.advance(500)
  t.same(begun, [0, 50, 150, 350, 400, 500], 'a list begins the waits anew')
  t.same(
    all.told.slice(0, 2).map(({ what }) => what),
    ['No more is told of the addresses', 'cut'],
  )
  all.watch.close()
  await clock.advance(60_000)
  t.equal(clock.pending, 0)
})

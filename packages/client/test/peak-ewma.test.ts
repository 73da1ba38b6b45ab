import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { PeakEwma } from '../src/peak-ewma.js'

harness(t)

t.test(
  'the first answer is all there is, a peak counts at once, what is lower counts with time',
  async (t) => {
    const latency = new PeakEwma(1_000)
    t.equal(latency.value(5), 0, 'nothing is known')
    latency.observe(10, 100)
    t.equal(latency.value(100), 10)
    latency.observe(50, 200)
    t.equal(latency.value(200), 50)
    latency.observe(10, 300)
    const value = latency.value(300)
    t.ok(value > 10 && value < 50 * Math.exp(-0.1) + 1, `${value}`)
    for (let now = 400; now <= 6_000; now += 100) latency.observe(10, now)
    t.ok(Math.abs(latency.value(6_000) - 10) < 0.3, `${latency.value(6_000)}`)
  },
)

t.test('what is not asked is forgotten, but never wholly', async (t) => {
  const latency = new PeakEwma(1_000)
  latency.observe(100, 0)
  t.ok(Math.abs(latency.value(1_000) - 100 / Math.E) < 1e-9)
  t.ok(latency.value(20_000) > 0)
  latency.observe(0, 20_000)
  t.ok(latency.value(20_000) > 0, 'an answer at once is an answer')
})

t.test('no answer in some time only ever raises it', async (t) => {
  const latency = new PeakEwma(1_000)
  latency.exceeded(30, 10)
  t.equal(latency.value(10), 30)
  latency.exceeded(20, 10)
  t.equal(latency.value(10), 30)
  latency.exceeded(40, 10)
  t.equal(latency.value(10), 40)
})

t.test('answers of one turn do not add up to one of no time', async (t) => {
  const latency = new PeakEwma(1_000)
  latency.observe(10, 100)
  for (let count = 0; count < 1_000; count++) latency.observe(0, 100)
  t.equal(latency.value(100), 10)
})

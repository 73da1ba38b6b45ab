import t from 'tap'
import { Histogram } from '../src/histogram.js'

function of(times: Iterable<number>): Histogram {
  const histogram = new Histogram()
  for (const time of times) histogram.record(time)
  return histogram
}

function* upTo(count: number, time: (index: number) => number): Generator<number> {
  for (let index = 1; index <= count; index++) yield time(index)
}

t.test('without times everything is 0', async (t) => {
  const { count, min, mean, max } = new Histogram()
  t.same(
    [count, min, mean, max, new Histogram().percentile(99), new Histogram().octaves()],
    [0, 0, 0, 0, 0, []],
  )
})

t.test('times under 128 microseconds are told to the microsecond', async (t) => {
  const histogram = of(upTo(100, (index) => index / 1_000))
  t.same(
    [1, 50, 99, 100].map((percent) => histogram.percentile(percent)),
    [0.001, 0.05, 0.099, 0.1],
  )
})

t.test('percentiles of an even spread are never too low, and at most 1/128 too high', async (t) => {
  for (const topMs of [0.5, 10, 3_000, 600_000]) {
    const histogram = of(upTo(10_000, (index) => (index / 10_000) * topMs))
    for (const percent of [1, 10, 50, 90, 99, 99.9, 100]) {
      const exact = (percent / 100) * topMs
      const told = histogram.percentile(percent)
      t.ok(
        told >= exact - 0.0005 && told <= exact * (1 + 1 / 128) + 0.001,
        `p${percent} of ${topMs}: ${told}`,
      )
    }
  }
})

t.test('percentiles of an exponential spread are those of theory', async (t) => {
  // By inversion, so that it is the same at each run.
  const histogram = of(upTo(100_000, (index) => -Math.log(1 - (index - 0.5) / 100_000)))
  for (const percent of [50, 90, 99, 99.9]) {
    const exact = -Math.log(1 - percent / 100)
    t.ok(Math.abs(histogram.percentile(percent) / exact - 1) < 0.01, `p${percent}`)
  }
  t.ok(Math.abs(histogram.mean - 1) < 0.001)
})

t.test('one slow time among a thousand shows in the maximum and not in the p99', async (t) => {
  const histogram = of([...upTo(999, () => 1), 2_000])
  t.ok(histogram.percentile(99) < 1.01)
  t.equal(histogram.percentile(99.95), 2_000)
  t.equal(histogram.max, 2_000)
  t.equal(histogram.min, 1)
})

t.test('what is no time on the scale counts at its ends', async (t) => {
  const histogram = of([-1, 1e9])
  t.equal(histogram.count, 2)
  t.equal(histogram.percentile(50), 0)
  t.ok(histogram.percentile(100) > 4_000_000)
})

t.test('octaves hold all times, each under its end and not under half of it', async (t) => {
  const histogram = of([0.01, 0.127, 0.128, 0.129, 1, 4, 5])
  t.same(histogram.octaves(), [
    { toMs: 0.016, count: 1 },
    { toMs: 0.032, count: 0 },
    { toMs: 0.064, count: 0 },
    { toMs: 0.128, count: 1 },
    { toMs: 0.256, count: 2 },
    { toMs: 0.512, count: 0 },
    { toMs: 1.024, count: 1 },
    { toMs: 2.048, count: 0 },
    { toMs: 4.096, count: 1 },
    { toMs: 8.192, count: 1 },
  ])
})

import t from 'tap'
import { TokenBucket } from '../src/bucket.js'

t.test('a burst at once, then the rate', async (t) => {
  const bucket = new TokenBucket(3, 10, 0)
  t.same(
    [0, 0, 0, 0].map((now) => bucket.take(now)),
    [true, true, true, false],
  )
  t.equal(bucket.wait(), 100)
  t.equal(bucket.take(99), false)
  t.equal(bucket.take(100), true)
  t.equal(bucket.take(100), false)
})

t.test('tokens gather up to the burst, however long nothing is taken', async (t) => {
  const bucket = new TokenBucket(2, 10, 0)
  t.equal(bucket.take(1e9), true)
  t.equal(bucket.take(1e9), true)
  t.equal(bucket.take(1e9), false)
})

t.test('a clock that stands or goes back gives nothing', async (t) => {
  const bucket = new TokenBucket(1, 10, 1_000)
  t.equal(bucket.take(1_000), true)
  t.equal(bucket.take(0), false)
  t.equal(bucket.take(0), false)
})

t.test('without a burst or without a rate, nothing is worth waiting for', async (t) => {
  t.equal(new TokenBucket(0, 65_535, 0).wait(), Infinity)
  t.equal(new TokenBucket(0, 65_535, 0).take(1e9), false)
  const once = new TokenBucket(1, 0, 0)
  t.equal(once.wait(), 0)
  t.equal(once.take(0), true)
  t.equal(once.wait(), Infinity)
})

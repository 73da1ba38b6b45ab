import { consistentHash } from '@hawser/client'
import { harness } from '@hawser/compliance/harness'
import { virtualClock } from '@hawser/contract'
import t from 'tap'
import { callOf, puppets, tally } from './support/candidates.js'

harness(t)

const keyOf = consistentHash((call) => call.headers.get('key'))
const keys = Array.from({ length: 10_000 }, (_, index) => `user-${index}`)

t.test('a key has one address, whoever asks, and in whatever order the addresses are', async (t) => {
  const candidates = puppets(7)
  const reversed = candidates.toReversed()
  const [one, other] = [keyOf(virtualClock(1)), keyOf(virtualClock(2))]
  for (const key of keys.slice(0, 500))
    t.equal(one.pick(candidates, callOf(key), 0), other.pick(reversed, callOf(key), 0))
})

t.test('keys are spread evenly', async (t) => {
  for (const count of [2, 3, 10]) {
    const candidates = puppets(count)
    const picker = keyOf(virtualClock())
    const counts = tally(keys.length, (index) => picker.pick(candidates, callOf(keys[index]), 0))
    for (const candidate of candidates) {
      const share = (counts.get(candidate) ?? 0) / keys.length
      t.ok(Math.abs(share * count - 1) < 0.1, `${share} of ${count}`)
    }
  }
})

t.test('an address that goes, or comes, moves its own keys and no others', async (t) => {
  const candidates = puppets(10)
  const picker = keyOf(virtualClock())
  const before = keys.map((key) => picker.pick(candidates, callOf(key), 0))
  for (const gone of [candidates[0]!, candidates[6]!]) {
    const left = candidates.filter((candidate) => candidate !== gone)
    const after = keys.map((key) => picker.pick(left, callOf(key), 0))
    const moved = keys.filter((_, index) => before[index] !== after[index]).length
    t.ok(moved / keys.length <= 1 / 10 + 0.01, `${moved} moved`)
    t.equal(moved, before.filter((candidate) => candidate === gone).length)
    const counts = tally(keys.length, (index) => after[index])
    t.ok(Math.max(...counts.values()) <= 1.1 * (keys.length / 9), 'and they are spread over all others')
  }
})

t.test('a key that is undefined is anybody’s', async (t) => {
  const candidates = puppets(4)
  const picker = keyOf(virtualClock(3))
  const counts = tally(4_000, () => picker.pick(candidates, callOf(), 0))
  for (const count of counts.values()) t.ok(Math.abs(count - 1_000) < 120, `${count}`)
})

t.test('with a balance, a key that is all the rage has several addresses', async (t) => {
  const candidates = puppets(4)
  const picker = consistentHash((call) => call.headers.get('key'), { balance: 1.25 })(virtualClock())
  for (let calls = 1; calls <= 400; calls++) {
    picker.pick(candidates, callOf('hot'), 0).inFlight++
    const most = Math.max(...candidates.map(({ inFlight }) => inFlight))
    if (most > Math.ceil((1.25 * calls) / 4)) t.fail(`${most} of ${calls}`)
  }
  for (const { inFlight } of candidates) t.ok(inFlight >= 20, `${inFlight}`)
  const unbalanced = consistentHash(() => 'hot')(virtualClock())
  const counts = tally(100, () => unbalanced.pick(candidates, callOf(), 0))
  t.equal(counts.size, 1, 'without, it has one')
  t.throws(() => consistentHash(() => '', { balance: 0.9 }), TypeError)
  t.throws(() => consistentHash(() => '', { balance: Number.NaN }), TypeError)
})

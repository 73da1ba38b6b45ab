import { roundRobin } from '@hawser/client'
import { harness } from '@hawser/compliance/harness'
import { virtualClock } from '@hawser/contract'
import t from 'tap'
import { callOf, puppets, tally } from './support/candidates.js'

harness(t)

const call = callOf()

t.test('one after the other, each as often as the others', async (t) => {
  const picker = roundRobin()(virtualClock(3))
  const candidates = puppets(3)
  const picked = Array.from({ length: 9 }, () => candidates.indexOf(picker.pick(candidates, call, 0)))
  for (const [index, each] of picked.entries()) t.equal(each, (picked[0]! + index) % 3)
})

t.test('a list that shrinks and grows is gone on with', async (t) => {
  const picker = roundRobin()(virtualClock(3))
  const candidates = puppets(4)
  for (const count of [4, 1, 3, 2, 4]) {
    const some = candidates.slice(0, count)
    const counts = tally(count * 5, () => picker.pick(some, call, 0))
    t.same([...counts.values()], Array(count).fill(5))
  }
})

t.test('many clients begin everywhere', async (t) => {
  const candidates = puppets(4)
  const clock = virtualClock(5)
  const counts = tally(4_000, () => roundRobin()(clock).pick(candidates, call, 0))
  for (const count of counts.values()) t.ok(Math.abs(count - 1_000) < 120, `${count}`)
})

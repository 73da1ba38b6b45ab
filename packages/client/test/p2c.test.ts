import { p2c } from '@hawser/client'
import { harness } from '@hawser/compliance/harness'
import { virtualClock } from '@hawser/contract'
import t from 'tap'
import { callOf, type Puppet, puppets, tally } from './support/candidates.js'

harness(t)

const call = callOf()

t.test('equals share the calls equally', async (t) => {
  for (const count of [1, 2, 3, 10]) {
    const picker = p2c()(virtualClock(7))
    const candidates = puppets(count)
    const counts = tally(20_000, () => picker.pick(candidates, call, 0))
    for (const candidate of candidates) {
      const share = (counts.get(candidate) ?? 0) / 20_000
      t.ok(Math.abs(share - 1 / count) < 0.02, `${share} of ${count}`)
    }
  }
})

t.test('of two the less loaded is taken, so the most loaded of all never is', async (t) => {
  const picker = p2c()(virtualClock(7))
  const candidates = puppets(5)
  for (const [index, candidate] of candidates.entries()) candidate.inFlight = index
  const counts = tally(20_000, () => picker.pick(candidates, call, 0))
  // The chance that i of 5 is the lesser of two different ones: 4/10, 3/10, 2/10, 1/10, 0.
  const shares = candidates.map((candidate) => (counts.get(candidate) ?? 0) / 20_000)
  for (const [index, share] of shares.entries()) t.ok(Math.abs(share - (4 - index) / 10) < 0.015, `${share}`)
})

t.test('latency and calls in flight are weighed against each other', async (t) => {
  const picker = p2c()(virtualClock(7))
  const [slow, fast] = puppets(2) as [Puppet, Puppet]
  slow.ms = 10
  for (const [inFlight, taken] of [
    [0, fast],
    [8, fast],
    [10, slow],
    [100, slow],
  ] as const) {
    fast.inFlight = inFlight
    t.equal(picker.pick([slow, fast], call, 0), taken, `${inFlight} at the fast one`)
  }
})

t.test('one of which nothing is known gets a call, and no second before its answer', async (t) => {
  const picker = p2c()(virtualClock(7))
  const [known, fresh] = puppets(2) as [Puppet, Puppet]
  fresh.ms = 0
  known.inFlight = 100
  t.equal(picker.pick([known, fresh], call, 0), fresh)
  fresh.inFlight = 1
  for (let index = 0; index < 20; index++) t.equal(picker.pick([known, fresh], call, 0), known)
})

t.test('answers as fast as no clock can tell still weigh by the calls in flight', async (t) => {
  const picker = p2c()(virtualClock(7))
  const [one, other] = puppets(2) as [Puppet, Puppet]
  one.ms = 1e-6
  other.ms = 1e-9
  other.inFlight = 1
  for (let index = 0; index < 20; index++) t.equal(picker.pick([one, other], call, 0), one)
})

import t from 'tap'
import { give, handOver, isGiven, isSpent } from '../src/index.js'

t.test('what is given stays the same array until it is moved, and then is known to be spent', async (t) => {
  const bytes = new Uint8Array(8)
  t.notOk(isGiven(bytes))
  t.equal(give(bytes), bytes)
  t.equal(give(bytes), bytes, 'twice is once')
  t.ok(isGiven(bytes))
  t.notOk(isSpent(bytes))
  t.same(Object.keys(bytes), Object.keys(new Uint8Array(8)), 'nothing shows')
  t.notOk(isGiven(bytes.subarray(1)), 'a view of it is not')
  structuredClone(bytes, { transfer: [bytes.buffer] })
  t.ok(isSpent(bytes))
})

t.test('nothing cannot be given, nor is it spent', async (t) => {
  const nothing = give(new Uint8Array(0))
  t.notOk(isGiven(nothing))
  t.notOk(isSpent(nothing))
})

t.test(
  'what was handed over once is handed over as a copy from then on: it may be moved at any time',
  async (t) => {
    const bytes = give(Uint8Array.of(1, 2, 3))
    t.equal(handOver(bytes), bytes)
    const copy = handOver(bytes)
    t.not(copy, bytes)
    t.ok(isGiven(copy), 'which is given in turn')
    t.equal(handOver(copy), copy)
    give(bytes)
    t.not(handOver(bytes), bytes, 'giving it again changes nothing')
    structuredClone(bytes, { transfer: [bytes.buffer] })
    t.same([...copy], [1, 2, 3])
    const kept = Uint8Array.of(1)
    t.equal(handOver(kept), kept)
    t.equal(handOver(kept), kept, 'what was not given is never moved')
  },
)

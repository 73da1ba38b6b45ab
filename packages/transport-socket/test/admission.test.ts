import t from 'tap'
import { Admission, capsFor } from '../src/index.js'

t.test('places are counted by host, and are free again', async (t) => {
  const admission = new Admission({ connections: 10, perPeer: 2, unauthenticated: 10 })
  t.equal(admission.enter('a'), undefined)
  t.equal(admission.enter('a'), undefined)
  t.equal(admission.enter('a'), 'peer')
  t.equal(admission.enter('b'), undefined)
  admission.leave('a')
  t.equal(admission.enter('a'), undefined)
})

t.test('where peers have no host only their handshakes are counted', async (t) => {
  const admission = new Admission({
    connections: 10,
    perPeer: Number.POSITIVE_INFINITY,
    unauthenticated: 2,
  })
  const [one, two] = [{}, {}]
  for (const each of [one, two]) {
    t.equal(admission.enter(), undefined)
    admission.begin(each)
  }
  t.equal(admission.enter(), 'unauthenticated')
  admission.finish(one)
  admission.finish(one)
  t.equal(admission.enter(), undefined)
})

t.test('caps fit each other: a share of few connections is not too few to begin with', async (t) => {
  t.same(capsFor(80, 5, 0.25), { connections: 80, perPeer: 5, unauthenticated: 20 })
  t.equal(capsFor(40, 5, 0.25).unauthenticated, 16)
  t.equal(capsFor(4, 5, 0.25).unauthenticated, 4)
  t.equal(capsFor(0, 5, 0.25).connections, 1)
  t.ok(capsFor(2 ** 40, 5, 0.25).connections >= 1)
})

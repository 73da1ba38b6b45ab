import { limitsWith } from '@hawser/contract'
import t from 'tap'
import { ReceivedMethods, SentMethods } from '../src/interning.js'

const limits = limitsWith({ internedMethods: 3 })
const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes)
const refer = (methods: SentMethods, name: string, most = 1_000) => {
  const reference = methods.refer(name, most)
  methods.sent(name, reference)
  return [reference.index, text(reference.name)]
}

t.test('a name is sent once, then its index', async (t) => {
  const methods = new SentMethods(limits)
  t.same(refer(methods, '/a'), [0, '/a'])
  t.same(refer(methods, '/b'), [1, '/b'])
  t.same(refer(methods, '/a'), [0, undefined])
  t.same(refer(methods, '__proto__'), [2, '__proto__'])
  t.same(refer(methods, '__proto__'), [2, undefined])
})

t.test('beyond what either side remembers, names travel in full', async (t) => {
  const own = new SentMethods(limits)
  for (const name of ['/a', '/b', '/c']) refer(own, name)
  t.same(refer(own, '/d'), [0xffff, '/d'])
  t.same(refer(own, '/d'), [0xffff, '/d'])
  const theirs = new SentMethods(limits)
  t.same(refer(theirs, '/a', 0), [0xffff, '/a'])
  t.same(refer(theirs, '/a', 1), [0, '/a'])
  t.same(refer(theirs, '/b', 1), [0xffff, '/b'])
})

t.test('a name that was not sent after all is not taken for known', async (t) => {
  const methods = new SentMethods(limits)
  methods.refer('/a', 10)
  t.same(refer(methods, '/b'), [0, '/b'])
  t.same(refer(methods, '/a'), [1, '/a'])
})

t.test('a name takes 1 to 256 bytes of well-formed text', async (t) => {
  const methods = new SentMethods(limits)
  for (const name of ['/', 'm'.repeat(255), 'm'.repeat(256), 'é'.repeat(128)])
    t.doesNotThrow(() => methods.refer(name, 10))
  for (const name of ['', 'm'.repeat(257), 'é'.repeat(129), '\ud800'])
    t.throws(() => methods.refer(name, 10), TypeError)
})

t.test('what a peer may define: the next index, as many as are remembered', async (t) => {
  const methods = new ReceivedMethods(limits)
  const refused = { code: 'invalid_argument', reason: 'bad_frame' }
  t.throws(() => methods.resolve(0), refused)
  t.throws(() => methods.define(1, '/late'), refused)
  methods.define(0, '/a')
  t.throws(() => methods.define(0, '/a'), refused, 'twice')
  methods.define(1, '/b')
  methods.define(2, '/c')
  t.throws(() => methods.define(3, '/d'), refused, 'one too many')
  methods.define(0xffff, '/in full')
  t.same([methods.resolve(0), methods.resolve(2)], ['/a', '/c'])
  t.throws(() => methods.resolve(0xffff), refused)
})

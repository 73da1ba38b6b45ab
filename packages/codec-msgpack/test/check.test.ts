import { Refusal } from '@hawser/codec-base'
import { sameValue } from '@hawser/compliance/codec'
import t from 'tap'
import { Check } from '../src/check.js'
import { msgpack } from '../src/index.js'

const codec = msgpack()
const arrived = (value: unknown): unknown => codec.decode(codec.encode(value))

/** Gives another value each time it is read. */
function changing(...values: readonly unknown[]): object {
  let reads = 0
  return {
    get a() {
      return values[Math.min(reads++, values.length - 1)]
    },
  }
}

t.test('what was checked is what is encoded', async (t) => {
  t.strictSame(arrived(changing('fine', '\ud800')), { a: 'fine' })
  t.strictSame(arrived([changing(1, () => 1)]), [{ a: 1 }])
  t.strictSame(arrived({ list: [changing({ deep: 1 }, new Map())] }), { list: [{ a: { deep: 1 } }] })
  let reads = 0
  const list = new Proxy([{}], {
    get: (target, name) => (name === '0' ? reads++ : Reflect.get(target, name)),
  })
  t.strictSame(arrived({ list }), { list: [0] })
  t.equal(reads, 1)
  class Time extends Date {
    #reads = 0
    override getTime(): number {
      return this.#reads++
    }
  }
  t.ok(sameValue(arrived({ at: new Time(1234) }), { at: new Date(1234) }))
})

t.test('the names that mean something to msgpackr are names like any other', async (t) => {
  for (const name of ['constructor', 'toJSON', 'hasOwnProperty', 'size', 'buffer', 'length', 'then'])
    for (const member of [1, 'x', {}, [1], null])
      t.ok(sameValue(arrived({ [name]: member }), { [name]: member }), name)
  t.strictSame(arrived({ list: Object.assign([1, 2], { constructor: Map, toJSON: () => 1 }) }), {
    list: [1, 2],
  })
})

t.test('the copy shares nothing that can change, but for bytes', async (t) => {
  const inner = { list: [1] }
  const value = { inner, bytes: Uint8Array.of(1) }
  const copy = new Check(64, 100).copy(value) as typeof value
  t.strictSame(copy, value)
  t.not(copy, value)
  t.not(copy.inner, inner)
  t.not(copy.inner.list, inner.list)
  t.equal(copy.bytes, value.bytes)
})

t.test('what msgpackr has no exact form of gets a stand-in', async (t) => {
  const check = new Check(64, 100)
  const copy = check.copy([
    -0,
    2 ** 32,
    -(2 ** 31) - 1,
    7n,
    2n ** 63n,
    new Date(0),
    Buffer.of(1),
    new Date(1),
  ])
  t.strictSame(copy, [
    0n,
    2n ** 32n,
    -(2n ** 31n) - 1n,
    7,
    2n ** 63n,
    new Uint8Array(4),
    Uint8Array.of(1),
    Uint8Array.of(0, 0x3d, 0x09, 0, 0, 0, 0, 0),
  ])
  t.ok(check.standIns)
  t.equal(check.bytes, 3)
  t.strictSame(check.dates, [0, 2])
})

t.test('limits', async (t) => {
  t.throws(() => new Check(1, 100).copy([[]]), Refusal)
  t.throws(() => new Check(64, 2).copy([1, 2]), Refusal)
  t.throws(() => new Check(64, 100).copy(new Array(4_000_000_000)), Refusal, 'without making room for them')
  t.doesNotThrow(() => new Check(1, 3).copy([1, 2]))
})

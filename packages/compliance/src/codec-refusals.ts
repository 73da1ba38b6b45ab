import { type CodecSuite, codecWith, throwsTyped } from './codec-subject.js'

class Point {
  readonly x = 1
}

const never = (): never => {
  throw new Error('from user code')
}

// Built by functions, because some break whoever looks at them.
const refused: readonly (readonly [string, () => unknown])[] = [
  ['a function', () => never],
  ['a symbol', () => Symbol('s')],
  ['undefined in an array', () => [undefined]],
  ['a hole in an array', () => new Array(3)],
  ['a Map', () => new Map([[1, 2]])],
  ['a Set', () => new Set([1])],
  ['a RegExp', () => /x/],
  ['an Error', () => new Error('x')],
  ['a Promise', () => Promise.resolve()],
  ['an instance of a class', () => new Point()],
  ['an object made from another', () => Object.create({ a: 1 })],
  ['a boxed number', () => Object(1)],
  ['a boxed string', () => Object('x')],
  ['a boxed bigint', () => Object(1n)],
  ['an ArrayBuffer', () => new ArrayBuffer(3)],
  ['a DataView', () => new DataView(new ArrayBuffer(3))],
  ['a Float64Array', () => new Float64Array(2)],
  ['a Uint8ClampedArray', () => new Uint8ClampedArray(2)],
  ['an invalid Date', () => new Date(Number.NaN)],
  ['something posing as a Date', () => Object.create(Date.prototype)],
  ['half a surrogate pair', () => 'x\ud800'],
  ['half a surrogate pair in a long text', () => `${'x'.repeat(5000)}\udc00`],
  ['half a surrogate pair in a key', () => ({ '\udfff': 1 })],
  ['the key __proto__', () => JSON.parse('{"__proto__":{"polluted":1}}')],
  ['constructor.prototype', () => ({ constructor: { prototype: { polluted: 1 } } })],
  ['a bigint of 65 bits', () => 2n ** 64n],
  ['a bigint below 64 bits', () => -(2n ** 63n) - 1n],
  ['a getter that throws', () => Object.defineProperty({}, 'x', { get: never, enumerable: true })],
  ['a proxy that throws', () => new Proxy({}, { ownKeys: never })],
  ['a proxy that hides its prototype', () => new Proxy({}, { getPrototypeOf: never })],
  ['a toJSON method', () => ({ toJSON: () => 1 })],
]

/** What cannot travel whole does not travel at all. */
export function testRefusals(suite: CodecSuite): void {
  const { bigint, date, nonFinite } = suite.supports

  suite.test.test('a value that cannot travel whole is refused, with its path', async (t) => {
    const codec = codecWith(suite)
    for (const [about, make] of refused) {
      const alone = throwsTyped(t, () => codec.encode(make()), 'bad_payload', about)
      t.equal(alone?.executed, 'no', `${about}: executed`)
      const wrapped = { first: 1, 'in between': [0, { bad: make() }], last: 2 }
      const inside = throwsTyped(t, () => codec.encode(wrapped), 'bad_payload', `${about}, inside`)
      t.match(inside?.message, /value\["in between"\]\[1\]\.bad/, `${about}: path`)
    }
    t.ok(codec.decode(codec.encode([1])), 'and the codec goes on')
  })

  suite.test.test('what this codec has no form for is refused', async (t) => {
    const codec = codecWith(suite)
    if (!bigint) throwsTyped(t, () => codec.encode([1n]), 'bad_payload', 'a bigint')
    if (!date) throwsTyped(t, () => codec.encode([new Date(0)]), 'bad_payload', 'a Date')
    if (!nonFinite)
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
        throwsTyped(t, () => codec.encode([value]), 'bad_payload', String(value))
  })

  suite.test.test('a cycle is refused as such', async (t) => {
    const codec = codecWith(suite)
    const loop: unknown[] = [1]
    loop.push({ deeper: [loop] })
    const error = throwsTyped(t, () => codec.encode(loop), 'bad_payload', 'a cycle')
    t.match(error?.message, /cycle/)
  })

  suite.test.test('the cause of a failing getter is kept', async (t) => {
    const thrown = new Error('mine')
    const value = {
      get x(): never {
        throw thrown
      },
    }
    const error = throwsTyped(t, () => codecWith(suite).encode(value), 'bad_payload', 'a getter')
    t.equal(error?.cause, thrown)
  })
}

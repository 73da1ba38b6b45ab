import { sameValue } from '@hawser/compliance/codec'
import { RpcError } from '@hawser/contract'
import { decode, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import t from 'tap'
import { msgpack } from '../src/index.js'

const codec = msgpack()
const key = fc.string({ unit: 'binary' }).filter((name) => name !== '__proto__' && name !== 'constructor')

/** Every value that the conversion table lets through. */
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 6 }, tie('leaf'), tie('array'), tie('object')),
  leaf: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.double(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.constantFrom(-0, 2 ** 32, -(2 ** 31) - 1, 2n ** 53n, -(2n ** 53n), 2n ** 63n),
    fc.string({ maxLength: 100 }).map((text) => `\ufeff${text}`),
    fc.bigInt({ min: 2n ** 53n + 1n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) - 1n }),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 300 }),
  ),
  array: fc.array(tie('value'), { maxLength: 20 }),
  object: fc.dictionary(key, tie('value'), { maxKeys: 20, noNullPrototype: true }),
}))

// Another implementation, so that the two could only be wrong together.
const options = { useBigInt64: true }
const theirs = (bytes: Uint8Array): unknown => numbers(decode(bytes, options))

/** It makes bigints of all integers of 64 bits. */
function numbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (Array.isArray(value)) return value.map(numbers)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, numbers(member)]))
}

t.test('any value that may travel arrives as it was', async (t) => {
  fc.assert(
    fc.property(value, fc.nat(300), (sent, headroom) =>
      sameValue(codec.decode(codec.encode(sent, headroom).subarray(headroom)), sent),
    ),
    { seed: 1, numRuns: 1500 },
  )
  t.pass()
})

t.test('any bytes are a typed error or a value that travels again', async (t) => {
  const ownNames = Object.getOwnPropertyNames(Object.prototype).join()
  const likely = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0x81, 0x91, 0xa1, 0xc7, 0xd6, 0xdf),
  )
  const bytes = fc.array(likely, { maxLength: 60 }).map((list) => Uint8Array.from(list))
  fc.assert(
    fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 200 })), (input) => {
      let decoded: unknown
      try {
        decoded = codec.decode(input)
      } catch (error) {
        return RpcError.is(error) && error.code === 'invalid_argument'
      }
      return sameValue(codec.decode(codec.encode(decoded)), decoded)
    }),
    { seed: 2, numRuns: 5000 },
  )
  t.equal(Object.getOwnPropertyNames(Object.prototype).join(), ownNames)
})

t.test('another implementation of MessagePack reads what this one writes', async (t) => {
  fc.assert(
    fc.property(value, (sent) => sameValue(theirs(codec.encode(sent)), sent)),
    { seed: 3, numRuns: 1500 },
  )
  t.pass()
})

t.test('this one reads what another implementation of MessagePack writes', async (t) => {
  fc.assert(
    fc.property(value, (sent) => {
      const bytes = encode(sent, options)
      return sameValue(codec.decode(bytes), theirs(bytes))
    }),
    { seed: 4, numRuns: 1500 },
  )
  t.pass()
})

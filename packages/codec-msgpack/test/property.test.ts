import { sameValue } from '@hawser/compliance/codec'
import { RpcError } from '@hawser/contract'
import fc from 'fast-check'
import { Packr, Unpackr } from 'msgpackr'
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
const packr = new Packr({ useRecords: false })
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, copyBuffers: true })
// Its types do not know this setting, which makes numbers of what are safe integers.
Object.assign(unpackr, { int64AsType: 'auto' })

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
    fc.property(value, (sent) => sameValue(unpackr.unpack(codec.encode(sent)), sent)),
    { seed: 3, numRuns: 1500 },
  )
  t.pass()
})

t.test('this one reads what another implementation of MessagePack writes', async (t) => {
  fc.assert(
    fc.property(value, (sent) => {
      const bytes = packr.pack(sent)
      return sameValue(codec.decode(bytes), unpackr.unpack(bytes))
    }),
    { seed: 4, numRuns: 1500 },
  )
  t.pass()
})

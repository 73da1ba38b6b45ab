import { sameValue } from '@hawser/compliance/codec'
import { RpcError } from '@hawser/contract'
import fc from 'fast-check'
import t from 'tap'
import { json } from '../src/index.js'

const codec = json()
const key = fc.string({ unit: 'binary' }).filter((name) => name !== '__proto__' && name !== 'constructor')

/** Every value that the conversion table lets through as it is. */
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 6 }, tie('leaf'), tie('array'), tie('object')),
  leaf: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ min: 2 ** 52, max: 2 ** 70, noNaN: true }).map(Math.round),
    fc.boolean(),
    fc.constant(null),
  ),
  array: fc.array(tie('value'), { maxLength: 20 }),
  object: fc.dictionary(key, tie('value'), { maxKeys: 20, noNullPrototype: true }),
}))

t.test('any value that may travel arrives as it was', async (t) => {
  fc.assert(
    fc.property(value, fc.nat(300), (sent, headroom) =>
      sameValue(codec.decode(codec.encode(sent, headroom).subarray(headroom)), sent),
    ),
    { seed: 1, numRuns: 1500 },
  )
  t.pass()
})

t.test('any JSON parser reads what is written', async (t) => {
  fc.assert(
    fc.property(value, (sent) => sameValue(JSON.parse(Buffer.from(codec.encode(sent)).toString()), sent)),
    { seed: 2, numRuns: 1500 },
  )
  t.pass()
})

// Text that is almost JSON, with what the walker looks for in it.
const piece = fc.constantFrom(
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"a"',
    '"b":',
    '"a":',
    '\\',
    '\\u0061',
    '\\ud800',
    '\\udc00',
    '"\\u005f',
    '1',
  ],
  ...[
    '-0',
    '1e5',
    '9007199254740993',
    '1e400',
    'true',
    'null',
    ' ',
    '\n',
    '"__proto__":',
    '"constructor":{',
    '"prototype":',
  ],
  ...['é', '0.5', '"key0":0,"key1":1,"key2":2,"key3":3,"key4":4,"key5":5,"key6":6,"key7":7,'],
)

t.test('any text is a typed error, or what JSON.parse makes of it', async (t) => {
  const ownNames = Object.getOwnPropertyNames(Object.prototype).join()
  const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''))
  let decoded = 0
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        value.map((sent) => JSON.stringify(sent, null, 1)),
      ),
      (input) => {
        if (input === '') return true
        try {
          const read = codec.decode(Buffer.from(input))
          decoded++
          return sameValue(read, JSON.parse(input)) && sameValue(codec.decode(codec.encode(read)), read)
        } catch (error) {
          return RpcError.is(error) && error.code === 'invalid_argument'
        }
      },
    ),
    { seed: 3, numRuns: 5000 },
  )
  t.ok(decoded > 1000)
  t.equal(Object.getOwnPropertyNames(Object.prototype).join(), ownNames)
})

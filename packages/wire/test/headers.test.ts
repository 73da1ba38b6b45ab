import { limitsWith } from '@hawser/contract'
import fc from 'fast-check'
import t from 'tap'
import { decodeHeaders, encodeHeaders } from '../src/headers.js'
import { headerBlock, hexBytes, hexOf } from './support/frame.js'

const limits = limitsWith()
const refused = { code: 'invalid_argument', reason: 'bad_header', executed: 'no' }
type Pairs = readonly (readonly [string, string])[]
const encode = (pairs: Pairs) => encodeHeaders(new Map(pairs), limits)
const decode = (pairs: Pairs) => decodeHeaders(headerBlock(pairs), limits)

t.test('headers go there and back', async (t) => {
  const key = fc.stringMatching(/^[a-z0-9\-_.]{1,128}$/)
  const value = fc.string({ unit: 'grapheme', maxLength: 100 }).filter((text) => !/[\r\n\0]/.test(text))
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 20 }),
      (pairs) => {
        const block = encode(pairs)
        if (hexOf(block) !== hexOf(headerBlock(pairs))) throw new Error('another layout')
        const back = [...decodeHeaders(block, limits)]
        if (JSON.stringify(back) !== JSON.stringify(pairs)) throw new Error('other headers')
      },
    ),
  )
  t.same([...decode([])], [])
  t.same([...decode([['a', '']])], [['a', '']], 'a value may be empty')
  t.same(
    [
      ...decode([
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ] as Pairs),
    ],
    [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ],
    'keys are no properties of anything',
  )
})

t.test('each limit holds in both directions, to the byte', async (t) => {
  const both = (pairs: Pairs, fits: boolean, name: string) => {
    for (const [way, run] of Object.entries({ encode, decode })) {
      if (fits) t.doesNotThrow(() => run(pairs), `${way}: ${name}`)
      else t.throws(() => run(pairs), refused, `${way}: ${name}`)
    }
  }
  const key = (bytes: number): Pairs => [['k'.repeat(bytes), '']]
  const value = (bytes: number): Pairs => [['k', 'v'.repeat(bytes)]]
  const count = (size: number): Pairs => Array.from({ length: size }, (_, index) => [`k${index}`, ''])
  // Two headers of 4 bytes of lengths and one of key each: the rest is value.
  const block = (bytes: number): Pairs => [
    ['a', 'v'.repeat(4_096)],
    ['b', 'v'.repeat(bytes - 4_096 - 10)],
  ]
  const cases: readonly (readonly [string, (size: number) => Pairs, number])[] = [
    ['key bytes', key, 128],
    ['value bytes', value, 4_096],
    ['count', count, 64],
  ]
  for (const [name, make, limit] of cases)
    for (const size of [limit - 1, limit, limit + 1]) both(make(size), size <= limit, `${name} ${size}`)
  for (const size of [8_191, 8_192]) both(block(size), true, `block bytes ${size}`)
  both([...block(8_190), ['c', 'vv']], false, 'block bytes over the limit')
  both([['k', 'é'.repeat(2_048)]], true, 'bytes are counted, not characters')
  both([['k', 'é'.repeat(2_049)]], false, 'bytes are counted, not characters')
})

t.test('what is no header is refused in both directions', async (t) => {
  const bad: Pairs = [
    ['', 'x'],
    ['Upper', 'x'],
    ['sp ace', 'x'],
    ['ключ', 'x'],
    ['new\nline', 'x'],
    ['k', 'a\r'],
    ['k', 'a\nb'],
    ['k', '\0'],
  ]
  for (const pair of bad) {
    t.throws(() => encode([pair]), refused, JSON.stringify(pair))
    t.throws(() => decode([pair]), refused, JSON.stringify(pair))
  }
  t.throws(() => encode([['k', '\ud800']]), refused, 'a lone surrogate')
})

t.test('a malformed block is refused', async (t) => {
  for (const [name, hex] of Object.entries({
    'half a length': '00',
    'a key past the end': '0002 61',
    'no value': '0001 61',
    'half a value length': '0001 61 00',
    'a value past the end': '0001 61 0002 62',
    'a key that is not UTF-8': '0001 ff 0000',
    'a value that is not UTF-8': '0001 61 0001 c0',
    'a value of an encoded surrogate': '0001 61 0003 eda080',
    'a key twice': '0001 61 0000 0001 61 0000',
  }))
    t.throws(() => decodeHeaders(hexBytes(hex), limits), refused, name)
})

t.test('any bytes are headers or refused', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        const headers = decodeHeaders(bytes, limits)
        if (hexOf(encodeHeaders(headers, limits)) !== hexOf(bytes)) throw new Error('not the same back')
      } catch (error) {
        if ((error as { reason?: string }).reason !== 'bad_header') throw error
      }
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})

import { list, string } from '@hawser/schema'
import fc from 'fast-check'
import t from 'tap'
import { binary } from '../src/index.js'

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'grapheme', minLength: 30, maxLength: 300 }),
)

t.test('a text is read as it was written, however often it came before', async (t) => {
  const codec = binary().typed(list(string))
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 12 }), fc.array(texts, { maxLength: 12 }), (some, others) => {
      const bytes = codec.encode(some)
      const reads = [
        codec.decode(bytes),
        codec.decode(codec.encode(others)),
        codec.decode(bytes),
        codec.decode(bytes),
      ]
      return [some, others, some, some].every((wanted, at) => wanted.join('|') === reads[at]!.join('|'))
    }),
    { seed: 1, numRuns: 500 },
  )
  t.pass()
})

t.test('texts that share beginning, middle and end are told apart', async (t) => {
  const codec = binary().typed(list(string))
  const alike = Array.from(
    { length: 300 },
    (_, i) => `order${String(i).padStart(3, '0')}_middle_of_it_${i % 7}_end`,
  )
  for (let round = 0; round < 4; round++) t.strictSame(codec.decode(codec.encode(alike)), alike)
  const lengths = Array.from({ length: 70 }, (_, length) => 'a'.repeat(length))
  for (let round = 0; round < 4; round++) t.strictSame(codec.decode(codec.encode(lengths)), lengths)
})

t.test('text that was refused once is refused again', async (t) => {
  const codec = binary().typed(string)
  for (const wrong of [
    'ff',
    'c080',
    'eda080',
    'f4908080',
    'e282',
    'c3',
    '61c3',
    'f09faa',
    'c328',
    'f8808080',
    '80',
  ])
    for (let round = 0; round < 3; round++)
      for (const around of ['', '61', '61'.repeat(40), '61'.repeat(300)]) {
        const text = Buffer.from(`${around}${wrong}`, 'hex')
        const bytes = Buffer.concat([Buffer.of(0, 0, text.length >> 8, text.length & 0xff), text])
        t.throws(
          () => codec.decode(bytes),
          { code: 'invalid_argument', reason: 'bad_payload' },
          `${around} ${wrong}`,
        )
      }
})

t.test('half a surrogate pair is refused, wherever it is', async (t) => {
  const codec = binary().typed(string)
  for (const half of ['\ud800', '\udc00', '\udc00\ud800', '\ud800\ud800\udc00', '\ud800x'])
    for (const around of ['', 'x', 'é', 'x'.repeat(38), 'x'.repeat(100), 'é'.repeat(3000)])
      for (const text of [`${around}${half}`, `${half}${around}`])
        t.throws(() => codec.encode(text), {
          code: 'invalid_argument',
          reason: 'bad_payload',
          message: /surrogate/,
        })
})

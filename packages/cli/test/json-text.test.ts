import t from 'tap'
import { parseJson, parseJsonValues } from '../src/json-text.js'
import { shown, valueText } from '../src/value-text.js'

t.test('values are told apart by blanks and commas, however deep they nest', async (t) => {
  t.same(parseJsonValues('1 "two, three" [4, [5]] {"six": "}"}, null'), [
    1,
    'two, three',
    [4, [5]],
    { six: '}' },
    null,
  ])
  t.same(parseJsonValues('"a \\" b"'), ['a " b'])
  t.same(parseJsonValues('[1][2]'), [[1], [2]])
  t.same(parseJsonValues(' \n '), [])
})

t.test('what would not be what was written is refused', async (t) => {
  for (const text of [
    '{"a": 1',
    '12345678901234567890',
    '{"a": 1, "a": 2}',
    '[1,]',
    ']',
    '"open',
    '1 ] 2',
    "'x'",
  ])
    t.throws(() => parseJsonValues(text), { name: 'UsageError' }, text)
})

t.test('a text without quotes is told how it is written', async (t) => {
  t.throws(() => parseJson('hello'), { message: /a text has quotes: '"hello"'/ })
})

t.test('AM-42 bytes are shown in base64, and what JSON has no form for as text', async (t) => {
  const value = {
    bytes: new Uint8Array([0, 1, 2, 3]).subarray(1),
    big: 2n ** 60n,
    none: Number.NaN,
    at: new Date(0),
  }
  t.equal(
    valueText(value),
    '{"bytes":"AQID","big":"1152921504606846976","none":"NaN","at":"1970-01-01T00:00:00.000Z"}',
  )
  t.equal(valueText(undefined), 'null')
  t.equal(valueText({ a: [1] }, 2), '{\n  "a": [\n    1\n  ]\n}')
})

t.test('what a terminal would take for a command is told by its number', async (t) => {
  t.equal(valueText('\u001b[2J\u009b2J\u202e\u007f'), '"\\u001b[2J\\u009b2J\\u202e\\u007f"')
  t.equal(shown('\u001b[2J\u202ea\nb'), '\\u001b[2J\\u202ea\\u000ab')
  t.equal(JSON.parse(valueText('\u009b\u202e')), '\u009b\u202e')
})

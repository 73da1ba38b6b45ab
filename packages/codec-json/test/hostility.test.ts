import { RpcError } from '@hawser/contract'
import t from 'tap'
import { json } from '../src/index.js'

const mebibyte = 2 ** 20

const hostile: readonly (readonly [string, string, 'bad_payload' | 'too_deep'])[] = [
  ['a million arrays in each other', '['.repeat(1e6) + ']'.repeat(1e6), 'too_deep'],
  ['a million arrays never closed', '['.repeat(1e6), 'too_deep'],
  ['a million objects in each other', '{"a":'.repeat(1e6), 'too_deep'],
  ['two million numbers', `[${'0,'.repeat(2e6)}0]`, 'too_deep'],
  ['a million empty arrays', `[${'[],'.repeat(1e6)}[]]`, 'too_deep'],
  ['an integer of a million digits', '9'.repeat(1e6), 'bad_payload'],
  ['a fraction of a million digits that overflows', `${'9'.repeat(1e6)}.5`, 'bad_payload'],
  ['an exponent of a million digits', `1e${'9'.repeat(1e6)}`, 'bad_payload'],
  ['a text never closed', `"${'a'.repeat(4 * mebibyte)}`, 'bad_payload'],
  ['a text of backslashes never closed', `"${'\\\\'.repeat(2 * mebibyte)}`, 'bad_payload'],
  ['4 MiB of space', ' '.repeat(4 * mebibyte), 'bad_payload'],
  ['4 MiB of letters', 'a'.repeat(4 * mebibyte), 'bad_payload'],
  ['4 MiB of commas', ','.repeat(4 * mebibyte), 'bad_payload'],
  ['4 MiB of quotes', '"'.repeat(4 * mebibyte), 'too_deep'],
  ['4 MiB of closing brackets', ']'.repeat(4 * mebibyte), 'bad_payload'],
  ['many texts never closed but by the next', `["${'a'.repeat(200)}`.repeat(20_000), 'too_deep'],
  ['250,000 times the same key', `{${'"a":1,'.repeat(250_000)}"a":1}`, 'bad_payload'],
  ['250,000 times the same key, escaped', `{${'"\\u0061":1,'.repeat(250_000)}"a":1}`, 'bad_payload'],
  ['long keys with one letter apart', `{${keys(200, 'k'.repeat(10_000))},"k":1,"k":1}`, 'bad_payload'],
]

function keys(count: number, before: string): string {
  return Array.from({ length: count }, (_, i) => `"${before}${i}":1`).join()
}

t.test('hostile input is refused in bounded time', async (t) => {
  const codec = json()
  for (const [about, text, reason] of hostile) {
    const bytes = Buffer.from(text)
    const started = performance.now()
    try {
      codec.decode(bytes)
      t.fail(`${about} was decoded`)
    } catch (error) {
      t.ok(RpcError.is(error) && error.code === 'invalid_argument', about)
      t.equal((error as RpcError).reason, reason, about)
      t.ok((error as RpcError).message.length < 200, `${about}: the message quotes nothing`)
      t.equal((error as RpcError).cause, undefined, `${about}: nor does a cause`)
    }
    // Orders of magnitude beyond what it takes, so that only what grows without bound can fail.
    t.ok(performance.now() - started < 2000, `${about}: in time`)
  }
})

t.test('what is large and fine is decoded in bounded time', async (t) => {
  const codec = json()
  const fine: Record<string, string> = {
    'keys that look like numbers': `{${Array.from({ length: 200_000 }, (_, i) => `"${(i * 65_536) % 4_294_967_291}":1`).join()}}`,
    'a text of escapes': `"${'\\ud83d\\ude00\\n'.repeat(200_000)}"`,
    'texts with backslashes far apart': `[${`"${'a'.repeat(300)}","\\n",`.repeat(10_000)}0]`,
    'a fraction of a million digits': `0.${'1'.repeat(1e6)}`,
    'objects of many keys in each other': `${`{${keys(20, 'k')},"x":`.repeat(60)}1${'}'.repeat(60)}`,
  }
  for (const [about, text] of Object.entries(fine)) {
    const started = performance.now()
    t.strictSame(JSON.stringify(codec.decode(Buffer.from(text))), JSON.stringify(JSON.parse(text)), about)
    t.ok(performance.now() - started < 5000, `${about}: in time`)
  }
})

t.test('digits of an integer: the limit, one less and one more', async (t) => {
  const decode = (digits: number, text: string) =>
    json({ limits: { integerDigits: digits } }).decode(Buffer.from(text))
  const message = (digits: number, text: string): string => {
    try {
      return String(decode(digits, text))
    } catch (error) {
      return (error as RpcError).message
    }
  }
  t.equal(decode(16, '1000000000000000'), 1e15)
  t.equal(decode(16, '-1000000000000000'), -1e15)
  t.match(message(20, '9'.repeat(19)), /past 2\^53/)
  t.match(message(20, '9'.repeat(20)), /past 2\^53/)
  t.match(message(20, '9'.repeat(21)), /more than 20 digits/)
  for (const [digits, fine] of [
    [5, true],
    [6, true],
    [7, false],
  ] as const)
    t.equal(/more than 6 digits/.test(message(6, '1'.repeat(digits))), !fine, `${digits} of 6`)
})

t.test('a message refused leaves nothing behind for the next', async (t) => {
  const codec = json()
  const many = `{${keys(20, 'k')}`
  for (const text of [
    `${many},"k3":1}`,
    `[${many}`,
    `${many},"x":{"a":1,"a":2}}`,
    '{"a":1,"a":2}',
    '{"\\u0061":[',
    '{"constructor":',
  ]) {
    t.throws(() => codec.decode(Buffer.from(text)))
    t.strictSame(codec.decode(Buffer.from('{"k3":1,"a":{"prototype":1}}')), { k3: 1, a: { prototype: 1 } })
    t.strictSame(codec.decode(Buffer.from(`{${keys(12, 'k')}}`)), JSON.parse(`{${keys(12, 'k')}}`))
  }
})

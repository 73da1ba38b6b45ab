import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { framingOf, sniffFrame, writeLength } from '../src/framing.js'
import { isOneValue, membersOf, valueAt } from '../src/members.js'
import { AnswerNames, methodOf, requestName } from '../src/names.js'

harness(t)

const utf8 = (text: string) => new TextEncoder().encode(text)

let seed = 7
const random = (below: number) => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
  return (seed >>> 8) % below
}
const space = () => ['', ' ', '\n', '\t\r '][random(4)]!
const texts = ['', 'in', 'params', 'a"b', '\\', 'ü', '\u0000', '}{][', ',:']

/** Some JSON, with white space wherever it may stand. */
function some(depth: number): string {
  const inner = () => space() + some(depth - 1) + space()
  switch (random(depth > 0 ? 7 : 5)) {
    case 0:
      return JSON.stringify(texts[random(texts.length)])
    case 1:
      return `${random(1_000) - 500}`
    case 2:
      return `${random(100)}.5E-${random(9)}`
    case 3:
      return ['true', 'false', 'null'][random(3)]!
    case 4:
      return ['[]', '{}', '[ ]', '{ }'][random(4)]!
    case 5:
      return `[${Array.from({ length: 1 + random(3) }, inner).join(',')}]`
    default:
      return `{${Array.from({ length: 1 + random(3) }, (_, at) => `${space()}"${at}"${space()}:${inner()}`).join(',')}}`
  }
}

t.test('members lie where JSON.parse finds them', async (t) => {
  for (let round = 0; round < 3_000; round++) {
    const members: [string, string][] = [
      ['"in"', some(1)],
      ['"params"', some(4)],
      ['"else"', some(3)],
      ['"\\u0070arams2"', some(2)],
    ]
    const order = members.sort(() => random(3) - 1).slice(0, 1 + random(4))
    const text = `{${order.map(([key, value]) => `${space()}${key}${space()}:${space()}${value}${space()}`).join(',')}}`
    const bytes = utf8(`##${text}##`)
    const end = bytes.length - 2
    const found = membersOf(bytes, 2, end, ['in', 'params'])
    const wanted = JSON.parse(text) as Record<string, unknown>
    for (const [index, name] of ['in', 'params'].entries()) {
      const span = found[index]
      if ((span !== undefined) !== Object.hasOwn(wanted, name)) throw new Error(text)
      if (span && JSON.stringify(valueAt(bytes, span.start, span.end)) !== JSON.stringify(wanted[name]))
        throw new Error(text)
    }
  }
  t.pass()
})

t.test('one value is told from more and from less', async (t) => {
  for (let round = 0; round < 2_000; round++) {
    const value = some(4)
    if (!isOneValue(utf8(space() + value + space()))) throw new Error(value)
    for (const more of [`${value},${value}`, `${value}}`, `${value}]`, `${value} 1`])
      if (isOneValue(utf8(more))) throw new Error(more)
  }
  for (const none of ['', ' ', '[', '{', '"', '"\\"', ']', '}', ',', ':', '[1', '{"a":'])
    t.equal(isOneValue(utf8(none)), false, none)
})

t.test('lengths, both ways round', async (t) => {
  for (const bigEndian of [false, true])
    for (const length of [0, 1, 0x1234, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const bytes = new Uint8Array(6)
      writeLength(bytes, 1, length, bigEndian)
      t.equal(framingOf(bigEndian).size(bytes, 1), length + 4)
      const view = new DataView(bytes.buffer)
      t.equal(view.getUint32(1, !bigEndian), length)
    }
})

t.test('its beginning is told from those of others at the first byte that can', async (t) => {
  const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const cases: readonly (readonly [head: Uint8Array, bigEndian: boolean, verdicts: string])[] = [
    [hex('0d0000007b22'), false, 'more more more more more more yes'],
    [hex('0000000d7b22'), true, 'more more more more more more yes'],
    [hex('020000007b7d'), false, 'more more more more more more yes'],
    [hex('0d0000007b01'), false, 'more more more more more more no'],
    [hex('16030100f401'), false, 'more more more more more no no'],
    [hex('160301007b01'), false, 'more more more more more more no'],
    [hex('16030100f401'), true, 'more no no no no no no'],
    [utf8('GET / '), false, 'more more more more no no no'],
    [utf8('GET / '), true, 'more no no no no no no'],
    [hex('f86861777365'), false, 'more more more more no no no'],
    [hex('ffffffff7b22'), false, 'more more more more no no no'],
  ]
  for (const [head, bigEndian, verdicts] of cases)
    t.same(
      Array.from({ length: 7 }, (_, length) => sniffFrame(head.subarray(0, length), bigEndian)).join(' '),
      verdicts,
    )
})

t.test('names lead to methods, and back', async (t) => {
  for (const [method, name] of [
    ['/ping', 'ping'],
    ['/two/levels', '/two/levels'],
    ['a.Service/method', 'a.Service/method'],
    ['/', '/'],
    ['/error', 'error'],
  ] as const) {
    t.equal(requestName(method), name)
    t.equal(methodOf(name), method)
  }
  const names = new AnswerNames({ ping: 'pong' })
  t.same(
    ['ping', 'other', 'error', 'constructor'].map((name) => names.of(name)),
    ['pong', 'other', '/error', 'constructor'],
  )
})

import { type Codec, RpcError, virtualClock } from '@hawser/contract'
import { field, list, string, struct } from '@hawser/schema'
import { throwsTyped } from './codec-subject.js'
import { show } from './codec-values.js'
import { layoutOf, type SchemaSuite } from './schema-subject.js'
import { isSmall, sampleTypes, structOf, Tree } from './schema-types.js'
import { sameTyped } from './schema-values.js'

type Random = () => number

/** Whatever the bytes: a typed error or a value of the type, and nothing else changed. */
export function testHostility(suite: SchemaSuite): void {
  const types = sampleTypes(suite.supports)
  const every = structOf(types)
  // Small values of everything, so that each byte matters.
  const values = [0, 1].map((which) =>
    Object.fromEntries(types.map(([, , values], at) => [`f${at + 1}`, values.filter(isSmall).at(which)])),
  )
  const tree = { value: 1, left: { value: 2 }, children: [{ value: 3 }, { value: 4, left: { value: 5 } }] }

  suite.test.test('a message cut at any byte is a typed error, or a shorter value', async (t) => {
    for (const [type, value] of [...values.map((value) => [every, value] as const), [Tree, tree] as const]) {
      const layout = layoutOf(suite, type)
      const bytes = layout.encode(value)
      for (let length = 0; length < bytes.length; length++) {
        const outcomes = { refused: 0, decoded: 0 }
        const problem = problemOf(layout, bytes.subarray(0, length), outcomes)
        if (problem) t.fail(`cut at ${length}: ${problem}`)
        else if (outcomes.decoded > 0 && suite.supports.whole) t.fail(`cut at ${length}: decoded`)
      }
    }
    t.pass()
  })

  suite.test.test('bytes behind the value are refused', { skip: !suite.supports.whole }, async (t) => {
    const layout = layoutOf(suite, Tree)
    const bytes = layout.encode(tree)
    throwsTyped(t, () => layout.decode(Buffer.concat([bytes, bytes])), 'bad_payload', 'the message twice')
    for (const byte of [0x00, 0x2c, 0x5d, 0x61, 0xc0, 0xff])
      throwsTyped(t, () => layout.decode(Buffer.from([...bytes, byte])), 'bad_payload', `and ${byte}`)
  })

  suite.test.test('mutated messages are typed errors, or values that travel again', async (t) => {
    const { random } = virtualClock(20_260)
    const subjects = values.map((value) => [every, value] as const)
    const messages = [...subjects, [Tree, tree] as const].map(([type, value]) => {
      const layout = layoutOf(suite, type)
      return { layout, bytes: layout.encode(value) }
    })
    const keysBefore = Reflect.ownKeys(Object.prototype).length
    const outcomes = { refused: 0, decoded: 0 }
    for (let round = 0; round < 4000; round++) {
      const { layout, bytes } = messages[round % messages.length]!
      const mutated = mutate(bytes, random)
      const problem = problemOf(layout, mutated, outcomes)
      if (problem) t.fail(`${problem}: ${Buffer.from(mutated).toString('hex')}`)
    }
    t.ok(outcomes.refused > 100 && outcomes.decoded > 10, show(outcomes))
    t.equal(Reflect.ownKeys(Object.prototype).length, keysBefore)
  })

  suite.test.test('random bytes, for every type', async (t) => {
    const { random } = virtualClock(7)
    for (const [name, type] of types) {
      const layout = layoutOf(suite, type)
      for (let round = 0; round < 150; round++) {
        const bytes = Uint8Array.from({ length: Math.floor(random() * 24) }, () => random() * 256)
        const problem = problemOf(layout, bytes)
        if (problem) t.fail(`${name}: ${problem}: ${Buffer.from(bytes).toString('hex')}`)
      }
    }
    t.pass()
  })

  suite.test.test('the bytes of one type are a typed error, or a value, to any other', async (t) => {
    const layouts = types.map(([name, type]) => ({ name, layout: layoutOf(suite, type) }))
    for (const [at, [name, , samples]] of types.entries())
      for (const value of samples.filter(isSmall).slice(0, 3)) {
        const bytes = layouts[at]!.layout.encode(value)
        for (const other of layouts) {
          const problem = problemOf(other.layout, bytes)
          if (problem) t.fail(`${name} as ${other.name}: ${problem}`)
        }
      }
    t.pass()
  })

  suite.test.test('text that is no UTF-8 is refused', async (t) => {
    const layout = layoutOf(
      suite,
      struct('suite.Text', { text: field(1, string), more: field(2, list(string)) }),
    )
    for (const long of [8, 200, 6000]) {
      const bytes = layout.encode({ text: '~'.repeat(long), more: ['a'] })
      const at = bytes.indexOf(0x7e)
      for (const wrong of [
        [0xff],
        [0xc0, 0x80],
        [0xed, 0xa0, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
        [0xe2, 0x82],
      ]) {
        const broken = Uint8Array.from(bytes)
        broken.set(wrong, at + 3)
        throwsTyped(t, () => layout.decode(broken), 'bad_payload', `${wrong} in ${long}`)
      }
    }
  })
}

function mutate(message: Uint8Array, random: Random): Uint8Array {
  const below = (limit: number): number => Math.floor(random() * limit)
  const bytes = Uint8Array.from(message)
  for (let i = below(4); i >= 0; i--) {
    const at = below(bytes.length)
    bytes[at] = random() < 0.5 ? below(256) : bytes[at]! ^ (1 << below(8))
  }
  if (random() < 0.2) bytes.copyWithin(below(bytes.length), below(bytes.length))
  return bytes
}

function problemOf(
  layout: Codec,
  bytes: Uint8Array,
  outcomes: { refused: number; decoded: number } = { refused: 0, decoded: 0 },
): string | undefined {
  let value: unknown
  try {
    value = layout.decode(bytes)
  } catch (error) {
    outcomes.refused++
    if (!RpcError.is(error)) return `untyped error ${String(error)}`
    const { code, reason } = error
    const typed = code === 'invalid_argument' && (reason === 'bad_payload' || reason === 'too_deep')
    return typed ? undefined : `${code} / ${reason}`
  }
  outcomes.decoded++
  const again = layout.decode(layout.encode(value))
  return sameTyped(again, value) ? undefined : `${show(value)} became ${show(again)}`
}

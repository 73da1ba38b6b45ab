import { virtualClock } from '@hawser/contract'
import { type CodecSuite, codecWith, throwsTyped } from './codec-subject.js'
import { sameValue, show } from './codec-values.js'

/** Whatever the bytes: a typed error or a valid value, and nothing else changed. */
export function testHostility(suite: CodecSuite): void {
  // Containers only: what is cut off a bare number may be a number.
  const messages: readonly unknown[] = [
    [],
    ['x'.repeat(64)],
    { id: 7, name: 'some name', tags: ['a', 'b', 'c'] },
    [-1, 1.5, 1e300, 70_000, true, false, null, 'é€😀', '"\\\n'],
    { a: { b: { c: [{ d: 'x'.repeat(300) }] } } },
    Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key${i}`, i])),
    ...(suite.supports.bytes === 'bytes' ? [[new Uint8Array(300), new Uint8Array(3)]] : []),
    ...(suite.supports.bigint ? [[2n ** 63n, -(2n ** 62n)]] : []),
    ...(suite.supports.date ? [[new Date(0), new Date(1), new Date(-1)]] : []),
  ]

  suite.test.test('a message cut at any byte is refused', async (t) => {
    const codec = codecWith(suite)
    for (const value of messages) {
      const bytes = codec.encode(value)
      for (let length = 1; length < bytes.length; length++)
        throwsTyped(t, () => codec.decode(bytes.subarray(0, length)), 'bad_payload', `cut at ${length}`)
    }
  })

  suite.test.test('bytes behind the value are refused', async (t) => {
    const codec = codecWith(suite)
    for (const value of messages) {
      const bytes = codec.encode(value)
      throwsTyped(t, () => codec.decode(Buffer.concat([bytes, bytes])), 'bad_payload', 'the message twice')
      for (const byte of [0x00, 0x2c, 0x5d, 0x61, 0xc0, 0xff])
        throwsTyped(t, () => codec.decode(Buffer.from([...bytes, byte])), 'bad_payload', `and ${byte}`)
    }
  })

  suite.test.test('mutated messages are typed errors or values that travel again', async (t) => {
    const codec = codecWith(suite)
    const { random } = virtualClock(20_260)
    const below = (limit: number): number => Math.floor(random() * limit)
    const keysBefore = Reflect.ownKeys(Object.prototype).length
    const outcomes = { refused: 0, decoded: 0 }
    for (let round = 0; round < 6000; round++) {
      const bytes = Uint8Array.from(codec.encode(messages[round % messages.length]))
      for (let i = below(4); i >= 0; i--) {
        const at = below(bytes.length)
        bytes[at] = random() < 0.5 ? below(256) : (bytes[at] ?? 0) ^ (1 << below(8))
      }
      if (random() < 0.2) bytes.copyWithin(below(bytes.length), below(bytes.length))
      const problem = tryDecoding(codec, bytes, outcomes)
      if (problem) t.fail(`${problem}: ${Buffer.from(bytes).toString('hex')}`)
    }
    t.ok(outcomes.refused > 100 && outcomes.decoded > 100, show(outcomes))
    t.equal(Reflect.ownKeys(Object.prototype).length, keysBefore)
  })

  suite.test.test('random bytes are typed errors or values that travel again', async (t) => {
    const codec = codecWith(suite)
    const { random } = virtualClock(7)
    const outcomes = { refused: 0, decoded: 0 }
    for (let round = 0; round < 3000; round++) {
      const bytes = Uint8Array.from({ length: 1 + Math.floor(random() * 40) }, () => random() * 256)
      const problem = tryDecoding(codec, bytes, outcomes)
      if (problem) t.fail(`${problem}: ${Buffer.from(bytes).toString('hex')}`)
    }
    t.equal(outcomes.refused + outcomes.decoded, 3000)
  })

  suite.test.test('decoded objects are plain, and carry the keys of nobody else', async (t) => {
    const codec = codecWith(suite)
    const decoded = codec.decode(codec.encode({ constructor: 1, prototype: 2, a: {} })) as object
    t.equal(Object.getPrototypeOf(decoded), Object.prototype)
    t.strictSame(Object.keys(decoded).sort(), ['a', 'constructor', 'prototype'])
  })
}

function tryDecoding(
  codec: ReturnType<typeof codecWith>,
  bytes: Uint8Array,
  outcomes: { refused: number; decoded: number },
): string | undefined {
  let value: unknown
  try {
    value = codec.decode(bytes)
  } catch (error) {
    outcomes.refused++
    const { code, reason } = error as { code?: unknown; reason?: unknown }
    const typed = code === 'invalid_argument' && (reason === 'bad_payload' || reason === 'too_deep')
    return typed ? undefined : `untyped error ${String(error)}`
  }
  outcomes.decoded++
  const again = codec.decode(codec.encode(value))
  return sameValue(again, value) ? undefined : `${show(value)} became ${show(again)}`
}

import t from 'tap'
import {
  checkInteger,
  checkLong,
  checkString,
  checkUuid,
  integerRange,
  isInherited,
  longRange,
  ownPart,
  Refusal,
  receivedLong,
} from '../src/index.js'

const refuses = (action: () => unknown): boolean => {
  try {
    action()
    return false
  } catch (error) {
    return error instanceof Refusal
  }
}

t.test('integers to the edge of their range', async (t) => {
  const edges = { i8: [-128, 127], i16: [-32_768, 32_767], u32: [0, 4_294_967_295] } as const
  for (const [kind, [low, high]] of Object.entries(edges)) {
    const range = integerRange(kind)
    for (const fine of [low, high]) t.equal(checkInteger(fine, range), fine)
    for (const wrong of [low - 1, high + 1, 0.5, Number.NaN, '1', 1n, null, undefined])
      t.ok(
        refuses(() => checkInteger(wrong, range)),
        `${kind} ${wrong}`,
      )
  }
})

t.test('64 bits as bigint or as number, written and received', async (t) => {
  const i64 = longRange({ kind: 'i64', js: 'bigint' })
  const u64 = longRange({ kind: 'u64', js: 'number' })
  t.equal(checkLong(-(2n ** 63n), i64), -(2n ** 63n))
  t.equal(receivedLong(5, i64), 5n)
  t.equal(receivedLong(5n, u64), 5)
  for (const wrong of [5, 2n ** 63n, '5', null])
    t.ok(
      refuses(() => checkLong(wrong, i64)),
      `${wrong}`,
    )
  for (const wrong of [5n, -1, 2 ** 53, 0.5, Number.NaN])
    t.ok(
      refuses(() => checkLong(wrong, u64)),
      `${wrong}`,
    )
  for (const wrong of [2 ** 53, 0.5, 2n ** 63n])
    t.ok(
      refuses(() => receivedLong(wrong, i64)),
      `${wrong}`,
    )
  for (const wrong of [-1, 2n ** 53n, 0.5])
    t.ok(
      refuses(() => receivedLong(wrong, u64)),
      `${wrong}`,
    )
})

t.test('text and UUIDs', async (t) => {
  t.equal(checkString('é'), 'é')
  t.equal(checkUuid('8E3B5C60-12AB-4CDE-8F01-23456789ABCD'), '8e3b5c60-12ab-4cde-8f01-23456789abcd')
  for (const wrong of ['\ud800', 1, null]) t.ok(refuses(() => checkString(wrong)))
  for (const wrong of ['', `${'0'.repeat(32)}`, `x8e3b5c60-12ab-4cde-8f01-23456789abcd`, 7])
    t.ok(refuses(() => checkUuid(wrong)))
})

t.test('what nobody has set is no field', async (t) => {
  for (const key of ['toString', 'constructor', 'message', 'stack', 'cause', 'name'])
    t.ok(isInherited(key), key)
  for (const key of ['id', 'text', 'length']) t.notOk(isInherited(key), key)
  t.equal(ownPart({}, 'toString'), undefined)
  t.equal(ownPart(new Error('x'), 'message'), undefined)
  t.equal(ownPart({ message: 'set' }, 'message'), 'set')
})

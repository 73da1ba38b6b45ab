import { inspect } from 'node:util'
import type { CodecSupports } from './codec-subject.js'

/** Values that have to arrive as they were sent, by what they show. */
export function sampleValues(supports: CodecSupports): readonly (readonly [string, unknown])[] {
  const samples: [string, unknown][] = [
    ['null', null],
    ['true', true],
    ['false', false],
    ['the empty string', ''],
    ['ASCII text', 'hello'],
    ['control characters', '\u0000\u0001\n"\\/\u007f'],
    ['text of two, three and four bytes a character', 'é€😀'],
    ['a byte order mark', '\ufefftext'],
    ['an empty array', []],
    ['an empty object', {}],
    ['the empty key', { '': 1 }],
    ['keys beyond ASCII', { clé: 1, 'Ã©': 2, é: 3, '😀': 4 }],
    ['keys that look like numbers', { 0: 'a', 10: 'b', '-1': 'c' }],
    ['the names of inherited properties', { constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: 4 }],
    ['the key prototype', { prototype: { constructor: {} } }],
    ['a mixed value', { id: 1, name: 'n', tags: ['a', 'b', { c: [null, true, [[]]] }], nested: { x: {} } }],
    ['the same object twice', [shared, shared]],
  ]
  for (const length of [1, 15, 16, 31, 32, 33, 255, 256, 257, 4096, 65_535, 65_536]) {
    samples.push([`text of ${length} bytes`, 'x'.repeat(length)])
    samples.push([`text of ${length} and some bytes`, `${'x'.repeat(length - 1)}é`])
    samples.push([`an array of ${length}`, Array.from({ length }, (_, i) => i)])
    samples.push([`a key of ${length} bytes`, { [`k${'x'.repeat(length - 1)}`]: length }])
  }
  for (const size of [1, 8, 9, 15, 16, 17, 300])
    samples.push([
      `an object of ${size}`,
      Object.fromEntries(Array.from({ length: size }, (_, i) => [`key${i}`, i])),
    ])
  for (const value of sampleNumbers()) samples.push([`the number ${value}`, value])
  if (supports.negativeZero) samples.push(['-0', -0])
  if (supports.nonFinite)
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      samples.push([`the number ${value}`, value])
  if (supports.bigint)
    for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n])
      samples.push([`the bigint ${value}`, value])
  if (supports.date)
    for (const time of [
      0,
      1,
      -1,
      1e12,
      1.7e12 + 123,
      2 ** 32 * 1000,
      2 ** 34 * 1000,
      -6e13 - 1,
      8.64e15,
      -8.64e15,
    ])
      samples.push([`the Date ${time}`, new Date(time)])
  if (supports.bytes === 'bytes')
    for (const length of [0, 1, 255, 256, 65_536])
      samples.push([`${length} bytes`, new Uint8Array(length).fill(7)])
  return samples
}

const shared = { a: [1] }

function sampleNumbers(): number[] {
  const edges = [0, 1, 31, 32, 33, 127, 128, 129, 255, 256, 32_767, 32_768, 32_769, 65_535, 65_536]
  edges.push(2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1)
  const fractions = [
    0.5,
    0.1,
    Math.PI,
    1e21,
    2 ** 53,
    2 ** 60,
    1e300,
    Number.MAX_VALUE,
    Number.MIN_VALUE,
    5e-324,
  ]
  return [...edges, ...fractions].flatMap((value) => (value === 0 ? [0] : [value, -value]))
}

/** Equal as values: -0 is not 0, NaN is NaN, prototypes and types count; the order of keys does not. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  if (a instanceof Uint8Array && b instanceof Uint8Array)
    return a.length === b.length && a.every((byte, i) => byte === b[i])
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((element, i) => sameValue(element, b[i]))
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameValue(Reflect.get(a, key), Reflect.get(b, key)))
  )
}

/** A value for a message, cut to one line of ASCII: what reads test output takes U+2028 for the end of a line. */
export function show(value: unknown): string {
  const text = inspect(value, {
    depth: 3,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: 80,
    maxArrayLength: 10,
  })
  return text.replace(/[^ -~]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

/** `depth` arrays in each other. */
export function nested(depth: number): unknown {
  let value: unknown = []
  for (let i = 1; i < depth; i++) value = i % 2 === 0 ? [value] : { value }
  return value
}

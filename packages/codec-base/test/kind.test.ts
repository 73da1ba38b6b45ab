import { runInNewContext } from 'node:vm'
import t from 'tap'
import { describe, isBytes, isDangerous, isPlain } from '../src/index.js'

const plain = (value: object): boolean => isPlain(Object.getPrototypeOf(value))
class Point {}

t.test('plain objects, of any realm', async (t) => {
  for (const value of [{}, Object.create(null), runInNewContext('({})')]) t.ok(plain(value))
  for (const value of [
    [],
    new Point(),
    new Map(),
    new Date(),
    Object.create({}),
    Object.create(Object.create(null)),
  ])
    t.notOk(plain(value))
})

t.test('bytes, of any realm', async (t) => {
  for (const value of [new Uint8Array(1), Buffer.alloc(1), runInNewContext('new Uint8Array(1)')])
    t.ok(isBytes(value))
  for (const value of [new Uint8ClampedArray(1), new Int8Array(1), new ArrayBuffer(1), [1], {}])
    t.notOk(isBytes(value))
})

t.test('keys by which prototypes are changed', async (t) => {
  t.ok(isDangerous('__proto__', 1))
  t.ok(isDangerous('constructor', { prototype: 1 }))
  for (const value of [1, null, {}, { constructor: 1 }, Point]) t.notOk(isDangerous('constructor', value))
  t.notOk(isDangerous('prototype', {}))
})

t.test('what a value is, for people', async (t) => {
  t.equal(describe(undefined), 'undefined inside an array')
  t.equal(describe(Symbol('s')), 'a symbol')
  t.equal(describe(new Point()), 'an instance of Point')
  t.equal(describe(Object.create(Object.create(null))), 'no plain object')
})

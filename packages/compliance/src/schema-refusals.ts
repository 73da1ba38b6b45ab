import {
  type AnyType,
  bool,
  bytes,
  double,
  field,
  float,
  i8,
  i16,
  i32,
  i64,
  lazy,
  list,
  map,
  optional,
  type StructType,
  safeI64,
  set,
  string,
  struct,
  u32,
  u64,
  union,
  uuid,
} from '@hawser/schema'
import { throwsTyped } from './codec-subject.js'
import { show } from './codec-values.js'
import { layoutOf, type SchemaSuite, schemaWith } from './schema-subject.js'
import { Color, NotFound, Pair, Point, Shape } from './schema-types.js'

const never = (): never => {
  throw new Error('from user code')
}

// Built by functions, because some break whoever looks at them.
const refused: readonly (readonly [AnyType, readonly (() => unknown)[]])[] = [
  [bool, [() => 1, () => 'true', () => null, () => Object(true)]],
  [i8, [() => 128, () => -129, () => 1.5, () => Number.NaN, () => '1', () => 1n, () => null]],
  [i16, [() => 2 ** 15, () => -(2 ** 15) - 1, () => 0.5, () => true]],
  [i32, [() => 2 ** 31, () => -(2 ** 31) - 1, () => Number.POSITIVE_INFINITY, () => ({})]],
  [u32, [() => -1, () => 2 ** 32, () => 0.5, () => '7']],
  [i64, [() => 2n ** 63n, () => -(2n ** 63n) - 1n, () => 1.5, () => '1', () => 2 ** 53, () => null]],
  [safeI64, [() => 2 ** 53, () => -(2 ** 53), () => 1.5, () => Number.NaN, () => '1', () => null]],
  [u64, [() => -1n, () => 2n ** 64n, () => -1, () => 1.5, () => '1']],
  [double, [() => '1', () => 1n, () => null, () => [1], () => Object(1)]],
  [float, [() => '1', () => 1n, () => null]],
  [string, [() => 1, () => 'x\ud800', () => `${'x'.repeat(5000)}\udc00`, () => null, () => Object('x')]],
  [bytes, [() => 'AQID', () => [1, 2], () => new ArrayBuffer(3), () => new Uint16Array(2), () => null]],
  [uuid, [() => 'x', () => `${'g'.repeat(8)}-0000-0000-0000-000000000000`, () => 7, () => '0'.repeat(36)]],
  [Color, [() => 'red', () => 1.5, () => 2 ** 31, () => null]],
  [list(i32), [() => ({}), () => new Set([1]), () => 'abc', () => new Array(3), () => [undefined]]],
  [set(i32), [() => [1], () => new Map(), () => new Set(['1']), () => ({}), () => null]],
  [map(string, i32), [() => ({ a: 1 }), () => [], () => new Map([[1, 1]]), () => new Map([['a', '1']])]],
  [Point, [() => null, () => 1, () => 'x', () => ({}), () => ({ x: undefined }), () => ({ x: '1' })]],
  [Shape, [() => ({}), () => ({ circle: 1, text: 'a' }), () => ({ circle: undefined }), () => null]],
  [Shape, [() => ({ triangle: 1 }), () => ({ circle: 'round' }), () => 1]],
  [
    Pair,
    [() => null, () => ({ 0: 1, 1: '' }), () => [], () => [1], () => [1, ''].concat(new Array(3).fill(1))],
  ],
  [Pair, [() => ['1', ''], () => [1, '', null], () => [1, undefined], () => new Array(2), () => 'ab']],
  [NotFound, [() => null, () => ({}), () => ({ key: '7' }), () => new Error('x')]],
  [Point, [() => Object.defineProperty({}, 'x', { get: never })]],
  [Point, [() => new Proxy({}, { get: never, getOwnPropertyDescriptor: never })]],
]

interface Loop {
  next?: Loop | undefined
}
const Loop: StructType<Loop> = struct('suite.Loop', { next: field(1, optional(lazy(() => Loop))) })

/** What is no value of its type does not travel. */
export function testRefusals(suite: SchemaSuite): void {
  const { supports } = suite

  suite.test.test('a value that is none of its type is refused, with its path', async (t) => {
    const codec = schemaWith(suite)
    for (const [type, makes] of refused) {
      const Item = struct('suite.Item', { name: field(1, optional(string)), part: field(2, type) })
      const layout = codec.typed(struct('suite.Items', { items: field(1, list(Item)) }))
      const alone = codec.typed(type)
      const fine = layout.encode({ items: [] })
      for (const make of makes) {
        const about = `${type.kind} ${shown(make)}`
        const items = [{ part: make() }]
        const error = throwsTyped(t, () => layout.encode({ items } as never), 'bad_payload', about)
        t.equal(error?.executed, 'no', `${about}: executed`)
        t.match(error?.message, /value\.items\[0\]\.part/, `${about}: path`)
        throwsTyped(t, () => alone.encode(make() as never), 'bad_payload', `${about}, alone`)
      }
      t.equal(Buffer.compare(layout.encode({ items: [] }), fine), 0, 'and the codec goes on')
    }
  })

  suite.test.test('a required field that is absent is refused by name', async (t) => {
    const Named = struct('suite.Named', { first: field(1, i32), second: field(2, string) })
    const layout = layoutOf(suite, list(Named))
    for (const second of [undefined, null]) {
      const error = throwsTyped(t, () => layout.encode([{ first: 1, second }]), 'bad_payload', `${second}`)
      t.match(error?.message, /value\[0\]\.second/)
    }
    throwsTyped(t, () => layout.encode([{ second: '' }]), 'bad_payload', 'the first')
  })

  suite.test.test('an element of a tuple is refused by its place', async (t) => {
    const layout = layoutOf(suite, list(Pair))
    const bad = [[1, 7], [1, 'a', undefined, '8'], [1]]
    for (const [at, tuple] of [
      [1, bad[0]],
      [3, bad[1]],
      [1, bad[2]],
    ]) {
      const error = throwsTyped(t, () => layout.encode([tuple]), 'bad_payload', `the element ${at}`)
      t.match(error?.message, `value[0][${at}]`)
    }
    const many = throwsTyped(t, () => layout.encode([[1, '', { x: 1 }, 7, 8]]), 'bad_payload', 'one too many')
    t.match(many?.message, /value\[0\]\[4\]/)
  })

  suite.test.test('undefined is no value of a type', async (t) => {
    for (const type of [i32, string, Point, list(i32), Shape])
      throwsTyped(t, () => layoutOf(suite, type).encode(undefined), 'bad_payload', type.kind)
  })

  suite.test.test('a cycle is refused', async (t) => {
    const loop: Loop = {}
    loop.next = { next: loop }
    throwsTyped(t, () => layoutOf(suite, Loop).encode(loop), 'either', 'a cycle')
  })

  suite.test.test('the cause of a failing getter is kept', async (t) => {
    const thrown = new Error('mine')
    const value = {
      get x(): never {
        throw thrown
      },
    }
    const error = throwsTyped(t, () => layoutOf(suite, Point).encode(value), 'bad_payload', 'a getter')
    t.equal(error?.cause, thrown)
  })

  suite.test.test('a type without a layout is the mistake of the caller', async (t) => {
    const codec = schemaWith(suite)
    const types: AnyType[] = []
    if (!supports.nesting)
      types.push(list(list(i32)), map(string, set(i32)), union('suite.Any', { list: field(1, list(i32)) }))
    if (supports.keys === 'simple') types.push(map(double, i32), map(Point, i32), map(bytes, i32))
    types.push({ kind: 'of another package' } as never)
    for (const type of types) {
      t.throws(() => codec.typed(type), { name: 'TypeError' }, show(type))
      const Holder = struct('suite.Holder', { part: field(1, optional(type)) })
      t.throws(() => codec.typed(Holder), { name: 'TypeError' }, `a struct of ${show(type)}`)
    }
  })
}

function shown(make: () => unknown): string {
  try {
    return show(make())
  } catch {
    return 'that breaks who looks at it'
  }
}

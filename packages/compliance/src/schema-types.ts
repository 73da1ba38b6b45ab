import {
  type AnyType,
  bool,
  bytes,
  double,
  type EnumerationType,
  type ExceptionClass,
  enumeration,
  exception,
  type FieldEntry,
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
  type TupleType,
  tuple,
  type UnionType,
  u32,
  u64,
  union,
  uuid,
  withDefault,
} from '@hawser/schema'
import type { SchemaSupports } from './schema-subject.js'

export const Color: EnumerationType = enumeration('suite.Color', {
  none: 0,
  red: 1,
  green: 2,
  crimson: 1,
  blue: -3,
})

export const Point: StructType = struct('suite.Point', { x: field(1, i32), y: field(2, withDefault(i32, 7)) })

export const Shape: UnionType = union('suite.Shape', {
  circle: field(1, double),
  square: field(2, Point),
  text: field(9, string),
})

export const Pair: TupleType = tuple([i32, string, optional(Point), withDefault(i32, 7)])

interface NotFoundFields {
  readonly key: bigint
  readonly message?: string | undefined
}
export const NotFound: ExceptionClass<NotFoundFields, NotFoundFields> = exception('suite.NotFound', {
  key: field(1, i64),
  message: field(2, optional(string)),
})

export const Tree: StructType = struct('suite.Tree', {
  value: field(1, i32),
  left: field(2, optional(lazy(() => Tree))),
  children: field(
    3,
    withDefault(list(lazy(() => Tree)), () => []),
  ),
})

export interface Chain {
  next?: Chain | undefined
}
/** Nothing but depth. */
export const Chain: StructType<Chain> = struct('suite.Chain', { next: field(1, optional(lazy(() => Chain))) })

/** So many of them in each other. */
export function chainOf(depth: number): Chain {
  let chain: Chain = {}
  for (let i = 1; i < depth; i++) chain = { next: chain }
  return chain
}

const long = 'é€😀'.repeat(100)

/** A type of every kind that the layout has a form for, with values that have to arrive. */
export function sampleTypes(
  supports: SchemaSupports,
): readonly (readonly [string, AnyType, readonly unknown[]])[] {
  const doubles = [0, 1, -1, 0.1, 1e300, 5e-324, -5e-324, Number.MAX_VALUE, 2 ** 53, 2 ** 63, -(2 ** 64)]
  const floats = [0, 1, -1.5, Math.fround(0.1), Math.fround(3e38), 2 ** -149]
  if (supports.negativeZero) for (const values of [doubles, floats]) values.push(-0)
  if (supports.nonFinite)
    for (const values of [doubles, floats])
      values.push(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)
  const bigs = [0n, 1n, 127n, 128n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n]
  const negatives = bigs.map((value) => -value - 1n)
  const safes = [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER, -1, -(2 ** 32), Number.MIN_SAFE_INTEGER]
  const texts = [
    '',
    'a',
    '\u0000\u0001\n"\\/\u007f',
    'é€😀',
    '\ufefftext',
    '__proto__',
    long,
    'x'.repeat(70_000),
  ]
  const uuids = ['00000000-0000-0000-0000-000000000000', '8e3b5c60-12ab-4cde-8f01-23456789abcd']
  const blobs = [0, 1, 3, 255, 256, 70_000].map((length) => new Uint8Array(length).fill(7))
  const lengths = [0, 1, 14, 15, 16, 31, 32, 127, 128, 255, 256]
  const counted = lengths.map((length) => Array.from({ length }, (_, i) => i))
  const many = Array.from({ length: 70_000 }, (_, i) => i)
  const strings = counted.map((numbers) => numbers.map(String))
  const any: readonly (readonly [string, AnyType, readonly unknown[]])[] = [
    ['bool', bool, [true, false]],
    ['i8', i8, [0, 1, -1, 127, -128]],
    ['i16', i16, [0, 128, -129, 2 ** 15 - 1, -(2 ** 15)]],
    ['i32', i32, [0, -1, 63, 64, -64, -65, 2 ** 16, 2 ** 31 - 1, -(2 ** 31)]],
    ['u32', u32, [0, 1, 127, 128, 2 ** 31, 2 ** 32 - 1]],
    ['i64', i64, [...bigs, ...negatives]],
    ['safeI64', safeI64, safes],
    ['u64', u64, [...bigs, 2n ** 63n, 2n ** 64n - 1n]],
    ['double', double, doubles],
    ['float', float, floats],
    ['string', string, texts],
    ['bytes', bytes, blobs],
    ['uuid', uuid, uuids],
    ['enum', Color, [0, 1, 2, -3, 77, 2 ** 31 - 1, -(2 ** 31)]],
    ['list', list(i32), [...counted, many]],
    ['list of texts', list(string), [[], ['', 'a', long]]],
    ['list of bools', list(bool), [[], [true, false, true]]],
    ['list of doubles', list(double), [doubles]],
    ['list of structs', list(Point), [[], [{ x: 1, y: 2 }, { x: -1 }]]],
    ['set', set(string), strings.map((each) => new Set(each))],
    ['set of bigints', set(i64), [new Set(), new Set(bigs)]],
    ['map by text', map(string, i32), [new Map([...texts.keys()].map((i) => [texts[i], i]))]],
    ['map by number', map(i32, string), counted.map((each) => new Map(each.map((i) => [i - 9, `${i}`])))],
    ['map by bigint', map(i64, Point), [new Map(negatives.map((key) => [key, { x: 1 }]))]],
    ['map by bool', map(bool, bytes), [new Map([[true, Uint8Array.of(1)]]), new Map()]],
    ['struct', Point, [{ x: 1, y: 2 }, { x: 1 }, { x: 0, y: 0 }, { x: 1, y: undefined }]],
    ['union', Shape, [{ circle: 0 }, { square: { x: 1 } }, { text: '' }]],
    ['exception', NotFound, [{ key: 7n }, new NotFound({ key: 1n, message: 'gone' })]],
    [
      'tuple',
      Pair,
      [
        [1, ''],
        [0, 'a', undefined, 8],
        [-1, 'b', { x: 1 }],
        [2, long, { x: 1 }, 7],
      ],
    ],
    ['tuple of nothing', tuple([]), [[]]],
    ['tuple that may be empty', tuple([optional(bool), optional(string)]), [[], [false], [undefined, '']]],
    [
      'list of tuples',
      list(Pair),
      [
        [],
        [
          [1, 'a'],
          [2, 'b', { x: 3 }],
        ],
      ],
    ],
    ['lazy', lazy(() => Point), [{ x: 1 }]],
    ['tree', Tree, [{ value: 1, left: { value: 2, children: [] }, children: [{ value: 3 }] }]],
  ]
  const nested: readonly (readonly [string, AnyType, readonly unknown[]])[] = [
    ['list of lists', list(list(i32)), [[], [[]], [[1], [], [2, 3]]]],
    ['list of maps', list(map(string, set(i32))), [[new Map([['a', new Set([1])]]), new Map()]]],
    ['union of containers', union('suite.Any', { list: field(1, list(i32)) }), [{ list: [] }, { list: [1] }]],
  ]
  const keyed: readonly (readonly [string, AnyType, readonly unknown[]])[] = [
    ['map by struct', map(Point, i32), [new Map([[{ x: 1 }, 1]])]],
    ['map by bytes', map(bytes, i32), [new Map([[Uint8Array.of(1, 2), 1]])]],
    ['map by double', map(double, i32), [new Map(doubles.map((key) => [key, 1]))]],
    ['map by enum', map(Color, i32), [new Map([1, 2, 77].map((key) => [key, 1]))]],
    ['map by uuid', map(uuid, i32), [new Map(uuids.map((key) => [key, 1]))]],
    ['map by union', map(Shape, i32), [new Map([[{ circle: 1 }, 1]])]],
  ]
  const listed: readonly (readonly [string, AnyType, readonly unknown[]])[] = [
    ['map by list', map(list(i32), i32), [new Map([[[1, 2], 1]])]],
  ]
  return [
    ...any,
    ...(supports.nesting ? nested : []),
    ...(supports.keys === 'any' ? keyed : []),
    ...(supports.keys === 'any' && supports.nesting ? listed : []),
  ]
}

/** A struct with a field of every type of these, all optional. */
export function structOf(types: readonly (readonly [string, AnyType, readonly unknown[]])[]): AnyType {
  const fields = types.map(([, type], at): FieldEntry => {
    return { key: `f${at + 1}`, id: at + 1, type, presence: 'optional' }
  })
  const made: StructType = { kind: 'struct', name: 'suite.Every', fields }
  return made as AnyType
}

/** Is it fit to be looked at byte by byte? */
export function isSmall(value: unknown): boolean {
  if (typeof value === 'string' || value instanceof Uint8Array || Array.isArray(value))
    return value.length < 20
  return value instanceof Set || value instanceof Map ? value.size < 8 : true
}

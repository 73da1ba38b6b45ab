import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { arbitraryTyped } from '@hawser/compliance/schema'
import {
  type AnyType,
  bool,
  bytes,
  double,
  enumeration,
  field,
  i8,
  i32,
  i64,
  lazy,
  list,
  map,
  optional,
  set,
  string,
  struct,
  tuple,
  u32,
  union,
  uuid,
  withDefault,
} from '@hawser/schema'
import fc from 'fast-check'
import t from 'tap'
import { jsonSchemaOf } from '../src/index.js'
import { Item, Shape, Tree } from './support/demo.js'
import { validator } from './support/validator.js'

harness(t)

const utf8 = new TextEncoder()

t.test('AM-41 what the codec writes of any value of any type is valid', async (t) => {
  for (const [enums, numRuns] of [
    ['names', 80],
    ['numbers', 20],
  ] as const) {
    const codec = json({ enums })
    fc.assert(
      fc.property(arbitraryTyped(), ({ type, value }) => {
        const valid = validator(jsonSchemaOf(type))
        const text = new TextDecoder().decode(codec.typed(type).encode(value))
        const problem = valid(JSON.parse(text))
        if (problem) throw new Error(`${text}: ${problem}`)
      }),
      { seed: 3, numRuns },
    )
  }
  t.pass()
})

const Color = enumeration('test.Color', { red: 1, green: 2 })
const Point = struct('test.Point', { x: field(1, i32), y: field(2, withDefault(i32, 7)) })
const Circle = union('test.Circle', { circle: field(1, double), text: field(2, string) })

/** Refused by the codec, and invalid. */
const refused: readonly (readonly [AnyType, readonly string[]])[] = [
  [bool, ['1', '"true"', 'null']],
  [i8, ['128', '1.5', '"1"']],
  [u32, ['-1', '4294967296']],
  [i64, ['"0x1"', '"1.0"', 'true', '""', '"01"']],
  [double, ['"0.5"', '"inf"', 'null']],
  [string, ['1', 'null', '[]']],
  [bytes, ['1', '[1]']],
  [uuid, ['"8e3b5c60"', '7']],
  [Color, ['"blue"', '1.5', 'null', '2147483648']],
  [list(i32), ['{}', '["1"]', 'null']],
  [map(string, i32), ['[]', '{"a":"1"}']],
  [map(i32, i32), ['{"a":1}', '{"01":1}']],
  [map(Color, i32), ['{"blue":1}']],
  [map(double, i32), ['{}', '[[1]]', '[[1,2,3]]', '[["1",2]]']],
  [Point, ['{}', '{"x":"1"}', '{"x":null}', '[]', 'null']],
  [Circle, ['{}', '{"circle":1,"text":"a"}', '{"triangle":1}', '{"circle":"1"}']],
  [tuple([i32, optional(string)]), ['[]', '[1,2]', '[1,"a",3]', '[null]', '{"0":1}']],
  [tuple([]), ['[1]', '{}']],
  [Tree, ['{"value":1}', '{"value":1,"children":[{}]}']],
]

t.test('what the codec refuses is invalid', async (t) => {
  const codec = json()
  for (const [type, texts] of refused)
    for (const text of texts) {
      t.throws(
        () => codec.typed(type).decode(utf8.encode(text)),
        { code: 'invalid_argument' },
        `${type.kind} ${text}`,
      )
      t.ok(validator(jsonSchemaOf(type))(JSON.parse(text)), `${type.kind} ${text}`)
    }
})

/** Written otherwise by the codec, but read by it, and valid. */
const read: readonly (readonly [AnyType, string])[] = [
  [i64, '7'],
  [Color, '2'],
  [Color, '77'],
  [uuid, '"8E3B5C60-12AB-4CDE-8F01-23456789ABCD"'],
  [Point, '{"x":1,"unknown":[{}]}'],
  [tuple([i32, optional(string), withDefault(i64, 1n)]), '[1,null,null]'],
]

t.test('what else the codec reads is valid', async (t) => {
  for (const [type, text] of read) {
    t.doesNotThrow(() => json().typed(type).decode(utf8.encode(text)), text)
    t.notOk(validator(jsonSchemaOf(type))(JSON.parse(text)), text)
  }
})

t.test('types with names are told once, and may hold themselves', async (t) => {
  const schema = jsonSchemaOf(list(Tree)) as { readonly $defs: Readonly<Record<string, object>> }
  t.match(schema, { type: 'array', items: { $ref: '#/$defs/demo.Tree' } })
  t.strictSame(Object.keys(schema.$defs), ['demo.Tree'])
  t.match(schema.$defs['demo.Tree'], {
    properties: { children: { items: { $ref: '#/$defs/demo.Tree' } } },
    required: ['value', 'children'],
  })
  t.strictSame(Object.keys((jsonSchemaOf(Shape) as { $defs: object }).$defs).sort(), [
    'demo.Shape',
    'demo.Tree',
  ])
  t.match(jsonSchemaOf(Item), { $defs: { 'demo.Item': { required: ['id'] } } })
})

t.test('a type without a name that holds itself gets one', async (t) => {
  const Nest: AnyType = list(lazy(() => Nest)) as AnyType
  const schema = jsonSchemaOf(Nest)
  t.match(schema, {
    $ref: '#/$defs/list',
    $defs: { list: { type: 'array', items: { $ref: '#/$defs/list' } } },
  })
  const valid = validator(schema)
  t.notOk(valid([[], [[]]]))
  t.ok(valid([[1]]))
})

t.test('two types of one name are told apart', async (t) => {
  const One = struct('test.Same', { a: field(1, i32) })
  const Two = struct('test.Same', { b: field(1, set(string)) })
  const schema = jsonSchemaOf(tuple([One, Two]))
  t.strictSame(Object.keys((schema as { $defs: object }).$defs), ['test.Same', 'test.Same_2'])
  const valid = validator(schema)
  t.notOk(valid([{ a: 1 }, { b: ['x'] }]))
  t.ok(valid([{ b: ['x'] }, { a: 1 }]))
})

import t from 'tap'
import {
  enumeration,
  exception,
  field,
  i32,
  i64,
  inForm,
  lazy,
  list,
  map,
  optional,
  resolved,
  set,
  string,
  struct,
  union,
  withDefault,
} from '../src/index.js'

t.test('fields are in the order of their ids, with what it means that they are absent', async (t) => {
  const Item = struct('shop.Item', {
    name: field(3, string),
    note: field(1, optional(string)),
    tags: field(
      2,
      withDefault(list(string), () => []),
    ),
    count: field(4, withDefault(i32, 1)),
  })
  t.match(Item, { kind: 'struct', name: 'shop.Item' })
  t.same(
    Item.fields.map(({ key, id, presence }) => [key, id, presence]),
    [
      ['note', 1, 'optional'],
      ['tags', 2, 'default'],
      ['name', 3, 'required'],
      ['count', 4, 'default'],
    ],
  )
  const [, tags, , count] = Item.fields
  t.not(tags?.fallback?.(), tags?.fallback?.(), 'every reader has a list of its own')
  t.equal(count?.fallback?.(), 1)
  t.ok(Object.isFrozen(Item) && Object.isFrozen(Item.fields) && Object.isFrozen(Item.fields[0]))
})

t.test('TH-20 a field is its id: none is used twice, none is out of range', async (t) => {
  for (const id of [0, -1, 1.5, 2 ** 29, 19_000, 19_999, Number.NaN])
    t.throws(() => field(id, string), TypeError, `${id}`)
  for (const id of [1, 18_999, 20_000, 2 ** 29 - 1]) t.equal(field(id, string).id, id)
  t.throws(
    () => struct('A', { one: field(1, string), two: field(1, i32) }),
    new TypeError('A uses the id 1 for both one and two'),
  )
})

t.test('names are what every description language can express', async (t) => {
  for (const name of ['', 'a-b', '1a', 'a..b', 'ä', 'a b', '.a'])
    for (const make of [
      () => struct(name, {}),
      () => union(name, {}),
      () => exception(name, {}),
      () => enumeration(name, { a: 1 }),
    ])
      t.throws(make, TypeError, name)
  for (const key of ['__proto__', 'constructor', 'prototype', 'a.b', ''])
    t.throws(() => struct('A', { [key]: field(1, string) }), TypeError, key)
})

t.test('what was forgotten in a field is told', async (t) => {
  const forgotten = undefined as never
  t.throws(() => field(7, forgotten), { name: 'TypeError', message: /field 7 has no type.*lazy/ })
  t.throws(() => struct('A', { one: string as never }), {
    name: 'TypeError',
    message: /A\.one is given as field/,
  })
})

t.test('a default that all readers would share is refused', async (t) => {
  t.throws(() => withDefault(list(string), [] as string[]), TypeError)
})

t.test('an enumeration has names for numbers, the first of which is written', async (t) => {
  const Colour = enumeration('Colour', { red: 1, rouge: 1, green: -2 })
  t.equal(Colour.values.rouge, 1)
  t.same(
    [...Colour.names],
    [
      [1, 'red'],
      [-2, 'green'],
    ],
  )
  for (const value of [1.5, 2 ** 31, -(2 ** 31) - 1, Number.NaN])
    t.throws(() => enumeration('E', { value }), TypeError, `${value}`)
  t.throws(() => enumeration('E', {}), TypeError)
})

t.test('the members of a union are optional, and cannot be anything else', async (t) => {
  const Shape = union('Shape', { circle: field(2, i32), square: field(1, string) })
  t.same(
    Shape.fields.map(({ key, presence }) => [key, presence]),
    [
      ['square', 'optional'],
      ['circle', 'optional'],
    ],
  )
  t.throws(() => union('U', { a: field(1, withDefault(i32, 1)) }), TypeError)
})

t.test('TH-15 an exception fills in defaults, keeps what is its own, and shows a message', async (t) => {
  const Denied = exception('shop.Denied', {
    name: field(1, string),
    code: field(2, withDefault(i32, 7)),
    hint: field(3, optional(string)),
  })
  const denied = new Denied({ name: 'me' })
  t.ok(denied instanceof Denied && Denied.is(denied))
  t.notOk(Denied.is(new Error('no')))
  const Odd = exception('shop.Odd', { toString: field(1, optional(string)) })
  t.notOk(Object.hasOwn(new Odd({} as never), 'toString'), 'what every object has is not a field')
  t.same(Object.keys(denied), ['name', 'code'], 'an absent optional field is no property')
  t.match(denied, { name: 'me', code: 7, message: 'shop.Denied' })
  t.equal(Denied.name, 'shop.Denied')
  t.ok(denied.stack?.includes('struct.test'), 'the stack is that of the one who threw it')
})

t.test('containers, lazy types and forms describe themselves', async (t) => {
  const lazily = lazy(() => lazy(() => list(i32)))
  t.match(resolved(lazily), { kind: 'list', element: { kind: 'i32' } })
  t.match(map(string, set(i64)), { kind: 'map', key: { kind: 'string' }, value: { kind: 'set' } })
  t.match(inForm(i64, 'zigzag'), { kind: 'i64', form: 'zigzag', js: 'bigint' })
  t.notOk('form' in i64)
})

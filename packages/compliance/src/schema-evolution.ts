import {
  type AnyType,
  field,
  i32,
  i64,
  list,
  optional,
  string,
  struct,
  union,
  withDefault,
} from '@hawser/schema'
import { throwsTyped } from './codec-subject.js'
import { show } from './codec-values.js'
import { layoutOf, type SchemaSuite } from './schema-subject.js'
import { Color, Point, sampleTypes } from './schema-types.js'
import { sameTyped } from './schema-values.js'

const Base = struct('suite.Person', { id: field(1, i64), name: field(4, string) })
const WithOptional = struct('suite.Person', {
  id: field(1, i64),
  mail: field(2, optional(string)),
  home: field(3, optional(Point)),
  name: field(4, string),
  tags: field(5, optional(list(string))),
})
const WithDefault = struct('suite.Person', {
  id: field(1, i64),
  score: field(2, withDefault(i32, 10)),
  name: field(4, string),
  home: field(
    5,
    withDefault(Point, () => ({ x: 1, y: 2 })),
  ),
})
const WithRequired = struct('suite.Person', {
  id: field(1, i64),
  age: field(2, i32),
  name: field(4, string),
  home: field(5, Point),
})

const person = { id: 7n, name: 'Ann' }

/** What happens when two sides know different versions of a type. */
export function testEvolution(suite: SchemaSuite): void {
  const { supports } = suite
  /** What a reader makes of what a writer sent. */
  const between = (writer: AnyType, reader: AnyType, value: unknown): unknown =>
    layoutOf(suite, reader).decode(layoutOf(suite, writer).encode(value))

  suite.test.test('TH-20 an unknown field is ignored, whatever its type, wherever it is', async (t) => {
    const older = { first: 1, last: 'x' }
    for (const [name, type, values] of sampleTypes(supports))
      for (const id of [1, 50, 5000]) {
        const Older = struct('suite.Record', { first: field(2, i32), last: field(100, string) })
        const Newer = struct('suite.Record', {
          first: field(2, i32),
          extra: field(id, type),
          last: field(100, string),
        })
        for (const extra of values.slice(0, 8)) {
          const value = { first: 1, extra, last: 'x' }
          const read = between(list(Newer), list(Older), [value, value])
          if (!sameTyped(read, [older, older])) t.fail(`${name} as field ${id}: ${show(read)}`)
          const alone = between(Newer, Older, value)
          if (!sameTyped(alone, older)) t.fail(`${name} as field ${id}: ${show(alone)}`)
        }
      }
    t.pass()
  })

  suite.test.test('TH-20 the id, or the name, is the field: the other may change', async (t) => {
    const Before = struct('suite.Record', { a: field(1, i32), b: field(2, string) })
    const Renamed = struct('suite.Record', { x: field(1, i32), b: field(2, string) })
    const Renumbered = struct('suite.Record', { a: field(7, i32), b: field(2, string) })
    const value = { a: 5, b: 'b' }
    if (supports.fields === 'id') t.strictSame(between(Before, Renamed, value), { x: 5, b: 'b' })
    else t.strictSame(between(Before, Renumbered, value), value)
  })

  suite.test.test('TH-21 isset: the sender marks, the receiver tests', async (t) => {
    const read = between(WithOptional, WithOptional, { ...person, mail: '' }) as object
    t.ok(Object.hasOwn(read, 'mail'))
    t.notOk(Object.hasOwn(read, 'home') || Object.hasOwn(read, 'tags'))
    const unset = between(WithOptional, WithOptional, { ...person, mail: undefined }) as object
    t.notOk(Object.hasOwn(unset, 'mail'))
  })

  suite.test.test('TH-22 field added, old client to new server: absent, or its default', async (t) => {
    t.strictSame(between(Base, WithOptional, person), person)
    t.strictSame(between(Base, WithDefault, person), { ...person, score: 10, home: { x: 1, y: 2 } })
    missing(suite, 'age')(t, () => between(Base, WithRequired, person))
  })

  suite.test.test('TH-23 field removed, old client to new server: the rest of it is ignored', async (t) => {
    t.strictSame(between(WithOptional, Base, { ...person, mail: 'a@b', home: { x: 1 }, tags: ['t'] }), person)
    t.strictSame(between(WithDefault, Base, { ...person, score: 3 }), person)
    t.strictSame(between(WithRequired, Base, { ...person, age: 3, home: { x: 1 } }), person)
  })

  suite.test.test('TH-24 field added, new client to old server: the rest of it is ignored', async (t) => {
    const value = { ...person, mail: 'a@b', home: { x: 1 }, tags: [] }
    t.strictSame(between(WithOptional, Base, value), person)
    t.strictSame(between(list(WithRequired), list(Base), [{ ...person, age: 1, home: { x: 1 } }]), [person])
  })

  suite.test.test(
    'TH-25 field removed, new client to old server: refused by name if required, else absent or its default',
    async (t) => {
      t.strictSame(between(Base, WithOptional, person), person)
      t.strictSame(between(Base, WithDefault, person), { ...person, score: 10, home: { x: 1, y: 2 } })
      missing(suite, 'age')(t, () => between(Base, WithRequired, person))
      missing(suite, 'age')(t, () => between(list(Base), list(WithRequired), [person]))
      const Nameless = struct('suite.Person', { id: field(1, i64) })
      missing(suite, 'name')(t, () => between(Nameless, Base, { id: 7n }))
    },
  )

  suite.test.test('all fields may go, and all may be new', async (t) => {
    const Nothing = struct('suite.Person', {})
    const Optional = struct('suite.Person', { a: field(1, optional(i32)), b: field(2, withDefault(i32, 3)) })
    t.strictSame(between(list(Base), list(Nothing), [person, person]), [{}, {}])
    t.strictSame(between(list(Nothing), list(Optional), [{}]), [{ b: 3 }])
  })

  suite.test.test('a member of a union that the reader does not know is refused', async (t) => {
    const Older = union('suite.Either', { a: field(1, i32) })
    const Newer = union('suite.Either', { a: field(1, i32), b: field(2, string) })
    t.strictSame(between(list(Newer), list(Older), [{ a: 1 }]), [{ a: 1 }])
    throwsTyped(t, () => between(list(Newer), list(Older), [{ b: 'x' }]), 'bad_payload', 'the new member')
  })

  suite.test.test('a number of an enumeration that the reader does not know is carried on', async (t) => {
    t.ok(sameTyped(between(list(Color), list(Color), [1, 99, -99]), [1, 99, -99]))
  })
}

function missing(suite: SchemaSuite, name: string) {
  return (t: Parameters<typeof throwsTyped>[0], action: () => unknown): void => {
    if (!suite.supports.required) {
      t.doesNotThrow(action)
      return
    }
    const error = throwsTyped(t, action, 'bad_payload', `without ${name}`)
    t.match(error?.message, new RegExp(`\\b${name}\\b`), 'by name')
  }
}

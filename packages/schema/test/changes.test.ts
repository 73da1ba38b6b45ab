import type { Type } from '@hawser/contract'
import t from 'tap'
import {
  breakingChanges,
  exception,
  field,
  i32,
  i64,
  inForm,
  lazy,
  list,
  map,
  optional,
  type StructType,
  serverStream,
  service,
  string,
  struct,
  unary,
  union,
  withDefault,
} from '../src/index.js'

/** What changes for a method that takes one of two types. */
function between(before: Type, after: Type): string[] {
  return breakingChanges(service('a.A', { m: unary(before) }), service('a.A', { m: unary(after) }))
}

const Old = struct('S', {
  id: field(1, i64),
  note: field(2, optional(string)),
  size: field(3, withDefault(i32, 1)),
})

t.test('TH-22 TH-24 a field that may be absent can be added, and a name may change', async (t) => {
  const New = struct('S', {
    key: field(1, i64),
    note: field(2, optional(string)),
    size: field(3, withDefault(i32, 2)),
    extra: field(4, optional(list(string))),
    more: field(5, withDefault(i32, 0)),
  })
  t.same(between(Old, New), [])
  t.same(between(Old, Old), [])
})

t.test('TH-23 TH-25 a field that may be absent can be removed, a required one cannot', async (t) => {
  t.same(between(Old, struct('S', { id: field(1, i64) })), [])
  t.same(between(Old, struct('S', { note: field(2, optional(string)) })), [
    'a.A/m input.id was required, and is gone',
  ])
  t.same(between(struct('S', {}), Old), ['a.A/m input.id is new, and required'])
})

t.test('TH-20 an id that means something else is flagged, at any depth', async (t) => {
  t.same(between(Old, struct('S', { id: field(1, string) })), ['a.A/m input.id was i64, and is string'])
  t.same(
    between(list(map(i32, Old)), list(map(string, struct('S', { id: field(1, inForm(i64, 'fixed')) })))),
    ['a.A/m input[] key was i32, and is string', 'a.A/m input[] value.id was i64, and is i64 (fixed)'],
  )
  t.same(between(Old, struct('S', { id: field(1, optional(i64)), note: field(2, string) })), [
    'a.A/m input.id may be absent now',
    'a.A/m input.note is required now',
  ])
})

t.test('members of a union may come, and not go', async (t) => {
  const one = union('U', { a: field(1, i32) })
  const two = union('U', { a: field(1, i32), b: field(2, string) })
  t.same(between(one, two), [])
  t.same(between(two, one), ['a.A/m input.b is gone'])
})

t.test('methods, kinds and declared errors are part of the contract', async (t) => {
  const Gone = exception('Gone', { id: field(1, i64) })
  const before = service('a.A', {
    get: unary(i64, Old, { errors: { 1: Gone } }),
    list: unary(i64, Old),
    all: unary(i64),
  })
  const after = service('b.A', { get: unary(i64, Old), list: serverStream(i64, Old) })
  t.same(breakingChanges(before, after), [
    'the service a.A became b.A',
    'a.A/get errors lost its type',
    'a.A/list was unary, and is server-stream',
    'a.A/all is gone',
  ])
})

t.test('types that hold themselves are compared', async (t) => {
  interface Tree {
    value: number
    left?: Tree | undefined
  }
  const tree = (type: Type<number>) => {
    const Tree: StructType<Tree> = struct('Tree', {
      value: field(1, type),
      left: field(2, optional(lazy(() => Tree))),
    })
    return Tree
  }
  t.same(between(tree(i32), tree(i32)), [])
  t.same(between(tree(i32), tree(inForm(i32, 'zigzag'))), ['a.A/m input.value was i32, and is i32 (zigzag)'])
})

import { harness } from '@hawser/compliance/harness'
import type { MethodType } from '@hawser/contract'
import {
  breakingChanges,
  bytes,
  exception,
  field,
  type Infer,
  type InferInput,
  i32,
  i64,
  lazy,
  list,
  optional,
  service,
  signature,
  string,
  tuple,
  unary,
  withDefault,
} from '@hawser/schema'
import t from 'tap'

harness(t)

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(_: Same<A, B>): void {}

const Entry = tuple([i32, optional(string), withDefault(i64, 7n)])
same<Infer<typeof Entry>, [number, string | undefined, bigint]>(true)
same<InferInput<typeof Entry>, [number, (string | undefined)?, (bigint | undefined)?]>(true)
same<Infer<ReturnType<typeof emptyTuple>>, []>(true)

function emptyTuple() {
  return tuple([])
}

const ToText = signature([i32, optional(string)], list(string))
same<
  typeof ToText,
  MethodType<
    'unary',
    [number, string | undefined],
    string[],
    [number, (string | undefined)?],
    readonly string[]
  >
>(true)

t.test('an element has a place, an id and a presence', async (t) => {
  t.match(Entry, { kind: 'tuple', name: 'tuple' })
  t.match(Entry.fields, [
    { key: '0', id: 1, presence: 'required', type: { kind: 'i32' } },
    { key: '1', id: 2, presence: 'optional', type: { kind: 'string' } },
    { key: '2', id: 3, presence: 'default', type: { kind: 'i64' } },
  ])
  t.strictSame(Entry.make({ 2: 8n, 0: 1 }), [1, undefined, 8n])
  t.strictSame(emptyTuple().fields, [])
})

t.test('what cannot be left out stands first', async (t) => {
  for (const first of [optional(string), withDefault(string, 'x')])
    t.throws(() => tuple([i32, first, i32]), { name: 'TypeError', message: /behind the element 1/ })
})

t.test('an element that is defined later is given as lazy', async (t) => {
  t.throws(() => tuple([undefined as never]), { name: 'TypeError', message: /lazy/ })
  t.equal(tuple([lazy(() => string)]).fields.length, 1)
})

t.test('parameters that are no list are refused with the form to use', async (t) => {
  t.throws(() => signature(i32 as never, string), {
    name: 'TypeError',
    message: /signature\(\[i32\], string\)/,
  })
})

t.test('a signature says how its values look where there is a place for one', async (t) => {
  t.equal(signature([string], string).form, 'text')
  t.equal(signature([lazy(() => string)], string).form, 'text')
  t.equal(signature([bytes], bytes).form, 'bytes')
  for (const each of [
    signature([string], bytes),
    signature([string, string], string),
    signature([optional(string)], string),
    signature([string]),
    signature([], string),
    signature([i32], string),
  ])
    t.equal(each.form, 'values')
})

t.test('a signature is a method, with the errors it declares', async (t) => {
  const Gone = exception('test.Gone', { id: field(1, i32) })
  const get = signature([i32], string, { errors: { 1: Gone } })
  t.match(get, { kind: 'unary', input: { kind: 'tuple' }, output: { kind: 'string' } })
  t.match(get.errors?.pack(new Gone({ id: 1 })), { details: { Gone_1: { id: 1 } } })
  t.throws(() => Object.assign(get, { kind: 'oneway' }), TypeError)
})

t.test('elements come and go like fields, but by their places', async (t) => {
  const between = (before: MethodType, after: MethodType) =>
    breakingChanges(service('a.A', { m: before }), service('a.A', { m: after }))
  const one = signature([i32])
  t.strictSame(between(one, signature([i32])), [])
  t.strictSame(between(signature([i32, string]), one), ['a.A/m input[1] was required, and is gone'])
  t.strictSame(between(signature([i32, optional(string)]), one), ['a.A/m input[1] is gone'])
  t.strictSame(between(one, signature([i32, string])), ['a.A/m input[1] is new, and required'])
  t.strictSame(between(one, signature([i32, optional(string)])), [
    'a.A/m input[1] is new, and refused by who does not know it',
  ])
  t.strictSame(between(one, signature([string])), ['a.A/m input[0] was i32, and is string'])
  t.strictSame(between(one, unary(list(i32))), ['a.A/m input was tuple, and is list'])
})

import type { MethodType } from '@hawser/contract'
import {
  enumeration,
  exception,
  field,
  type Infer,
  type InferInput,
  i32,
  i64,
  lazy,
  list,
  map,
  optional,
  type StructType,
  set,
  string,
  struct,
  unary,
  union,
  withDefault,
} from '@hawser/schema'
import t from 'tap'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(_: Same<A, B>): void {}

const Color = enumeration('Color', { red: 1, green: 2 })
const Item = struct('Item', {
  id: field(1, i64),
  name: field(2, withDefault(string, 'x')),
  note: field(3, optional(string)),
  color: field(4, Color),
  tags: field(5, list(string)),
  by: field(6, map(i64, set(i32))),
})
const Shape = union('Shape', { circle: field(1, i32), square: field(2, Item) })
const NotFound = exception('NotFound', { key: field(1, string), message: field(2, string) })
same<
  Infer<typeof Item>,
  {
    id: bigint
    name: string
    color: 1 | 2
    tags: string[]
    by: Map<bigint, Set<number>>
    note?: string | undefined
  }
>(true)
same<
  InferInput<typeof Item>,
  {
    readonly id: bigint
    readonly color: 1 | 2
    readonly tags: readonly string[]
    readonly by: ReadonlyMap<bigint, ReadonlySet<number>>
    readonly name?: string | undefined
    readonly note?: string | undefined
  }
>(true)
const get = unary(i64, Item, { errors: { 1: NotFound } })
type P<M> = M extends MethodType<infer K, infer I, infer O, infer WI, infer WO> ? [K, I, O, WI, WO] : never
same<P<typeof get>, ['unary', bigint, Infer<typeof Item>, bigint, InferInput<typeof Item>]>(true)
interface Tree {
  value: number
  left?: Tree | undefined
  children: Tree[]
  byName: Map<string, Tree>
  others: Set<Tree>
  weight: number
}
// One name is enough for a type that holds itself in containers, though it may be written of readonly ones.
const Tree: StructType<Tree> = struct('Tree', {
  value: field(1, i32),
  left: field(2, optional(lazy(() => Tree))),
  children: field(3, list(lazy(() => Tree))),
  byName: field(
    4,
    map(
      string,
      lazy(() => Tree),
    ),
  ),
  others: field(5, set(lazy(() => Tree))),
  weight: field(6, withDefault(i32, 1)),
})
// @ts-expect-error: a field is missing
export const Stump: StructType<Tree> = struct('Tree', { value: field(1, i32) })
// @ts-expect-error: a field has another type
export const Text: StructType<{ value: string }> = struct('Text', { value: field(1, i32) })

t.test('TH-12 TH-13 TH-14 values have the inferred types, without a cast', async (t) => {
  const leaf = { value: 2, children: [], byName: new Map(), others: new Set<Tree>(), weight: 1 }
  const tree: Infer<typeof Tree> = { ...leaf, value: 1, left: leaf, byName: new Map([['a', leaf]]) }
  const shape: Infer<typeof Shape> = { circle: tree.value }
  t.ok('circle' in shape && shape.circle === 1)
})

t.test('TH-15 an exception is a class: caught by instanceof, its fields are its properties', async (t) => {
  const thrown = new NotFound({ key: 'a', message: 'gone' })
  t.ok(thrown instanceof NotFound && thrown instanceof Error)
  const key: string = thrown.key
  t.match(
    { key, message: thrown.message, name: thrown.name },
    { key: 'a', message: 'gone', name: 'NotFound' },
  )
  t.same(get.errors?.pack(thrown), {
    code: 'unknown',
    message: 'gone',
    details: { NotFound_1: { key: 'a', message: 'gone' } },
  })
  t.equal(get.errors?.pack(new Error('another')), undefined)
})

t.test('the ids of declared errors are ids of fields', async (t) => {
  for (const id of [0, -1, 1.5, 2 ** 29, 19_000])
    t.throws(() => unary(i64, Item, { errors: { [id]: NotFound } }), { name: 'TypeError' }, `${id}`)
})

import { RpcError } from '@hawser/contract'
import { field, float, i32, list, optional, string, struct, uuid, withDefault } from '@hawser/schema'
import fc from 'fast-check'
import { show } from './codec-values.js'
import { arbitraryTyped } from './schema-arbitrary.js'
import { layoutOf, type SchemaSuite, schemaWith } from './schema-subject.js'
import { Chain, isSmall, NotFound, Point, sampleTypes, structOf, Tree } from './schema-types.js'
import { readOf, sameTyped } from './schema-values.js'

/** What is written is what is read. */
export function testRoundTrips(suite: SchemaSuite): void {
  const { supports } = suite

  suite.test.test('each type by itself', async (t) => {
    for (const [name, type, values] of sampleTypes(supports)) {
      const layout = layoutOf(suite, type)
      for (const value of values) {
        const read = layout.decode(layout.encode(value))
        t.ok(sameTyped(read, readOf(type, value)), `${name}: ${show(value)} became ${show(read)}`)
      }
    }
  })

  suite.test.test('each type as a field, in a list and beside all others', async (t) => {
    const types = sampleTypes(supports)
    const all = structOf(types)
    const every = layoutOf(suite, all)
    for (const [at, [name, , values]] of types.entries())
      for (const value of values) {
        if (!supports.emptyContainers && isEmpty(value)) continue
        const written = { [`f${at + 1}`]: value }
        const read = every.decode(every.encode(written))
        t.ok(sameTyped(read, readOf(all, written)), `${name}: ${show(value)} became ${show(read)}`)
      }
    const last = Object.fromEntries(
      types.map(([, , values], at) => [`f${at + 1}`, values.filter(isSmall).at(-1)]),
    )
    const whole = list(structOf(types))
    const layout = layoutOf(suite, whole)
    t.ok(sameTyped(layout.decode(layout.encode([last, {}, last])), readOf(whole, [last, {}, last])))
  })

  suite.test.test('any value of any type', async (t) => {
    const codec = schemaWith(suite)
    fc.assert(
      fc.property(arbitraryTyped(supports), fc.nat(40), ({ type, value }, headroom) => {
        const layout = codec.typed(type)
        return sameTyped(
          layout.decode(layout.encode(value, headroom).subarray(headroom)),
          readOf(type, value),
        )
      }),
      { seed: 1, numRuns: 600 },
    )
    t.pass()
  })

  suite.test.test('TH-21 an optional field that is absent is told from every value', async (t) => {
    const Maybe = struct('suite.Maybe', {
      count: field(1, optional(i32)),
      text: field(2, optional(string)),
      point: field(3, optional(Point)),
      list: field(4, optional(list(i32))),
    })
    const layout = layoutOf(suite, Maybe)
    const read = (value: unknown): object => layout.decode(layout.encode(value)) as object
    t.strictSame(Object.keys(read({})), [])
    t.strictSame(Object.keys(read({ count: undefined, text: undefined })), [])
    t.strictSame(read({ count: 0, text: '' }), { count: 0, text: '' })
    t.strictSame(read({ point: { x: 0 } }), { point: { x: 0, y: 7 } })
    if (supports.emptyContainers) t.strictSame(read({ list: [] }), { list: [] })
  })

  suite.test.test('a default is there for who reads, and made anew for each', async (t) => {
    const Defaults = struct('suite.Defaults', {
      limit: field(1, withDefault(i32, 10)),
      tags: field(
        2,
        withDefault(list(string), () => ['a']),
      ),
    })
    const layout = layoutOf(suite, Defaults)
    const read = (value: unknown): { limit: number; tags: string[] } =>
      layout.decode(layout.encode(value)) as { limit: number; tags: string[] }
    t.strictSame(read({}), { limit: 10, tags: ['a'] })
    t.strictSame(read({ limit: 0, tags: ['b'] }), { limit: 0, tags: ['b'] })
    t.strictSame(read({ limit: 10 }).limit, 10)
    read({}).tags.push('mine')
    t.strictSame(read({}).tags, ['a'])
  })

  suite.test.test('a uuid in upper case arrives in lower case, or not at all', async (t) => {
    const lower = '8e3b5c60-12ab-4cde-8f01-23456789abcd'
    const layout = layoutOf(suite, uuid)
    let bytes: Uint8Array | undefined
    try {
      bytes = layout.encode(lower.toUpperCase())
    } catch (error) {
      t.ok(RpcError.is(error) && error.reason === 'bad_payload')
    }
    if (bytes) t.equal(layout.decode(bytes), lower)
  })

  suite.test.test('a float is rounded to 32 bits', async (t) => {
    const layout = layoutOf(suite, struct('suite.Rounded', { value: field(1, float) }))
    t.strictSame(layout.decode(layout.encode({ value: 0.1 })), { value: Math.fround(0.1) })
  })

  suite.test.test(
    'an exception arrives as an instance of its class, and is written as one or as its fields',
    async (t) => {
      const layout = layoutOf(suite, NotFound)
      for (const written of [new NotFound({ key: 7n, message: 'gone' }), { key: 7n, message: 'gone' }]) {
        const read = layout.decode(layout.encode(written)) as InstanceType<typeof NotFound>
        t.ok(read instanceof NotFound && read instanceof Error && NotFound.is(read))
        t.equal(read.key, 7n)
        t.equal(read.message, 'gone')
      }
      for (const written of [new NotFound({ key: 1n }), { key: 1n }]) {
        const read = layout.decode(layout.encode(written)) as Error
        t.equal(read.message, 'suite.NotFound')
        t.notOk(Object.keys(read).includes('message'), 'what an Error has of its own is no field')
      }
    },
  )

  suite.test.test('a type that holds itself, to any depth that is allowed', async (t) => {
    const layout = layoutOf(suite, Tree)
    const leaf = { value: 2 }
    const children = Array.from({ length: 20 }, (_, value) => ({ value, left: leaf, children: [leaf, leaf] }))
    const tree = { value: 1, left: { ...leaf, left: leaf }, children }
    t.ok(sameTyped(layout.decode(layout.encode(tree)), readOf(Tree, tree)))
    t.strictSame(layoutOf(suite, Chain).decode(layoutOf(suite, Chain).encode({ next: { next: {} } })), {
      next: { next: {} },
    })
  })

  suite.test.test('properties that are no fields do not travel', async (t) => {
    const layout = layoutOf(suite, Point)
    t.strictSame(layout.decode(layout.encode({ x: 1, y: 2, z: () => 3 })), { x: 1, y: 2 })
    class Both {
      readonly x = 1
      get y(): number {
        return 2
      }
    }
    t.strictSame(layout.decode(layout.encode(new Both())), { x: 1, y: 2 }, 'an instance of a class will do')
  })

  suite.test.test('a field called as an inherited property is absent where it is not set', async (t) => {
    const keys = ['toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf']
    const fields = Object.fromEntries(keys.map((key, at) => [key, field(at + 1, optional(string))]))
    const layout = layoutOf(suite, struct('suite.Inherited', fields))
    t.strictSame(Object.keys(layout.decode(layout.encode({})) as object), [])
    t.strictSame(layout.decode(layout.encode({ toString: 'x' })), { toString: 'x' })
  })

  suite.test.test('the same type gives the same codec again, named as the plain one', async (t) => {
    const codec = schemaWith(suite)
    t.equal(codec.typed(Point), codec.typed(Point))
    t.not(codec.typed(Point), codec.typed(Tree))
    t.equal(codec.typed(Point).name, codec.name)
    t.equal(codec.typed(Point).contentType, codec.contentType)
  })
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : (value as { size?: number } | null)?.size === 0
}

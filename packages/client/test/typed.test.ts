import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { type Codec, RpcError } from '@hawser/contract'
import {
  bytes,
  clientStream,
  duplex,
  enumeration,
  exception,
  field,
  type Infer,
  i32,
  i64,
  list,
  map,
  oneway,
  optional,
  serverStream,
  service,
  set,
  string,
  struct,
  unary,
  uuid,
  withDefault,
} from '@hawser/schema'
import type { ServiceHandlers } from '@hawser/server'
import t from 'tap'
import { collect, type Stack, stack } from './support/stack.js'

harness(t)

const Color = enumeration('shop.Color', { red: 1, green: 2 })
const Item = struct('shop.Item', {
  id: field(1, i64),
  name: field(2, string),
  color: field(3, withDefault(Color, Color.values.green)),
  tags: field(4, set(string)),
  stock: field(5, map(i64, i32)),
  photo: field(6, optional(bytes)),
  key: field(7, optional(uuid)),
})
const Search = struct('shop.Search', { text: field(1, string), limit: field(2, withDefault(i32, 3)) })
const NotFound = exception('shop.NotFound', { id: field(1, i64) }, { code: 'not_found' })
const Sold = exception('shop.Sold', { to: field(1, string), message: field(2, string) })

const Shop = service('shop.Shop', {
  get: unary(i64, Item, { errors: { 1: NotFound, 2: Sold } }),
  put: unary(Item),
  names: unary(undefined, list(string)),
  search: serverStream(Search, Item, { errors: { 1: NotFound } }),
  total: clientStream(i32, i64),
  mirror: duplex(Item, Item),
  seen: oneway(i64),
})

const item: Infer<typeof Item> = {
  id: 2n ** 63n - 1n,
  name: 'Tea',
  color: 1,
  tags: new Set(['a', 'b']),
  stock: new Map([[1n, 2]]),
  photo: Uint8Array.of(1, 2, 3),
  key: '8e3b5c60-12ab-4cde-8f01-23456789abcd',
}

type Handlers = ServiceHandlers<typeof Shop.methods>

const handlers: Handlers = {
  get: (id) => ({ ...item, id }),
  put() {},
  names: () => ['a'],
  *search({ text, limit }) {
    for (let id = 0; id < limit; id++) yield { ...item, id: BigInt(id), name: text }
  },
  async total(numbers) {
    let total = 0n
    for await (const number of numbers) total += BigInt(number)
    return total
  },
  mirror: (items) => items,
  seen() {},
}

async function shop(codec: Codec, changed: Partial<Handlers> = {}): Promise<Stack> {
  const all = await stack({ codecs: [codec] })
  all.server.implement(Shop, { ...handlers, ...changed })
  return all
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

const codecs: readonly (readonly [string, () => Codec])[] = [
  ['json', () => json()],
  ['msgpack', () => msgpack()],
  ['msgpack by names', () => msgpack({ keys: 'names' })],
]

for (const [name, make] of codecs) {
  t.test(`${name}: values of every type arrive in calls of every kind`, async (t) => {
    const seen: bigint[] = []
    const put: unknown[] = []
    await using all = await shop(make(), {
      seen: (id) => void seen.push(id),
      put: (item) => void put.push(item),
    })
    const stub = all.client.stub(Shop, all.address)
    t.same(await stub.get(item.id), item)
    t.equal(await stub.put(item), undefined, 'nothing comes back of a method without a result')
    t.same(put, [item])
    t.same(await stub.names(), ['a'])
    t.same(await collect(stub.search({ text: 'x', limit: 1 })), [{ ...item, id: 0n, name: 'x' }])
    t.equal(await stub.total([1, 2, -4]), -1n)
    t.same(await collect(stub.mirror([item, item])), [item, item])
    await stub.seen(7n)
    await stub.names()
    t.same(seen, [7n])
  })

  t.test(`${name}: what has a default may be left out by who writes, on either side`, async (t) => {
    const { color, photo, key, ...written } = item
    await using all = await shop(make(), { get: () => written })
    const stub = all.client.stub(Shop, all.address)
    t.equal((await collect(stub.search({ text: 'x' }))).length, 3)
    t.strictSame(await stub.get(1n), { ...written, color: 2 })
  })

  t.test(`TH-15 ${name}: a declared error arrives as its class, whatever the kind of call`, async (t) => {
    await using all = await shop(make(), {
      get(id) {
        if (id === 1n) throw new NotFound({ id })
        throw new Sold({ to: 'Ann', message: 'too late' })
      },
      *search() {
        yield item
        throw new NotFound({ id: 9n })
      },
    })
    const stub = all.client.stub(Shop, all.address)
    const missing = await failureOf(stub.get(1n))
    t.ok(missing instanceof NotFound && missing.id === 1n && missing instanceof Error)
    t.match((missing as Error).cause, { code: 'not_found', reason: 'declared', executed: 'yes' })
    const sold = await failureOf(stub.get(2n))
    t.ok(sold instanceof Sold && sold.to === 'Ann' && sold.message === 'too late')
    const received: unknown[] = []
    const broken = await failureOf(
      (async () => {
        for await (const each of stub.search({ text: 'x' })) received.push(each)
      })(),
    )
    t.ok(broken instanceof NotFound && broken.id === 9n)
    t.same(received, [item])
    t.same(all.log, [], 'it was declared, so it is not logged')
  })

  t.test(`${name}: an error that is not declared is internal, or what it says`, async (t) => {
    await using all = await shop(make(), {
      get(id) {
        if (id === 1n) throw new RpcError('out_of_range', 'no such shelf', { details: { shelf: 3 } })
        throw new Error('broken')
      },
      // Declared by other methods only.
      put() {
        throw new NotFound({ id: 1n })
      },
    })
    const stub = all.client.stub(Shop, all.address)
    t.match(await failureOf(stub.get(1n)), { code: 'out_of_range', details: { shelf: 3 } })
    t.match(await failureOf(stub.get(2n)), { code: 'internal', reason: 'handler_failed' })
    t.match(await failureOf(stub.put(item)), { code: 'internal', reason: 'handler_failed' })
  })

  t.test(`${name}: a wrong value is refused where it is written, and nothing is sent`, async (t) => {
    let ran = 0
    await using all = await shop(make(), { put: () => void ran++, seen: () => void ran++ })
    const stub = all.client.stub(Shop, all.address)
    await stub.names()
    const wrong = { code: 'invalid_argument', reason: 'bad_payload', executed: 'no' }
    t.match(await failureOf(stub.get('1' as never)), wrong)
    t.match(await failureOf(stub.get(2n ** 63n)), wrong)
    t.match(await failureOf(stub.get(undefined as never)), wrong)
    const put = await failureOf(stub.put({ ...item, tags: new Set(['a', 7]) } as never))
    t.match(put, { ...wrong, message: /value\.tags/ })
    t.match(await failureOf(stub.seen({} as never)), wrong)
    t.match(await failureOf(collect(stub.search({ text: 'x', limit: 0.5 }))), {
      ...wrong,
      message: /value\.limit/,
    })
    t.match(await failureOf(stub.total([1, 'x' as never])), {
      code: 'invalid_argument',
      reason: 'bad_payload',
    })
    t.equal(ran, 0)
    t.same(await stub.names(), ['a'], 'and the connection goes on')
  })

  t.test(`${name}: a wrong reply is the handler's fault`, async (t) => {
    await using all = await shop(make(), {
      get: () => ({ ...item, id: 'x' }) as never,
      put: () => 7 as never,
      names: (() => undefined) as never,
      *search() {
        yield { ...item, name: 7 as never }
      },
    })
    const stub = all.client.stub(Shop, all.address)
    const unlike = { code: 'internal', reason: 'bad_payload' }
    t.match(await failureOf(stub.get(1n)), { ...unlike, message: /value\.id/ })
    t.match(await failureOf(stub.names()), unlike, 'nothing is no list')
    t.match(await failureOf(collect(stub.search({ text: 'x' }))), { ...unlike, message: /value\.name/ })
    await stub.put(item)
  })

  t.test(`${name}: an answer that is none of its type is internal, and was executed`, async (t) => {
    const Newer = struct('shop.Item', { id: field(1, i64), price: field(20, i32) })
    const NewerShop = service('shop.Shop', { get: unary(i64, Newer) })
    await using all = await shop(make())
    const error = await failureOf(all.client.stub(NewerShop, all.address).get(1n))
    t.match(error, { code: 'internal', reason: 'bad_payload', executed: 'yes' })
    t.match((error as RpcError).cause, { message: /price/ }, 'by the name of what is missing')
  })

  t.test(`${name}: a request that is none of its type is refused before the handler runs`, async (t) => {
    let ran = 0
    await using all = await shop(make(), { put: () => void ran++ })
    const Older = struct('shop.Item', { id: field(1, i64) })
    const OlderShop = service('shop.Shop', { put: unary(Older) })
    const error = await failureOf(all.client.stub(OlderShop, all.address).put({ id: 1n }))
    t.match(error, { code: 'invalid_argument', reason: 'bad_payload', executed: 'no', message: /name/ })
    t.equal(ran, 0)
  })
}

// The same methods, for callers that know nothing of their types.
const Untyped = service('shop.Shop', {
  get: unary<unknown, unknown>(),
  put: unary<unknown, unknown>(),
  search: serverStream<unknown, unknown>(),
})

t.test('a caller without types calls a typed method, with what its codec has for it', async (t) => {
  const put: unknown[] = []
  for (const [codec, written] of [
    [json(), { id: '7', name: 'Tea', color: 'red', tags: ['a'], stock: { 1: 2 }, photo: 'AQID' }],
    [
      msgpack({ keys: 'names' }),
      { id: 7, name: 'Tea', color: 1, tags: ['a'], photo: Uint8Array.of(1, 2, 3) },
    ],
  ] as const) {
    const taking = { put: (each: Infer<typeof Item>) => void put.push(each) }
    await using all = await shop(codec, taking)
    const stub = all.client.stub(Untyped, all.address)
    if ('stock' in written) {
      await stub.put(written)
      const { key, ...rest } = item
      t.same(put, [{ ...rest, id: 7n, tags: new Set(['a']) }])
      t.same(await stub.get('7'), {
        id: '7',
        name: 'Tea',
        color: 'red',
        tags: ['a', 'b'],
        stock: { 1: 2 },
        photo: 'AQID',
        key,
      })
    } else {
      t.match(await failureOf(stub.put(written)), { code: 'invalid_argument', message: /stock/ })
      t.same(await collect(stub.search({ text: 'x', limit: 0 })), [], 'fields are found by their names')
    }
  }
})

t.test('a codec that knows no schemas carries plain values', async (t) => {
  const { typed: _, ...plain } = msgpack()
  const codec: Codec = plain
  await using all = await shop(codec, { get: (id) => ({ id, name: 'Tea' }) as never })
  const stub = all.client.stub(Shop, all.address)
  t.same(await stub.get(7n), { id: 7, name: 'Tea' })
  t.same(await stub.names(), ['a'])
  t.equal(await stub.total([1, 2]), 3)
})

t.test('a type that a codec has no layout for is known when the service is implemented', async (t) => {
  const codec: Codec = {
    ...json(),
    typed(type) {
      throw new TypeError(`no ${type.kind}`)
    },
  }
  await using all = await stack({ codecs: [codec] })
  t.throws(() => all.server.implement(Shop, handlers), { name: 'TypeError' })
  t.same(all.server.methods, [])
})

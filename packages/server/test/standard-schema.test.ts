import { callsThrough, type Stub } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import type { RpcError, ServiceType } from '@hawser/contract'
import { clientStream, duplex, oneway, serverStream, service, unary } from '@hawser/schema'
import { type } from 'arktype'
import t from 'tap'
import * as v from 'valibot'
import { z } from 'zod'
import { collect } from '../../client/test/support/stack.js'
import { createServer, type Server, type ServiceHandlers } from '../src/index.js'

harness(t)

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(_: Same<A, B>): void {}

// The same shapes in each library: who writes may leave the limit out, who reads has it; text is read as its length.
const zodSearch = z.object({ text: z.string().min(1), limit: z.number().default(10) })
const zodFound = z.object({ total: z.number().min(0) })
const zodLength = z.string().transform((text) => text.length)
const Zod = service('lib.Zod', {
  find: unary(zodSearch, zodFound),
  sum: clientStream(zodLength, zodFound),
  each: serverStream(zodSearch, zodFound),
  talk: duplex(zodLength, zodFound),
  tell: oneway(zodSearch),
})

const minimal = v.pipe(v.string(), v.minLength(1))
const valibotSearch = v.object({ text: minimal, limit: v.optional(v.number(), 10) })
const valibotFound = v.object({ total: v.pipe(v.number(), v.minValue(0)) })
const lengthOf = v.transform((text: string) => text.length)
const valibotLength = v.pipe(v.string(), lengthOf)
const Valibot = service('lib.Valibot', {
  find: unary(valibotSearch, valibotFound),
  sum: clientStream(valibotLength, valibotFound),
  each: serverStream(valibotSearch, valibotFound),
  talk: duplex(valibotLength, valibotFound),
  tell: oneway(valibotSearch),
})

const arktypeSearch = type({ text: 'string > 0', limit: 'number = 10' })
const arktypeFound = type({ total: 'number >= 0' })
const arktypeLength = type('string').pipe((text) => text.length)
const Arktype = service('lib.Arktype', {
  find: unary(arktypeSearch, arktypeFound),
  sum: clientStream(arktypeLength, arktypeFound),
  each: serverStream(arktypeSearch, arktypeFound),
  talk: duplex(arktypeLength, arktypeFound),
  tell: oneway(arktypeSearch),
})

type Methods = typeof Zod.methods
type Handlers = ServiceHandlers<Methods>

// What handlers read and callers write is inferred, in each library.
interface Search {
  text: string
  limit: number
}
type Find<S> =
  S extends ServiceType<infer M extends Methods> ? Parameters<ServiceHandlers<M>['find']>[0] : never
type Asked<S> = S extends ServiceType<infer M extends Methods> ? Parameters<Stub<M>['find']>[0] : never
same<Find<typeof Zod>, Search>(true)
same<Find<typeof Zod>['limit'], number>(true)
same<Find<typeof Valibot>['limit'], number>(true)
same<Find<typeof Arktype>['limit'], number>(true)
same<Asked<typeof Zod>['limit'], number | undefined>(true)
same<Asked<typeof Valibot>['limit'], number | undefined>(true)
same<Asked<typeof Arktype>['limit'], number | undefined>(true)
type Summed<S> = S extends ServiceType<infer M extends Methods> ? Parameters<Stub<M>['sum']>[0] : never
same<Summed<typeof Zod>, AsyncIterable<string> | Iterable<string>>(true)
same<Summed<typeof Valibot>, AsyncIterable<string> | Iterable<string>>(true)
same<Summed<typeof Arktype>, AsyncIterable<string> | Iterable<string>>(true)

const codecs = [json()]

const handlers: Handlers = {
  find: ({ text, limit }) => ({ total: text.length + limit }),
  async sum(lengths) {
    let total = 0
    for await (const length of lengths) total += length
    return { total }
  },
  *each({ limit }) {
    for (let total = 0; total < limit; total++) yield { total }
  },
  async *talk(lengths) {
    for await (const length of lengths) yield { total: length }
  },
  tell() {},
}

function serving(service: ServiceType<Methods>, changed: Partial<Handlers> = {}): Server {
  const server = createServer({ codecs, log: () => {} })
  server.implement(service, { ...handlers, ...changed })
  return server
}

async function failureOf(promise: Promise<unknown>): Promise<RpcError | undefined> {
  return promise.then(
    () => undefined,
    (error) => error as RpcError,
  )
}

const services: readonly ServiceType<Methods>[] = [Zod, Valibot, Arktype]
const wrong = { code: 'invalid_argument', reason: 'bad_arguments', executed: 'no' }
const unlike = { code: 'internal', reason: 'bad_payload', executed: 'yes' }

for (const each of services) {
  const { name } = each

  t.test(`${name}: what is right goes through, converted, in calls of every kind`, async (t) => {
    const server = serving(each)
    using calls = callsThrough(server.handler, { codecs })
    const stub = calls.stub(each)
    t.same(await stub.find({ text: 'four' }), { total: 14 }, 'a default is filled in')
    t.same(await stub.find({ text: 'four', limit: 1 }), { total: 5 })
    t.same(await stub.sum(['a', 'bb']), { total: 3 }, 'items are transformed')
    t.same(await collect(stub.each({ text: 'x', limit: 2 })), [{ total: 0 }, { total: 1 }])
    t.same(await collect(stub.talk(['a', 'bbb'])), [{ total: 1 }, { total: 3 }])
    await stub.tell({ text: 'x' })
  })

  t.test(`${name}: what comes in wrong is refused, and the handler does not run`, async (t) => {
    let ran = 0
    const server = serving(each, { find: () => ({ total: ran++ }) })
    using calls = callsThrough(server.handler, { codecs })
    const stub = calls.stub(each)
    for (const request of [{ text: '' }, { text: 7 }, { text: 'x', limit: '9' }, {}, null, 'x', undefined]) {
      const error = await failureOf(stub.find(request as never))
      t.match(error, wrong, JSON.stringify(request))
    }
    t.match((await failureOf(stub.find({ text: 7 } as never)))?.message, /text/, 'told by its path')
    t.equal(ran, 0)
    t.match(await failureOf(collect(stub.each({ text: '' }))), wrong)
  })

  t.test(`${name}: a wrong item ends its stream, with those before it handled`, async (t) => {
    const seen: number[] = []
    const server = serving(each, {
      async *talk(lengths) {
        for await (const length of lengths) {
          seen.push(length)
          yield { total: length }
        }
      },
    })
    using calls = callsThrough(server.handler, { codecs })
    const stub = calls.stub(each)
    t.match(await failureOf(stub.sum(['a', 7 as never])), {
      code: 'invalid_argument',
      reason: 'bad_arguments',
    })
    t.match(await failureOf(collect(stub.talk(['a', 7 as never, 'b']))), { code: 'invalid_argument' })
    t.same(seen, [1])
  })

  t.test(`${name}: a result unlike its description is the handler's fault`, async (t) => {
    const server = serving(each, {
      find: () => ({ total: -1 }),
      sum: async () => ({}) as never,
      *each() {
        yield { total: 1 }
        yield { total: -1 }
      },
    })
    using calls = callsThrough(server.handler, { codecs })
    const stub = calls.stub(each)
    t.match(await failureOf(stub.find({ text: 'x' })), unlike)
    t.match((await failureOf(stub.find({ text: 'x' })))?.message, /total/)
    t.match(await failureOf(stub.sum([])), unlike)
    const received: unknown[] = []
    const streamed = async () => {
      for await (const item of stub.each({ text: 'x' })) received.push(item)
    }
    t.match(await failureOf(streamed()), { code: 'internal', reason: 'bad_payload' })
    t.same(received, [{ total: 1 }], 'what was right before it has arrived')
  })
}

t.test('a validator judges the arguments of a function, and may convert them', async (t) => {
  const server = createServer({ codecs, log: () => {} })
  const repeat = (text: string, times: number) => text.repeat(times)
  const checks = {
    zod: z.tuple([z.string(), z.number().int().max(5)]),
    valibot: v.tuple([v.string(), v.pipe(v.number(), v.integer(), v.maxValue(5))]),
    arktype: type(['string', 'number.integer <= 5']),
  }
  for (const [name, input] of Object.entries(checks)) server.rpc(`/${name}`, repeat, { input })
  using calls = callsThrough(server.handler, { codecs })
  for (const name of Object.keys(checks)) {
    const remote = calls.remote<typeof repeat>(`/${name}`)
    t.equal(await remote('ab', 2), 'abab')
    for (const args of [['ab', 6], ['ab', 1.5], [1, 1], ['ab'], []])
      t.match(
        await failureOf(Reflect.apply(remote, undefined, args) as Promise<unknown>),
        wrong,
        `${name} ${args}`,
      )
  }
})

t.test('a validator may take its time, and its breaking is not the caller’s mistake', async (t) => {
  const slow = z.string().refine(async (text) => text !== 'taken')
  const broken = z.string().refine(() => {
    throw new Error('no database')
  })
  let ran = 0
  const Slow = service('lib.Slow', { check: unary(slow, z.string()), broken: unary(broken, z.string()) })
  const server = createServer({ codecs, log: () => {} })
  const run = (text: string) => `${text} ${++ran}`
  server.implement(Slow, { check: run, broken: run })
  using calls = callsThrough(server.handler, { codecs })
  const stub = calls.stub(Slow)
  t.equal(await stub.check('free'), 'free 1')
  t.match(await failureOf(stub.check('taken')), wrong)
  t.match(await failureOf(stub.broken('x')), { code: 'internal', reason: 'handler_failed', executed: 'no' })
  t.equal(ran, 1)
})

t.test('a validator of the input stands in one place only', async (t) => {
  const server = createServer({ codecs })
  const One = service('lib.One', { find: unary(zodSearch, zodFound) })
  const find = () => ({ total: 1 })
  t.throws(() => server.implement(One, { find }, { input: zodSearch }), { name: 'TypeError' })
  t.same(server.methods, [])
})

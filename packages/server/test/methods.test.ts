import { callsThrough } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { service, unary } from '@hawser/schema'
import t from 'tap'
import { deferred } from '../../client/test/support/stack.js'
import { createServer } from '../src/index.js'

harness(t)

const codecs = [json()]
const Pets = service('pets.Pets', { name: unary<number, string>(), age: unary<number, number>() })

t.test('AM-04 a path begins with / and has levels, none of them empty', async (t) => {
  const server = createServer({ codecs })
  for (const name of ['/a', '/a/b', '/a/b-c.d_e~1', `/${'x'.repeat(255)}`])
    t.ok(
      server.rpc(name, () => 1),
      name,
    )
  for (const name of ['', 'a', 'a/b', '/', '//', '/a/', '/a//b', '/a b', '/ä', '/a\n', `/${'x'.repeat(256)}`])
    t.throws(() => server.rpc(name, () => 1), TypeError, JSON.stringify(name))
  t.throws(() => server.rpc(7 as unknown as string, () => 1), TypeError)
  t.throws(() => server.rpc('/none', undefined as unknown as () => void), TypeError)
  t.throws(() => server.rpc('/any', () => 1, { input: {} as never }), {
    name: 'TypeError',
    message: /Standard Schema/,
  })
  t.equal(server.methods.length, 4)
})

t.test('AM-05 a name is taken once', async (t) => {
  const server = createServer({ codecs })
  server.rpc('/a', () => 1)
  t.throws(() => server.rpc('/a', () => 2), { name: 'TypeError', message: 'There already is a method /a' })
  server.implement(Pets, { name: () => 'Rex', age: () => 3 })
  t.throws(() => server.implement(Pets, { name: () => 'Max', age: () => 4 }), TypeError)
  t.same(server.methods, ['/a', 'pets.Pets/name', 'pets.Pets/age'])
})

t.test('a service is registered whole or not at all', async (t) => {
  const server = createServer({ codecs })
  const incomplete = { name: () => 'Rex' } as unknown as { name(): string; age(): number }
  t.throws(() => server.implement(Pets, incomplete), {
    name: 'TypeError',
    message: 'pets.Pets has no handler for age',
  })
  const taken = service('pets.Pets', { age: unary<number, number>() })
  server.implement(taken, { age: () => 1 })
  t.throws(() => server.implement(Pets, { name: () => 'Rex', age: () => 3 }), TypeError)
  t.same(server.methods, ['pets.Pets/age'])
})

t.test('what every object has is no handler', async (t) => {
  const server = createServer({ codecs })
  const Odd = service('odd.Odd', { toString: unary<null, string>(), constructor: unary<null, string>() })
  t.throws(
    () => server.implement(Odd, {} as Parameters<typeof server.implement<typeof Odd.methods>>[1]),
    TypeError,
  )
  t.same(server.methods, [])
})

t.test('an object with state of its own implements a service', async (t) => {
  class Counting {
    #count = 0
    name(): string {
      return `pet ${++this.#count}`
    }
    age(): number {
      return this.#count
    }
  }
  const server = createServer({ codecs })
  server.implement(Pets, new Counting())
  using calls = callsThrough(server.handler, { codecs })
  const pets = calls.stub(Pets)
  t.equal(await pets.name(0), 'pet 1')
  t.equal(await pets.age(0), 1)
})

t.test('AM-13 methods come and go while the server serves', async (t) => {
  const server = createServer({ codecs })
  using calls = callsThrough(server.handler, { codecs })
  const a = calls.remote<() => string>('/a')
  t.equal(await a.enabled(), false)
  await t.rejects(a(), {
    code: 'unimplemented',
    reason: 'no_method',
    executed: 'no',
    message: 'There is no method /a',
  })
  const registration = server.rpc('/a', () => 'first')
  t.same(registration.names, ['/a'])
  t.equal(await a(), 'first')
  t.equal(server.remove('/a'), true)
  t.equal(server.remove('/a'), false)
  server.rpc('/a', () => 'second')
  registration.remove()
  t.equal(await a(), 'second', 'an old registration does not take its successor away')
  {
    using _ = server.implement(Pets, { name: () => 'Rex', age: () => 3 })
    t.equal(await calls.stub(Pets).name(1), 'Rex')
  }
  await t.rejects(calls.stub(Pets).name(1), { code: 'unimplemented', reason: 'no_method' })
})

t.test('AM-13 a call under way goes on when its method is removed', async (t) => {
  const server = createServer({ codecs })
  using calls = callsThrough(server.handler, { codecs })
  const { promise, resolve } = deferred<string>()
  server.rpc('/slow', () => promise)
  const answer = calls.remote<() => Promise<string>>('/slow')()
  server.remove('/slow')
  resolve('still here')
  t.equal(await answer, 'still here')
})

t.test('TH-33 names from the wire never touch a prototype', async (t) => {
  const server = createServer({ codecs })
  server.rpc('/a', () => 1)
  using calls = callsThrough(server.handler, { codecs })
  for (const name of [
    '/toString',
    '/__proto__',
    '/constructor',
    '/then',
    '/hasOwnProperty',
    '/a/',
    '/A',
    '//a',
    '/a\0',
  ])
    await t.rejects(calls.remote(name)(), { code: 'unimplemented', reason: 'no_method' }, name)
})

t.test('options that make no server are refused at once', async (t) => {
  t.throws(() => createServer({ codecs: [] }), TypeError)
  t.throws(() => createServer({ codecs: [json(), json()] }), TypeError)
  t.throws(() => createServer({ codecs, limits: { nothing: 1 } as object }), TypeError)
  t.throws(() => createServer({ codecs, limits: { callMs: -1 } }), TypeError)
  const server = createServer({ codecs })
  await t.rejects(server.listen('tcp://127.0.0.1:0'), {
    name: 'TypeError',
    message: /No transport takes tcp/,
  })
  await t.rejects(server.listen('nowhere'), TypeError)
  await server.close()
  await t.rejects(server.listen('tcp://127.0.0.1:0'), { name: 'TypeError', message: 'The server is closed' })
})

t.test(
  'a method that extends a server is told of its removal, once, and of the server’s closing',
  async (t) => {
    const told: string[] = []
    const add = (name: string) =>
      server.register({
        name,
        type: { kind: 'unary', untyped: true },
        handler: () => ({ output: new Uint8Array(0) }),
        removed: () => void told.push(`${name} removed`),
        closing: () => void told.push(`${name} closing`),
      })
    const server = createServer({ codecs })
    const first = add('/first')
    add('/second')
    add('/third')
    first.remove()
    first.remove()
    t.equal(server.remove('/second'), true)
    t.equal(server.remove('/second'), false)
    t.same(told, ['/first removed', '/second removed'])
    // A registration takes back its own method only.
    add('/first')
    first.remove()
    t.same(server.methods, ['/third', '/first'])
    await Promise.all([server.close(), server.close()])
    t.same(told.slice(2), ['/third closing', '/first closing'])
  },
)

import { harness } from '@hawser/compliance/harness'
import type { MethodType } from '@hawser/contract'
import t from 'tap'
import { clientStream, duplex, oneway, serverStream, service, unary } from '../src/index.js'

harness(t)

t.test('a service has a name, and methods of every kind', async (t) => {
  const Every = service('demo.v1.Every', {
    one: unary<number, string>(),
    tell: oneway<string>(),
    sum: clientStream<number, number>(),
    count: serverStream<number, number>(),
    talk: duplex<string, string>(),
  })
  t.equal(Every.name, 'demo.v1.Every')
  t.same(Object.fromEntries(Object.entries(Every.methods).map(([key, { kind }]) => [key, kind])), {
    one: 'unary',
    tell: 'oneway',
    sum: 'client-stream',
    count: 'server-stream',
    talk: 'duplex',
  })
  // Checked by the compiler: the types of a method are those it was given.
  const one: MethodType<'unary', number, string> = Every.methods.one
  t.equal(one.kind, 'unary')
})

t.test('a service cannot be changed afterwards', async (t) => {
  const methods = { one: unary<number, string>() }
  const One = service('demo.One', methods)
  t.throws(() => Object.assign(One.methods, { two: unary() }), TypeError)
  t.throws(() => Object.assign(One, { name: 'x' }), TypeError)
  t.throws(() => Object.assign(One.methods.one, { kind: 'duplex' }), TypeError)
  Object.assign(methods, { two: unary() })
  t.same(Object.keys(One.methods), ['one'])
})

t.test('names are identifiers', async (t) => {
  for (const name of ['A', 'a.B', '_a.b_1.C']) t.equal(service(name, {}).name, name)
  for (const name of ['', '.', 'a.', '.a', 'a..b', '1a', 'a-b', 'a/b', '/a', 'a b', 'ä', 'a\n'])
    t.throws(() => service(name, {}), { name: 'TypeError', message: /cannot be the name of a service/ }, name)
  for (const name of ['', '1a', 'a-b', 'a/b', 'a.b', 'ä'])
    t.throws(
      () => service('A', { [name]: unary() }),
      { name: 'TypeError', message: /name of a method/ },
      name,
    )
})

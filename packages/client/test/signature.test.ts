import { callsThrough } from '@hawser/client'
import { binary, compact, raw } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { protobuf } from '@hawser/codec-protobuf'
import { harness } from '@hawser/compliance/harness'
import type { Codec } from '@hawser/contract'
import {
  bytes,
  double,
  enumeration,
  exception,
  field,
  i32,
  i64,
  list,
  optional,
  signature,
  string,
  struct,
  unary,
  withDefault,
} from '@hawser/schema'
import { createServer } from '@hawser/server'
import t from 'tap'
import { type Stack, stack } from './support/stack.js'

harness(t)

const codecs: readonly Codec[] = [json(), msgpack(), binary(), compact(), protobuf()]
const utf8 = new TextDecoder()

const Color = enumeration('test.Color', { red: 1, green: 2 })
const Inner = struct('test.Inner', { bin: field(1, bytes) })
const Test = struct('test.Test', { i: field(7, i32), color: field(3, Color), inner: field(9, Inner) })
const Negative = exception('test.Negative', { value: field(1, i32) }, { code: 'out_of_range' })

const ToText = signature([i32], string, { errors: { 1: Negative } })
const Join = signature([string, optional(string), withDefault(i64, 3n)], list(string))
const Echo = signature([Test], Test)

async function serving(codec: Codec): Promise<Stack> {
  const all = await stack({ codecs: [codec] })
  all.server.rpc(
    '/to_string',
    (n) => {
      if (n < 0) throw new Negative({ value: n })
      return String(n)
    },
    { signature: ToText },
  )
  all.server.rpc('/join', (a, b, c) => [a, String(b), String(c)], { signature: Join })
  all.server.rpc('/test', async (test) => test, { signature: Echo })
  all.server.rpc('/none', () => undefined, { signature: signature([]) })
  return all
}

for (const codec of codecs) {
  t.test(`AM-14 ${codec.name}: a function is registered with its types`, async (t) => {
    await using all = await serving(codec)
    const { client, address } = all
    const join = client.remote(address, '/join', { signature: Join })
    t.strictSame(await join('a'), ['a', 'undefined', '3'])
    t.strictSame(await join('a', undefined, 4n), ['a', 'undefined', '4'])
    t.strictSame(await join('a', 'b', 5n), ['a', 'b', '5'])
    t.equal(await client.remote(address, '/none', { signature: signature([]) })(), undefined)
  })

  t.test(`AM-09 ${codec.name}: a handle has a typed signature`, async (t) => {
    await using all = await serving(codec)
    const toText = all.client.remote(all.address, '/to_string', { signature: ToText })
    const answer: string = await toText(123)
    t.equal(answer, '123')
    t.equal(await toText.with({ timeoutMs: 1000 })(7), '7')
    t.equal(await toText.enabled(), true)
    // @ts-expect-error a text is no number
    await t.rejects(toText('7'), {
      code: 'invalid_argument',
      reason: 'bad_payload',
      executed: 'no',
      message: /value\[0\]/,
    })
    // @ts-expect-error one argument is missing
    await t.rejects(toText(), { code: 'invalid_argument', executed: 'no', message: /value\[0\]/ })
    // @ts-expect-error one argument is too many
    await t.rejects(toText(1, 2), { code: 'invalid_argument', executed: 'no', message: /value\[1\]/ })
    const thrown = await toText(-1).catch((error: unknown) => error)
    t.ok(thrown instanceof Negative)
    t.match(thrown, { value: -1, cause: { code: 'out_of_range', reason: 'declared' } })
  })

  t.test(`AM-37 AM-38 ${codec.name}: structs, structs in them and enumerations travel`, async (t) => {
    await using all = await serving(codec)
    const sent = { i: 1, color: Color.values.green, inner: { bin: new Uint8Array([0, 255]) } }
    t.strictSame(await all.client.remote(all.address, '/test', { signature: Echo })(sent), sent)
  })
}

t.test('AM-09 in the same process, too', async (t) => {
  const server = createServer({ codecs: [json()] })
  server.rpc('/to_string', (n) => String(n), { signature: ToText })
  using calls = callsThrough(server.handler, { codecs: [json()] })
  t.equal(await calls.remote('/to_string', { signature: ToText })(5), '5')
  await server.close()
})

t.test('AM-37 AM-38 AM-41 AM-42 callers without types see maps, ints and base64', async (t) => {
  for (const [codec, test] of [
    [json({ enums: 'numbers' }), { i: 1, color: 2, inner: { bin: 'AP8=' } }],
    [msgpack({ keys: 'names' }), { i: 1, color: 2, inner: { bin: new Uint8Array([0, 255]) } }],
  ] as const) {
    await using all = await serving(codec)
    const untyped = all.client.remote(all.address, '/test')
    t.strictSame(await untyped(test), test, codec.name)
  }
  await using all = await serving(json())
  t.strictSame(await all.client.remote(all.address, '/join')('a'), ['a', 'undefined', '3'])
  t.equal(await all.client.remote(all.address, '/none')(), undefined)
})

t.test('AM-42 bytes in the arguments of JSON are base64 by their type, and text is text', async (t) => {
  const seen: unknown[] = []
  const server = createServer({ codecs: [json()] })
  const types = signature([bytes, string, list(bytes)], bytes)
  server.rpc(
    '/bytes',
    (one, text, more) => {
      seen.push(one, text, ...more)
      return one
    },
    { signature: types },
  )
  using calls = callsThrough(server.handler, { codecs: [json()] })
  const untyped = calls.remote('/bytes')
  t.equal(await untyped('AP8=', 'AP8=', ['AQ==']), 'AP8=')
  t.strictSame(seen, [new Uint8Array([0, 255]), 'AP8=', new Uint8Array([1])])
  await t.rejects(untyped('no base64!', '', []), {
    code: 'invalid_argument',
    reason: 'bad_payload',
    message: /Base64/,
  })
  const typed = calls.remote('/bytes', { signature: types })
  t.strictSame(await typed(new Uint8Array([7]), '', []), new Uint8Array([7]))
  await server.close()
})

t.test('arguments that are not there are refused by their places, unread by the handler', async (t) => {
  for (const codec of [json(), msgpack()]) {
    await using all = await serving(codec)
    const { client, address } = all
    const refused = (args: unknown[], message: RegExp) =>
      t.rejects(client.remote(address, '/join')(...args), {
        code: 'invalid_argument',
        reason: 'bad_payload',
        executed: 'no',
        message,
      })
    await refused([], /value\[0\] is missing/)
    await refused(['a', 'b', 3, 4], /value\[3\] is one too many/)
    await refused([null], /value\[0\]/)
    await refused(['a', 5], /value\[1\]/)
    t.strictSame(await client.remote(address, '/join')('a', null, 4), ['a', 'undefined', '4'])
  }
})

t.test('a result that is not of its type is the fault of the handler', async (t) => {
  await using all = await stack()
  all.server.rpc('/bad', () => 'text' as never, { signature: signature([], i32) })
  await t.rejects(all.client.remote(all.address, '/bad')(), { code: 'internal', executed: 'yes' })
})

t.test('the types of a function say how plain HTTP carries it', async (t) => {
  await using all = await stack()
  const { server } = all
  const form = (path: string) => server.directory.get(path)?.form
  server.rpc('/text', (text) => text, { signature: signature([string], string) })
  server.rpc('/bytes', (data) => data, { signature: signature([bytes], bytes) })
  server.rpc('/values', (n) => n, { signature: signature([double], double) })
  server.rpc('/mine', (text) => text, { signature: signature([string], string), form: 'values' })
  server.rpc('/untyped', (text: string) => text)
  t.strictSame(['/text', '/bytes', '/values', '/mine', '/untyped'].map(form), [
    'text',
    'bytes',
    'values',
    'values',
    'values',
  ])
})

t.test('the compiler holds handlers to their types', async (t) => {
  await using all = await stack()
  const { server, client, address } = all
  server.rpc('/fewer', () => 'fine', { signature: ToText })
  server.rpc('/later', async (n) => `${n}`, { signature: ToText })
  // @ts-expect-error a number is no text
  server.rpc('/number', (n) => n, { signature: ToText })
  // @ts-expect-error nor is its parameter one
  server.rpc('/text', (n: string) => n, { signature: ToText })
  const call = (path: string) => client.remote(address, path, { signature: ToText })(7)
  t.equal(await call('/fewer'), 'fine')
  t.equal(await call('/later'), '7')
  await t.rejects(call('/number'), { code: 'internal' })
})

t.test('a function and its options are held to their types, each where it is wrong', async (t) => {
  await using all = await stack()
  const { server } = all
  const options = { signature: ToText, safe: true }
  server.rpc('/from-variable', (n) => n.toFixed(2), options)
  // @ts-expect-error a number is not what it takes
  server.rpc('/text', (text: string) => text, { signature: ToText })
  // @ts-expect-error nor what it returns
  server.rpc('/number', (n) => n, { signature: ToText })
  server.rpc('/form', (text: string) => text, {
    // @ts-expect-error there is no such form
    form: 'txt',
  })
  server.rpc('/unknown', (text: string) => text, {
    // @ts-expect-error nor such an option
    save: true,
  })
  const call = all.client.remote(all.address, '/from-variable', { signature: ToText })
  t.equal(await call(1), '1.00')
})

t.test('types that are no signature, and codecs without a layout, are refused at once', async (t) => {
  await using all = await stack()
  const types = { signature: unary(i32, i32) as never }
  t.throws(() => all.server.rpc('/x', () => 1, types), { name: 'TypeError', message: /\/x are no signature/ })
  t.throws(() => all.client.remote(all.address, '/x', types), { name: 'TypeError', message: /no signature/ })
  const server = createServer({ codecs: [raw()] })
  t.throws(() => server.rpc('/x', (data) => data, { signature: signature([bytes], bytes) }), {
    name: 'TypeError',
    message: /raw codec carries bytes, not tuple/,
  })
})

t.test('arguments of a function that declares text are laid out as an array by its own calls', async (t) => {
  const server = createServer({ codecs: [json()] })
  server.rpc('/text', (text) => text.toUpperCase(), { signature: signature([string], string) })
  const sent: string[] = []
  using calls = callsThrough(
    (call) => {
      sent.push(utf8.decode(call.input as Uint8Array))
      return server.handler(call)
    },
    { codecs: [json()] },
  )
  t.equal(await calls.remote('/text', { signature: signature([string], string) })('a'), 'A')
  t.strictSame(sent, ['["a"]'])
  await server.close()
})

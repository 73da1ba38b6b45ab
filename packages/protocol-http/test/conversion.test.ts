import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { bytes, enumeration, field, i32, service, string, struct, unary } from '@hawser/schema'
import t, { type Test } from 'tap'
import { ask, type World, world } from './support/world.js'

harness(t)

const packed = msgpack()
const pack = (value: unknown) => packed.encode(value)
const text = (value: string) => new TextEncoder().encode(value)
const types = {
  json: 'application/json',
  msgpack: 'application/x-msgpack',
  text: 'text/plain',
  bin: 'application/octet-stream',
} as const
type Form = keyof typeof types

/** One cell: what is sent as what, and the bytes that come back, or the status. */
type Cell = readonly [from: Form, body: Uint8Array, to: Form, back: Uint8Array | number]

async function check(t: Test, { origin }: World, path: string, cells: readonly Cell[]): Promise<void> {
  for (const [from, body, to, back] of cells) {
    const name = `${path} ${from} -> ${to}`
    const answer = await ask(origin + path, {
      method: 'POST',
      body: body as Uint8Array<ArrayBuffer>,
      headers: { 'content-type': types[from], accept: types[to], connection: 'close' },
    })
    if (typeof back === 'number') {
      t.equal(answer.status, back, name)
      t.equal(answer.type, 'application/json', name)
    } else {
      t.equal(answer.status, 200, `${name}: ${answer.text}`)
      t.same(answer.bytes, new Uint8Array(back), name)
      t.equal(answer.type?.split(';')[0], types[to], name)
    }
  }
}

const point = { x: 1, y: 'ü' }
const args = [point, [true, null, 2.5]]
const asJson = text(JSON.stringify(args))

async function methods(t: Test, profile: 'default' | 'amrpc'): Promise<World> {
  const made = await world(t, { http: { profile } })
  const { server } = made
  server.rpc('/values', (...values: unknown[]) => values)
  server.rpc('/text', (value: string) => value, { form: 'text' })
  server.rpc('/bytes', (value: Uint8Array) => value, { form: 'bytes' })
  return made
}

t.test('AM-41 AM-43 AM-44 AM-45 AM-46 values, in the default profile', async (t) => {
  const made = await methods(t, 'default')
  await check(t, made, '/values', [
    ['json', asJson, 'json', asJson],
    ['json', asJson, 'text', asJson],
    ['json', asJson, 'msgpack', pack(args)],
    ['json', asJson, 'bin', pack(args)],
    ['text', asJson, 'json', asJson],
    ['text', asJson, 'text', asJson],
    ['text', asJson, 'msgpack', pack(args)],
    ['text', asJson, 'bin', pack(args)],
    ['msgpack', pack(args), 'json', asJson],
    ['msgpack', pack(args), 'text', asJson],
    ['msgpack', pack(args), 'msgpack', pack(args)],
    ['msgpack', pack(args), 'bin', pack(args)],
    ['bin', pack(args), 'json', 415],
    ['bin', pack(args), 'text', 415],
    ['bin', pack(args), 'msgpack', 415],
    ['bin', pack(args), 'bin', 415],
  ])
})

t.test('AM-43 AM-44 AM-45 AM-46 text, in the default profile', async (t) => {
  const made = await methods(t, 'default')
  const [json, packet] = [text('["hü"]'), pack(['hü'])]
  await check(t, made, '/text', [
    ['json', json, 'json', text('"hü"')],
    ['json', json, 'text', text('"hü"')],
    ['json', json, 'msgpack', pack('hü')],
    ['json', json, 'bin', text('hü')],
    ['text', json, 'json', text('"hü"')],
    ['text', json, 'text', text('"hü"')],
    ['text', json, 'msgpack', pack('hü')],
    ['text', json, 'bin', text('hü')],
    ['msgpack', packet, 'json', text('"hü"')],
    ['msgpack', packet, 'text', text('"hü"')],
    ['msgpack', packet, 'msgpack', pack('hü')],
    ['msgpack', packet, 'bin', text('hü')],
    ['bin', text('hü'), 'json', 415],
    ['bin', text('hü'), 'text', 415],
    ['bin', text('hü'), 'msgpack', 415],
    ['bin', text('hü'), 'bin', 415],
  ])
})

const raw = Uint8Array.of(0, 255, 34, 10)

t.test('AM-36 AM-45 AM-46 bytes, in the default profile', async (t) => {
  const made = await methods(t, 'default')
  const packet = pack([raw])
  await check(t, made, '/bytes', [
    ['bin', raw, 'bin', raw],
    ['bin', raw, 'json', 406],
    ['bin', raw, 'text', 406],
    ['bin', raw, 'msgpack', 406],
    ['msgpack', packet, 'bin', raw],
    ['msgpack', packet, 'msgpack', pack(raw)],
    ['msgpack', packet, 'json', text('"AP8iCg=="')],
    ['msgpack', packet, 'text', text('"AP8iCg=="')],
    ['json', text('["AP8iCg=="]'), 'json', 415],
    ['json', text('["AP8iCg=="]'), 'text', 415],
    ['json', text('["AP8iCg=="]'), 'msgpack', 415],
    ['json', text('["AP8iCg=="]'), 'bin', 415],
    ['text', text('["AP8iCg=="]'), 'json', 415],
    ['text', text('["AP8iCg=="]'), 'text', 415],
    ['text', text('["AP8iCg=="]'), 'msgpack', 415],
    ['text', text('["AP8iCg=="]'), 'bin', 415],
  ])
})

t.test('AM-36 AM-41 AM-42 where the types say what is bytes, JSON has base64 for them', async (t) => {
  const Colour = enumeration('demo.Colour', { red: 1, blue: 2 })
  const Pixel = struct('demo.Pixel', {
    n: field(1, i32),
    bin: field(2, bytes),
    colour: field(3, Colour),
    name: field(4, string),
  })
  const Demo = service('demo.Demo', { same: unary(Pixel, Pixel), flip: unary(bytes, bytes) })
  const made = await world(t, { codecs: [json({ enums: 'numbers' }), msgpack()] })
  made.server.implement(Demo, { same: (pixel) => pixel, flip: (value) => value.toReversed() })
  const pixel = text('{"n":1,"bin":"AP8iCg==","colour":2,"name":"ü"}')
  await check(t, made, '/demo.Demo/same', [
    ['json', pixel, 'json', pixel],
    ['text', pixel, 'text', pixel],
  ])
  await check(t, made, '/demo.Demo/flip', [['json', text('"AP8="'), 'json', text('"/wA="')]])
})

t.test('AM-41 AM-43 AM-44 AM-45 AM-46 values, in the AMRPC profile', async (t) => {
  const made = await methods(t, 'amrpc')
  await check(t, made, '/values', [
    ['json', asJson, 'json', asJson],
    ['json', asJson, 'text', asJson],
    ['json', asJson, 'msgpack', pack(args)],
    ['json', asJson, 'bin', pack(args)],
    ['text', asJson, 'json', asJson],
    ['text', asJson, 'text', asJson],
    ['text', asJson, 'msgpack', pack(args)],
    ['text', asJson, 'bin', pack(args)],
    ['msgpack', pack(args), 'json', asJson],
    ['msgpack', pack(args), 'text', asJson],
    ['msgpack', pack(args), 'msgpack', pack(args)],
    ['msgpack', pack(args), 'bin', pack(args)],
    ['bin', pack(args), 'json', 500],
    ['bin', pack(args), 'text', 500],
    ['bin', pack(args), 'msgpack', 500],
    ['bin', pack(args), 'bin', 500],
  ])
})

t.test('AM-43 AM-44 AM-45 AM-46 text is raw in the AMRPC profile', async (t) => {
  const made = await methods(t, 'amrpc')
  await check(t, made, '/text', [
    ['json', text('[1, "ü"]'), 'json', text('[1, "ü"]')],
    ['json', text('no JSON ü'), 'text', text('no JSON ü')],
    ['json', text('[1,"ü"]'), 'msgpack', pack([1, 'ü'])],
    ['json', text('no JSON'), 'msgpack', 500],
    ['json', text('raw'), 'bin', text('raw')],
    ['text', text('raw'), 'json', text('raw')],
    ['text', text('raw'), 'text', text('raw')],
    ['text', text('{"a":1}'), 'msgpack', pack({ a: 1 })],
    ['text', text('raw'), 'bin', text('raw')],
    ['text', Uint8Array.of(0xff), 'text', 500],
    ['msgpack', pack([1, 'ü']), 'json', text('[1,"ü"]')],
    ['msgpack', pack([1, 'ü']), 'text', text('[1,"ü"]')],
    ['msgpack', pack([1, 'ü']), 'msgpack', pack([1, 'ü'])],
    ['msgpack', pack([1, 'ü']), 'bin', text('[1,"ü"]')],
    ['bin', text('raw'), 'json', 500],
    ['bin', text('raw'), 'text', 500],
    ['bin', text('raw'), 'msgpack', 500],
    ['bin', text('raw'), 'bin', 500],
  ])
})

t.test('AM-36 AM-45 AM-46 bytes are raw in the AMRPC profile', async (t) => {
  const made = await methods(t, 'amrpc')
  await check(t, made, '/bytes', [
    ['bin', raw, 'bin', raw],
    ['json', text('["x"]'), 'bin', text('["x"]')],
    ['text', text('x'), 'bin', text('x')],
    ['msgpack', pack([1]), 'bin', pack([1])],
    ...(['bin', 'json', 'text', 'msgpack'] as const).flatMap((from) =>
      (['json', 'text', 'msgpack'] as const).map((to): Cell => [from, raw, to, 500]),
    ),
  ])
})

t.test('AM-46 what cannot be converted is refused before anything is run', async (t) => {
  for (const profile of ['default', 'amrpc'] as const) {
    const { server, origin } = await world(t, { http: { profile } })
    let calls = 0
    server.rpc('/bytes', () => ++calls, { form: 'bytes' })
    server.rpc('/values', () => ++calls)
    const init = (accept: string) => ({
      method: 'POST',
      body: 'x',
      headers: { 'content-type': types.bin, accept, connection: 'close' },
    })
    for (const to of [types.json, types.text, types.msgpack]) {
      const refused = await ask(`${origin}/bytes`, init(to))
      t.equal(refused.status, profile === 'amrpc' ? 500 : 406)
      t.match(JSON.parse(refused.text), { executed: 'no' })
      if (profile === 'amrpc')
        t.match(refused.phrase, /^bin -> (text|msgpack) error: Data cannot be converted$/)
    }
    t.equal((await ask(`${origin}/values`, init(types.bin))).status, profile === 'amrpc' ? 500 : 415)
    t.equal(calls, 0)
  }
})

t.test(
  'AM-49 AM-50 in the AMRPC profile a reply repeats what was accepted, and what is unknown is bytes',
  async (t) => {
    const { origin } = await methods(t, 'amrpc')
    const init = (accept: string | undefined) => ({
      method: 'POST',
      body: pack([1]) as Uint8Array<ArrayBuffer>,
      headers: {
        'content-type': types.msgpack,
        connection: 'close',
        ...(accept !== undefined && { accept }),
      },
    })
    for (const accept of ['x/y', 'text/html,*/*;q=0.8', '*/*']) {
      const answer = await ask(`${origin}/values`, init(accept))
      t.equal(answer.type, accept)
      t.equal(answer.headers.get('x-content-type-options'), 'nosniff')
      t.same(answer.bytes, new Uint8Array(pack([1])))
    }
    const html = await ask(`${origin}/values`, init('text/html'))
    t.match(html.headers.get('content-security-policy'), /sandbox/)
  },
)

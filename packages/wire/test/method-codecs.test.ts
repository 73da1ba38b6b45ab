import type { Codec, StandardSchema, Type } from '@hawser/contract'
import t from 'tap'
import { MethodLayout } from '../src/index.js'

const input: Type = { kind: 'string' }
const output: Type = { kind: 'i32' }

function codec(name: string, asked?: Type[]): Codec {
  const plain: Codec = { name, contentType: name, encode: () => new Uint8Array(1), decode: () => name }
  if (!asked) return plain
  return {
    ...plain,
    typed<T, W>(type: Type<T, W>): Codec<T, W> {
      asked.push(type)
      return { name, contentType: type.kind, encode: () => new Uint8Array(1), decode: () => undefined as T }
    },
  }
}

t.test('the values of a method are in the codecs of their types, asked for once', async (t) => {
  const asked: Type[] = []
  const [one, other] = [codec('one', asked), codec('other', asked)]
  const layout = new MethodLayout({ input, output })
  const first = layout.of(one)
  t.match(first, {
    plain: one,
    input: { contentType: 'string' },
    output: { contentType: 'i32' },
    errors: one,
  })
  t.equal(layout.of(other).plain, other)
  t.equal(layout.of(one), first)
  t.same(asked, [input, output, input, output])
})

t.test('a codec without types lays values out by what they are', async (t) => {
  const plain = codec('plain')
  const codecs = new MethodLayout({ input, output }).of(plain)
  t.same([codecs.input, codecs.output, codecs.errors], [plain, plain, plain])
})

t.test('a validator gives no layout', async (t) => {
  const asked: Type[] = []
  const one = codec('one', asked)
  const validator: StandardSchema & { kind: string } = {
    kind: 'schema',
    '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
  }
  t.equal(new MethodLayout({ input: validator }).of(one).input, one)
  t.same(asked, [])
})

t.test('a type that a codec cannot lay out is refused when it is asked for', async (t) => {
  const refusing: Codec = {
    ...codec('refusing'),
    typed: () => {
      throw new TypeError('no layout')
    },
  }
  const layout = new MethodLayout({ output })
  t.throws(() => layout.of(refusing), new TypeError('no layout'))
  t.notOk(layout.fits(refusing))
  t.ok(layout.fits(codec('plain')))
  t.ok(new MethodLayout({}).fits(refusing), 'where it has nothing to lay out, it fits')
})

t.test('a codec that needs types has no layout where there are none', async (t) => {
  const needy: Codec = { ...codec('needy', []), needsType: true }
  const validator: StandardSchema = {
    '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
  }
  t.notOk(new MethodLayout().fits(needy))
  t.notOk(new MethodLayout({ input: validator, output }).fits(needy))
  t.ok(new MethodLayout({ input, output }).fits(needy))
  t.ok(new MethodLayout({}).fits(needy), 'nothing in and nothing out is described')
})

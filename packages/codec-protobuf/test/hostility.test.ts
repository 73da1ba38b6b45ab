import { heapGrowth } from '@hawser/compliance/harness'
import {
  double,
  field,
  i32,
  lazy,
  list,
  map,
  optional,
  type StructType,
  string,
  struct,
} from '@hawser/schema'
import t from 'tap'
import { protobuf } from '../src/index.js'
import { throwsTyped } from './support/throws.js'

interface Tree {
  next?: Tree | undefined
  many: Tree[]
}
interface TreeInput {
  readonly next?: TreeInput | undefined
  readonly many: readonly TreeInput[]
}
const Tree: StructType<Tree, TreeInput> = struct('x.Tree', {
  next: field(1, optional(lazy(() => Tree))),
  many: field(2, list(lazy(() => Tree))),
})
const from = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')

function nested(depth: number, tag = 0x0a): Uint8Array {
  let bytes = Buffer.alloc(0)
  for (let i = 1; i < depth; i++) {
    const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7]
    bytes = Buffer.concat([Buffer.from([tag, ...length]), bytes])
  }
  return bytes
}

for (const compile of [true, false]) {
  const codec = protobuf({ compile })
  const how = compile ? 'compiled' : 'interpreted'
  // Functions are generated for what is used much.
  const rounds = compile ? 60 : 1

  t.test(`${how}: depth is bounded, of groups in unknown fields too`, async (t) => {
    for (let round = 0; round < rounds; round++) {
      codec.typed(Tree).decode(nested(64))
      throwsTyped(t, () => codec.typed(Tree).decode(nested(65)), 'too_deep', 'messages')
      throwsTyped(t, () => codec.typed(Tree).decode(nested(40, 0x12)), 'too_deep', 'lists count too')
    }
    const groups = (depth: number): Uint8Array => from('a306'.repeat(depth) + 'a406'.repeat(depth))
    codec.typed(Tree).decode(groups(63))
    throwsTyped(t, () => codec.typed(Tree).decode(groups(64)), 'too_deep', 'groups')
    throwsTyped(
      t,
      () => codec.typed(Tree).decode(from('a306'.repeat(1_000_000))),
      'too_deep',
      'a million of them',
    )
    const most = protobuf({ compile, limits: { depth: 512 } }).typed(Tree)
    most.decode(nested(512))
    throwsTyped(t, () => most.decode(nested(513)), 'too_deep', 'at the ceiling')
  })

  t.test(`${how}: few bytes do not become many values, nor much memory`, async (t) => {
    const layout = codec.typed(
      struct('x.Many', {
        trees: field(1, list(Tree)),
        numbers: field(2, list(double)),
        flags: field(3, list(i32)),
        by: field(4, map(string, Tree)),
      }),
    )
    const million = 1_000_000
    throwsTyped(t, () => layout.decode(from('0a00'.repeat(million))), 'too_deep', 'empty messages')
    throwsTyped(t, () => layout.decode(from('2200'.repeat(million))), 'too_deep', 'empty entries')
    throwsTyped(
      t,
      () => layout.decode(Buffer.concat([from('1ac0843d'), Buffer.alloc(million, 1)])),
      'too_deep',
      'a packed list',
    )
    throwsTyped(t, () => layout.decode(from('1801'.repeat(million))), 'too_deep', 'a list that is not packed')
    const declared = [
      '12ffffffff07',
      '12f8ffffff0f',
      '0affffffff07',
      '1affffffffffffffffff01',
      '22ffffffff0f',
    ]
    for (const text of declared)
      throwsTyped(t, () => layout.decode(from(text)), 'bad_payload', 'a length without bytes')
    const growth = await heapGrowth(async () => {
      for (let i = 0; i < 200; i++) for (const text of declared) t.throws(() => layout.decode(from(text)))
    })
    t.ok(growth < 20_000_000, `${growth} bytes`)
  })

  t.test(`${how}: the keys of maps are no properties`, async (t) => {
    const layout = codec.typed(map(string, i32))
    const read = layout.decode(
      layout.encode(
        new Map([
          ['__proto__', 1],
          ['constructor', 2],
        ]),
      ),
    )
    t.strictSame(
      [...read],
      [
        ['__proto__', 1],
        ['constructor', 2],
      ],
    )
    t.equal(Object.getPrototypeOf(read), Map.prototype)
    t.equal(({} as { polluted?: unknown }).polluted, undefined)
  })

  t.test(`${how}: a message that begins over and over takes the time of its bytes`, async (t) => {
    const Outer = struct('x.Outer', { tree: field(1, optional(Tree)) })
    const parts = Buffer.from('0a021200'.repeat(50_000), 'hex')
    const started = performance.now()
    t.equal(codec.typed(Outer).decode(parts).tree?.many.length, 50_000)
    t.ok(performance.now() - started < 2000)
  })

  t.test(`${how}: unknown fields are dropped, whatever they hold`, async (t) => {
    const layout = codec.typed(struct('x.One', { a: field(1, i32) }))
    const unknown = 'a0060a a9060102030405060708 b20603ff80ff bd0601020304 a306 ab06 0801 ac06 a406'
    for (let round = 0; round < rounds; round++)
      t.strictSame(layout.decode(from(`${unknown} 0801 ${unknown}`)), { a: 1 })
    throwsTyped(t, () => layout.decode(from('0801 a0068080')), 'bad_payload', 'cut')
    throwsTyped(
      t,
      () => layout.decode(from(`0801 a006 ${'80'.repeat(10)}01`)),
      'bad_payload',
      'too long a varint',
    )
  })
}

t.test('without functions from text all works, as pages demand that forbid them', async (t) => {
  const { Function: made } = globalThis
  const forbidden = () => {
    throw new EvalError('forbidden')
  }
  globalThis.Function = forbidden as never
  try {
    const layout = protobuf().typed(Tree)
    for (let i = 0; i < 100; i++)
      t.strictSame(layout.decode(layout.encode({ next: { many: [] }, many: [] })), {
        next: { many: [] },
        many: [],
      })
  } finally {
    globalThis.Function = made
  }
})

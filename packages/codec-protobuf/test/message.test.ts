import {
  bytes,
  enumeration,
  field,
  float,
  i8,
  i32,
  i64,
  list,
  map,
  optional,
  safeI64,
  set,
  string,
  struct,
  union,
  uuid,
  withDefault,
} from '@hawser/schema'
import t from 'tap'
import { closed, expanded, message, protobuf } from '../src/index.js'
import { throwsTyped } from './support/throws.js'

const codec = protobuf()
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const from = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')

t.test('what carries a value by itself is a message with it as field 1', async (t) => {
  t.equal(hex(codec.typed(string).encode('a')), '0a0161')
  t.equal(hex(codec.typed(i64).encode(0n)), '', 'as the wrappers of google.protobuf have it')
  t.equal(codec.typed(i64).decode(from('')), 0n)
  t.equal(hex(codec.typed(list(i32)).encode([1, 2])), '0a020102')
  t.equal(hex(codec.typed(list(list(i32))).encode([[1], []])), '0a030a01010a00')
  t.equal(
    hex(codec.typed(map(string, list(i32))).encode(new Map([['a', [1]]]))),
    '0a08 0a0161 1203 0a0101'.replaceAll(' ', ''),
  )
  throwsTyped(t, () => codec.typed(uuid).decode(from('')), 'bad_payload', 'a UUID has no zero')
})

t.test('a list is repeated where none and an empty one are the same, and else a message', async (t) => {
  const Lists = struct('x.Lists', {
    required: field(1, list(i32)),
    empty: field(
      2,
      withDefault(list(i32), () => []),
    ),
    optional: field(3, optional(list(i32))),
    filled: field(
      4,
      withDefault(list(i32), () => [7]),
    ),
  })
  const layout = codec.typed(Lists)
  t.equal(hex(layout.encode({ required: [1] })), '0a0101')
  t.strictSame(layout.decode(from('')), { required: [], empty: [], filled: [7] })
  t.equal(hex(layout.encode({ required: [], empty: [], optional: [], filled: [] })), '1a002200')
  t.strictSame(layout.decode(from('1a002200')), { required: [], empty: [], optional: [], filled: [] })
  throwsTyped(t, () => layout.encode({} as never), 'bad_payload', 'required of who writes')
})

t.test('a union is a message with a oneof, of which the last member counts', async (t) => {
  const Shape = union('x.Shape', {
    circle: field(1, i32),
    square: field(2, struct('x.S', { a: field(1, i32) })),
    many: field(3, list(i32)),
  })
  const layout = codec.typed(Shape)
  t.equal(hex(layout.encode({ circle: 0 })), '0800')
  t.strictSame(layout.decode(from('0800 12020801 0805')), { circle: 5 })
  t.strictSame(layout.decode(from('0800 12020801')), { square: { a: 1 } })
  t.strictSame(layout.decode(from('1a030a0101 1a030a0102')), { many: [1, 2] }, 'parts of one member')
  throwsTyped(t, () => layout.decode(from('')), 'bad_payload', 'without a member')
  throwsTyped(t, () => layout.decode(from('2001')), 'bad_payload', 'with an unknown member')
})

t.test('a oneof: one member may be set, the last one read counts', async (t) => {
  const Choice = message(
    'x.Choice',
    { a: field(1, optional(i32)), b: field(2, optional(string)), c: field(3, optional(i32)) },
    { oneofs: [['a', 'b']] },
  )
  const layout = codec.typed(Choice)
  t.strictSame(layout.decode(from('0801 120162 1803')), { b: 'b', c: 3 })
  const error = throwsTyped(t, () => layout.encode({ a: 1, b: 'x' }), 'bad_payload', 'both')
  t.match(error?.message, /\ba\b.*\bb\b/)
  t.throws(() => message('x.Bad', { a: field(1, i32) }, { oneofs: [['a']] }), { name: 'TypeError' })
  t.throws(() => message('x.Bad', { a: field(1, optional(i32)) }, { oneofs: [['z']] }), { name: 'TypeError' })
})

t.test('a message in parts is one, and lacks only what no part has', async (t) => {
  const Inner = struct('x.Inner', { a: field(1, i32), b: field(2, i32), list: field(3, list(i32)) })
  const layout = codec.typed(struct('x.Outer', { inner: field(1, Inner) }))
  t.strictSame(layout.decode(from('0a020801 0a021002 0a031a0101 0a031a0102')), {
    inner: { a: 1, b: 2, list: [1, 2] },
  })
  const error = throwsTyped(t, () => layout.decode(from('0a020801 0a020802')), 'bad_payload', 'b')
  t.match(error?.message, /x\.Inner lacks the field b/)
})

t.test(
  'what another member of a oneof, or another entry, took the place of may lack what it likes',
  async (t) => {
    const Part = struct('x.Part', { a: field(1, i32), b: field(2, i32) })
    const Either = message(
      'x.Either',
      { part: field(1, optional(Part)), other: field(2, optional(i32)), parts: field(3, map(i32, Part)) },
      { oneofs: [['part', 'other']] },
    )
    const layout = codec.typed(Either)
    for (let times = 0; times < 60; times++) {
      t.strictSame(layout.decode(from('0a020801 1005')), { other: 5, parts: new Map() })
      const twice = layout.decode(from('1a06 0801 12020801 1a08 0801 120408021003'))
      t.strictSame(twice, { parts: new Map([[1, { a: 2, b: 3 }]]) })
      throwsTyped(t, () => layout.decode(from('1005 0a020801')), 'bad_payload', 'the last member')
      throwsTyped(t, () => layout.decode(from('1a06 0801 12020801')), 'bad_payload', 'the last entry')
    }
  },
)

t.test('an entry is a message: what it holds in parts is one, too', async (t) => {
  const Part = struct('x.Part', { a: field(1, i32), b: field(2, i32) })
  const Parts = struct('x.Map', { parts: field(1, map(i32, Part)) })
  const { parts } = codec.typed(Parts).decode(from('0a0a 0801 12020801 12021002'))
  t.strictSame(parts, new Map([[1, { a: 1, b: 2 }]]))
})

t.test('the same bytes mean the same to generated functions', async (t) => {
  const Inner = struct('x.Inner', { a: field(1, i32), b: field(2, withDefault(i32, 4)) })
  const Many = message(
    'x.Many',
    Object.fromEntries([
      ...Array.from({ length: 40 }, (_, i) => [`r${i}`, field(i + 1, i32)] as const),
      ['inner', field(300, optional(Inner))] as const,
      ['toString', field(301, optional(string))] as const,
      ['x', field(302, optional(i32))] as const,
      ['y', field(303, optional(i32))] as const,
      [
        'blob',
        field(
          304,
          withDefault(bytes, () => Uint8Array.of(1)),
        ),
      ] as const,
    ]),
    { oneofs: [['x', 'y']] },
  )
  const value = {
    ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`r${i}`, i - 3])),
    inner: { a: 1 },
    toString: 't',
    y: 0,
  }
  const interpreted = protobuf({ compile: false }).typed(Many)
  const layout = codec.typed(Many)
  const whole = interpreted.encode(value as never)
  const twice = Buffer.concat([whole, from('f01205'), whole.subarray(0, 11)])
  for (let round = 0; round < 100; round++) {
    t.equal(hex(layout.encode(value as never)), hex(whole))
    for (const each of [whole, twice]) t.strictSame(layout.decode(each), interpreted.decode(each))
    throwsTyped(t, () => layout.decode(whole.subarray(11)), 'bad_payload', 'more required fields than bits')
    throwsTyped(t, () => layout.encode({} as never), 'bad_payload', 'nothing')
  }
  const [one, two] = [layout.decode(whole), layout.decode(whole)] as { blob: Uint8Array }[]
  t.not(one?.blob, two?.blob, 'a default that can be written to is made for each')
})

t.test('a number that a closed enumeration has not is an unknown field', async (t) => {
  const Colour = enumeration('x.Colour', { red: 1, green: 2 })
  const Some = struct('x.Some', {
    one: field(1, optional(closed(Colour))),
    many: field(2, expanded(list(closed(Colour)))),
    by: field(3, map(string, closed(Colour))),
  })
  const layout = codec.typed(Some)
  for (let round = 0; round < 100; round++)
    t.strictSame(
      layout.decode(
        from(
          '0802 0805 1001 1005 12020502 1a0501610a1005 1a050a01621001'.replace(
            '1a0501610a1005',
            '1a050a01611005',
          ),
        ),
      ),
      {
        one: 2,
        many: [1, 2],
        by: new Map([['b', 1]]),
      },
    )
  throwsTyped(t, () => layout.encode({ one: 5 as never, many: [], by: new Map() }), 'bad_payload', 'unknown')
  t.equal(hex(layout.encode({ many: [1, 2], by: new Map() })), '10011002', 'written one by one')
  const open = codec.typed(struct('x.Open', { one: field(1, optional(Colour)) }))
  t.strictSame(open.decode(from('0805')), { one: 5 })
})

t.test('what is out of range is refused, not rounded', async (t) => {
  const layout = codec.typed(
    struct('x.R', {
      small: field(1, optional(i8)),
      safe: field(2, optional(safeI64)),
      single: field(3, optional(float)),
    }),
  )
  throwsTyped(t, () => layout.decode(from('088001')), 'bad_payload', '128 as i8')
  throwsTyped(t, () => layout.decode(from('1080808080808080 10')), 'bad_payload', '2^53 as a number')
  throwsTyped(t, () => layout.encode({ single: 1e300 }), 'bad_payload', 'past a float')
  t.strictSame(layout.decode(layout.encode({ safe: Number.MIN_SAFE_INTEGER })), {
    safe: Number.MIN_SAFE_INTEGER,
  })
})

t.test('sets are lists, each element once', async (t) => {
  const layout = codec.typed(set(i32))
  t.equal(hex(layout.encode(new Set([1, 2]))), '0a020102')
  t.strictSame(layout.decode(from('0a03010201 0802')), new Set([1, 2]))
})

t.test('names and types that are none are mistakes of the caller', async (t) => {
  for (const depth of [-1, 513]) t.throws(() => protobuf({ limits: { depth } }), { name: 'TypeError' })
  for (const headroom of [-1, 0.5])
    t.throws(() => codec.typed(i32).encode(1, headroom), { name: 'TypeError' })
})

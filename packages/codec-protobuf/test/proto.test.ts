import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StructType } from '@hawser/schema'
import t from 'tap'
import { protobuf } from '../src/index.js'
import { load } from '../src/node.js'
import { parse } from '../src/proto.js'
import { fixtures } from './support/python.js'

const refused = { name: 'TypeError' }

function fieldsOf(source: string, name = 'x.T', options = {}): readonly unknown[] {
  const type = parse(source, options).types[name] as StructType
  return type.fields.map(({ key, id, presence, fallback }) => [
    key,
    id,
    presence,
    ...(fallback ? [fallback()] : []),
  ])
}

t.test('proto3: fields are always there, but for messages, oneofs and what is optional', async (t) => {
  const source = `syntax = "proto3"; package x; message T {
    int32 one_two = 1; optional int32 b = 2; T c = 3; repeated T d = 4; map<string, T> e = 5; oneof o { int32 f = 6; T g = 7; }
    E h = 8; bytes i = 9; enum E { A = 0; } }`
  t.strictSame(fieldsOf(source), [
    ['oneTwo', 1, 'default', 0],
    ['b', 2, 'optional'],
    ['c', 3, 'optional'],
    ['d', 4, 'default', []],
    ['e', 5, 'default', new Map()],
    ['f', 6, 'optional'],
    ['g', 7, 'optional'],
    ['h', 8, 'default', 0],
    ['i', 9, 'default', new Uint8Array(0)],
  ])
  t.strictSame(fieldsOf(source, 'x.T', { keepCase: true })[0], ['one_two', 1, 'default', 0])
})

t.test('proto2: required, optional and defaults, exact ones too', async (t) => {
  const source = `syntax = "proto2"; package x; message T {
    required int32 a = 1; optional int64 b = 2 [default = -9223372036854775807, deprecated = true]; optional string c = 3 [default = 'x"y'];
    optional uint64 d = 4 [ default = 0xFFFFFFFFFFFFFFFE ]; optional E e = 5 [default = B]; optional float f = 6 [default = 0.1];
    optional double g = 7 [default = nan]; optional bool h = 8; enum E { A = 3; B = 4; } }`
  t.strictSame(fieldsOf(source), [
    ['a', 1, 'required'],
    ['b', 2, 'default', -9223372036854775807n],
    ['c', 3, 'default', 'x"y'],
    ['d', 4, 'default', 2n ** 64n - 2n],
    ['e', 5, 'default', 4],
    ['f', 6, 'default', Math.fround(0.1)],
    ['g', 7, 'default', Number.NaN],
    ['h', 8, 'optional'],
  ])
})

t.test('defaults are those of protoc: octal numbers, spaces and comments, escapes, UTF-8', async (t) => {
  const source = String.raw`syntax = "proto2"; package x; message T {
    optional int64 a = 1 [default = 0777777777777777777777]; optional int64 b = 2 [default = - /*1*/ 0x8000000000000000];
    optional double c = 3 [default = 12345678901234567890]; optional float d = 4 [default = -9007199254740993];
    optional string e = 5 [default = '\u20ac\U0001F600\ud83d\ude00 é\303\251\x41\?\\' /* ' */ "'\n" // "
      '"']; optional bytes f = 6 [default = "é\377\u20ac\0"]; optional int32 g = 7 [default = -010];
    optional string h = 8 [default = "default = 99999999999999999"]; optional double i = 9 [default = - inf]; }`
  t.strictSame(
    fieldsOf(source).map((each) => (each as unknown[])[3]),
    [
      2n ** 63n - 1n,
      -(2n ** 63n),
      12345678901234567000,
      -9007199254740992,
      '€😀😀 ééA?\\\'\n"',
      Uint8Array.of(0xc3, 0xa9, 0xff, 0xe2, 0x82, 0xac, 0),
      -8,
      'default = 99999999999999999',
      Number.NEGATIVE_INFINITY,
    ],
  )
})

t.test('editions: what is present is what the features say', async (t) => {
  const source = `edition = "2023"; package x; option features.field_presence = IMPLICIT; message T {
    int32 a = 1; int32 b = 2 [features.field_presence = EXPLICIT]; int32 c = 3 [features.field_presence = LEGACY_REQUIRED]; }`
  t.strictSame(
    fieldsOf(source).map((each) => (each as unknown[])[2]),
    ['default', 'optional', 'required'],
  )
})

t.test('keys are JSON names; two of one name are refused', async (t) => {
  const source = (fields: string): string => `syntax = "proto3"; package x; message T { ${fields} }`
  t.strictSame(
    fieldsOf(
      source('int32 a_1 = 1; int32 b = 2 [json_name = "other"]; int32 c_d = 3 [json_name = "@c"];'),
    ).map((each) => (each as unknown[])[0]),
    ['a1', 'other', 'cD'],
  )
  t.throws(() => parse(source('int32 a_b = 1; int32 aB = 2;')), refused)
  t.throws(() => parse(source('int32 __proto__ = 1;'), { keepCase: true }), refused)
  t.throws(() => parse(source('int32 constructor = 1;')), refused)
})

t.test('services are those of the schema package, with methods of all kinds', async (t) => {
  const { services } = load('three.proto', { root: fixtures })
  const methods = Object.entries(services['vectors.three.Search']?.methods ?? {})
  t.strictSame(
    methods.map(([name, { kind }]) => [name, kind]),
    [
      ['Find', 'unary'],
      ['Watch', 'server-stream'],
      ['Collect', 'client-stream'],
      ['Talk', 'duplex'],
    ],
  )
})

t.test('the types of google.protobuf are there, and options change nothing', async (t) => {
  const source = `syntax = "proto3"; package x; import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto";
    import "google/protobuf/descriptor.proto"; extend google.protobuf.FieldOptions { string mine = 50000; }
    message T { google.protobuf.Timestamp at = 1 [(mine) = "x"]; google.protobuf.Int64Value count = 2; }`
  const { types } = parse(source)
  const layout = protobuf().typed(types['x.T']!)
  const value = { at: { seconds: 1n, nanos: 2 }, count: { value: 0n } }
  t.strictSame(layout.decode(layout.encode(value)), value)
  t.strictSame(
    Object.keys(types).filter((name) => name.endsWith('Options')),
    [],
  )
})

t.test('a source that is none, or is too costly, is refused with its name', async (t) => {
  const sources: readonly (readonly [string, string])[] = [
    ['no proto', 'hello'],
    ['cut', 'message A {'],
    ['an unknown type', 'syntax = "proto3"; message A { B b = 1; }'],
    ['an id twice', 'syntax = "proto3"; message A { int32 a = 1; int32 b = 1; }'],
    ['an id of protobuf', 'syntax = "proto3"; message A { int32 a = 19000; }'],
    ['a name twice', 'message A {} message A {}'],
    ['a default of no enumeration', 'message A { optional E e = 1 [default = Z]; enum E { X = 1; } }'],
    ['deep nesting', 'message A {'.repeat(5000) + '}'.repeat(5000)],
    ['deep options', `option (a) = ${'{a:'.repeat(50_000)}`],
    ['parts of a name', `syntax = "proto3"; message A { ${'a . '.repeat(100_000)} b = 1; }`],
    [
      'very many fields',
      `syntax = "proto3"; message A { ${Array.from({ length: 40_000 }, (_, i) => `int32 a${i} = ${i + 20_000};`).join('')} }`,
    ],
    [
      'very many in oneofs',
      `syntax = "proto3"; message A { ${Array.from({ length: 3000 }, (_, i) => `oneof o${i} { int32 a${i} = ${i + 20_000}; }`).join('')} }`,
    ],
    ['more than 1 MiB', ' '.repeat(2 ** 20 + 1)],
    ['a quote', `message A { ${'"'.repeat(2 ** 19)}`],
    ['backslashes', `option a = "${'\\'.repeat(2 ** 19)}`],
    ['comments', `${'/*'.repeat(2 ** 19)}`],
  ]
  const started = performance.now()
  for (const [about, source] of sources)
    t.throws(
      () => parse(source, { name: 'mine.proto' }),
      { name: 'TypeError', message: /mine\.proto/ },
      about,
    )
  t.ok(performance.now() - started < 8000)
})

t.test('a chain of 5,000 types is no deeper for it', async (t) => {
  const chain = Array.from({ length: 5000 }, (_, i) => `message A${i} { A${(i + 1) % 5000} next = 1; }`)
  const { types } = parse(`syntax = "proto3"; package x; ${chain.join(' ')}`)
  const layout = protobuf().typed(types['x.A0']!)
  t.strictSame(layout.decode(layout.encode({ next: { next: {} } })), { next: { next: {} } })
})

t.test(
  'imports are paths below a root: they do not climb, turn in circles or go down for ever',
  async (t) => {
    const proto = (imported: string): string => `syntax = "proto3"; import "${imported}";`
    for (const path of [
      '../a.proto',
      '/etc/passwd',
      'a/../b.proto',
      'a//b.proto',
      './a.proto',
      'C:/a.proto',
      'a\\\\b.proto',
      'http://a/b.proto',
      '',
      'a\\000.proto',
      '~/a.proto',
    ])
      t.throws(
        () => parse(proto(path), { resolve: () => t.fail(`asked for ${path}`) as never }),
        refused,
        path,
      )
    t.throws(() => parse(proto('a.proto')), { message: /input\.proto imports a\.proto/ }, 'not there')
    const circle: Record<string, string> = { 'a.proto': proto('b.proto'), 'b.proto': proto('a.proto') }
    t.throws(() => parse(proto('a.proto'), { resolve: (path) => circle[path] }), { message: /in turn/ })
    const deep = (path: string): string => proto(`${Number.parseInt(path, 10) + 1}.proto`)
    t.throws(() => parse(deep('0'), { resolve: deep }), { message: /deep/ })
    const wide = Array.from({ length: 1100 }, (_, i) => `import "${i}.proto";`).join(' ')
    t.throws(() => parse(wide, { resolve: () => '' }), { message: /file/ })
    let asked = 0
    const twice = { 'a.proto': proto('c.proto'), 'b.proto': proto('c.proto') } as Record<string, string>
    parse('import "a.proto"; import "b.proto";', {
      resolve(path) {
        if (path === 'c.proto') asked++
        return twice[path] ?? 'message C {}'
      },
    })
    t.equal(asked, 1, 'each file once')
  },
)

t.test('files: only below the root, not by a link either', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-proto-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const root = join(folder, 'root')
  mkdirSync(join(root, 'sub'), { recursive: true })
  writeFileSync(join(folder, 'secret.proto'), 'message Secret {}')
  writeFileSync(
    join(root, 'main.proto'),
    'syntax = "proto3"; package x; import "sub/part.proto"; message T { Part part = 1; }',
  )
  writeFileSync(join(root, 'sub', 'part.proto'), 'syntax = "proto3"; package x; message Part {}')
  writeFileSync(join(root, 'large.proto'), ' '.repeat(2 ** 20 + 1))
  symlinkSync(join(folder, 'secret.proto'), join(root, 'link.proto'))
  writeFileSync(join(root, 'linking.proto'), 'import "link.proto";')
  t.strictSame(Object.keys(load('main.proto', { root }).types).sort(), ['x.Part', 'x.T'])
  t.strictSame(
    Object.keys(load(['main.proto', 'sub/part.proto', join(root, 'main.proto')], { root }).types).length,
    2,
  )
  for (const path of [
    '../secret.proto',
    join(folder, 'secret.proto'),
    'link.proto',
    'linking.proto',
    'large.proto',
    'sub',
    'nothing.proto',
    'a\0b',
  ])
    t.throws(() => load(path, { root }), refused, path)
})

import { readFileSync } from 'node:fs'
import { protobuf } from '@hawser/codec-protobuf'
import { generate, parse } from '@hawser/codec-protobuf/proto'
import { utf8 } from '../bytes.js'
import type { Random } from '../random.js'
import { label, type Outcome, type Target } from '../target.js'

const file = new URL('../../../docs/vectors/codec-protobuf.json', import.meta.url)
const { sources } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly sources: Readonly<Record<string, string>>
}

const words = [
  ...[
    'syntax = "proto3";',
    'edition = "2023";',
    'package a.b;',
    'import "two.proto";',
    'import "../x";',
    'message',
    'enum',
  ],
  ...[
    'oneof',
    'service',
    'rpc',
    'returns',
    'stream',
    'extend',
    'extensions',
    'reserved',
    'group',
    'map<',
    'repeated',
    'optional',
  ],
  ...[
    'required',
    'option',
    'int32',
    'sint64',
    'fixed32',
    'string',
    'bytes',
    'bool',
    'double',
    'T',
    '.a.b.T',
    'E',
    '__proto__',
  ],
  ...[
    'constructor',
    'prototype',
    'hasOwnProperty',
    'toString',
    'f',
    'g',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '<',
    '>',
    '=',
    ';',
    ',',
    '.',
  ],
  ...[
    '0',
    '1',
    '2',
    '15',
    '19000',
    '536870911',
    '-1',
    '0x7f',
    '9223372036854775807',
    '1e400',
    'nan',
    '-inf',
    'max',
    '"x"',
    "'\\377'",
  ],
  ...[
    'default = 18446744073709551615',
    'packed = true',
    'json_name = "y"',
    'features.field_presence = IMPLICIT',
    '//',
    '/*',
    '*/',
    '\n',
  ],
  ...[
    'message T { optional int32 f = 1; }',
    'T t = 2;',
    'int32 f = 3;',
    'enum E { A = 0; }',
    'rpc R(T) returns (stream T);',
    'oneof o {',
  ],
]

const scalars = ['int32', 'sint64', 'fixed32', 'bool', 'string', 'bytes', 'double', 'E', 'T']

/** A .proto with fields of all kinds. */
function source(random: Random): string {
  const fields = Array.from({ length: random.small(30) }, (_, index) => {
    const id = index + 1
    const type = random.pick(scalars)
    const label = random.pick(['', 'repeated ', 'optional '])
    if (random.chance(0.15)) return `map<string, ${type}> f${id} = ${id};`
    if (random.chance(0.1)) return `oneof o${id} { ${type} f${id} = ${id}; }`
    return `${label}${type} f${id} = ${id};`
  })
  return `syntax = "proto3"; package p; enum E { A = 0; B = -1; } message T { ${fields.join(' ')} }
service S { rpc R(T) returns (stream T); rpc Q(stream T) returns (T); }`
}

/** Sources: types that can be laid out and written down, or a TypeError. */
export const protoTarget: Target = {
  name: 'proto',
  seeds: Object.values(sources).map(utf8),
  tokens: words.map((word) => utf8(` ${word} `)),
  generate: (random) => utf8(source(random)),
  allowance: 2 ** 24,
  run(input): Outcome {
    let definitions: ReturnType<typeof parse>
    try {
      definitions = parse(new TextDecoder().decode(input), { resolve: (path) => sources[path] })
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      return { result: 'TypeError', labels: [`TypeError: ${label(error.message.replace(/'.*'/s, "'…'"))}`] }
    }
    generate(definitions)
    const codec = protobuf()
    for (const type of Object.values(definitions.types)) codec.typed(type)
    return { result: 'value', labels: [`types: ${Object.keys(definitions.types).length > 0}`] }
  },
}

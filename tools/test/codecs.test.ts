import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { binary, compact, raw } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { protobuf } from '@hawser/codec-protobuf'
import { sameTyped } from '@hawser/compliance/schema'
import { type Codec, RpcError, type Type } from '@hawser/contract'
import * as schema from '@hawser/schema'
import t from 'tap'
import { fencesOf } from '../src/markdown.js'

const page = readFileSync(new URL('../../docs/codecs.md', import.meta.url), 'utf8')
const codecs = {
  json: json(),
  msgpack: msgpack(),
  binary: binary(),
  compact: compact(),
  protobuf: protobuf(),
}
const untyped = { ...codecs, raw: raw() }
const named = msgpack({ keys: 'names' })
const utf8 = new TextEncoder()

/** What the page's types are, by their names there. */
const declared = declarations()

/** The rows of a table of the page, without the ticks around code. */
function rowsOf(name: string): { readonly heads: string[]; readonly rows: string[][] } {
  const start = page.indexOf(`<!-- table: ${name} -->`)
  if (start < 0) throw new Error(`docs/codecs.md has no table ${name}`)
  const lines = page.slice(start).split('\n').slice(1)
  const [heads = [], , ...rows] = lines.slice(0, lines.indexOf('')).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')),
  )
  return { heads, rows }
}

function declarations(): Readonly<Record<string, unknown>> {
  const fence = fencesOf(page).find(({ info }) => info[0] === 'ts')!
  const statements = fence.code.replace(/^import [^']*'[^']*'$/gm, '').replace(/^export /gm, '')
  const names = [...statements.matchAll(/^const (\w+)/gm)].map(([, name]) => name)
  return evaluate(`(() => { ${statements}; return { ${names.join(', ')} } })()`, schema) as Record<
    string,
    unknown
  >
}

/** The value of an expression of the page. */
function evaluate(expression: string, scope: object): unknown {
  return new Function(...Object.keys(scope), `return (${expression})`)(...Object.values(scope))
}

function evaluated(expression: string): unknown {
  return evaluate(expression, { ...schema, ...declared })
}

/** What a cell has to say of an outcome. */
function said(outcome: () => unknown, value?: { readonly sent: unknown }): string {
  let read: unknown
  try {
    read = outcome()
  } catch (error) {
    if (error instanceof TypeError) return 'no layout'
    if (RpcError.is(error) && error.code === 'invalid_argument') return 'refused'
    throw error
  }
  if (value && sameTyped(read, value.sent)) return 'exact'
  const NotFound = declared.NotFound as schema.ExceptionClass<{ id: bigint }, { id: bigint }>
  if (NotFound.is(read)) return `new NotFound({ id: ${read.id}n })`
  return inspect(read, { depth: 9, breakLength: Number.POSITIVE_INFINITY })
}

function travels(codec: Codec, value: unknown): unknown {
  return codec.decode(codec.encode(value))
}

/** Checks the cells behind the first so many of each row. */
function checkTable(
  name: string,
  given: number,
  cellsOf: (row: string[], heads: string[]) => string[],
): void {
  t.test(`docs/codecs.md, the table ${name}`, async (t) => {
    const { heads, rows } = rowsOf(name)
    t.ok(rows.length > 10)
    for (const row of rows) {
      const subject = row.slice(0, given)
      const found = cellsOf(subject, heads.slice(given))
      t.strictSame(row.slice(given), found, subject.join(' of '))
    }
  })
}

checkTable('values', 1, ([value], heads) => {
  return heads.map((head) => {
    const sent = evaluated(value!)
    return said(() => travels(untyped[head as keyof typeof untyped], sent), { sent })
  })
})

checkTable('types', 2, ([type, value], heads) => {
  return heads.map((head) => {
    const sent = evaluated(value!)
    const codec = codecs[head as keyof typeof codecs]
    return said(() => travels(codec.typed(evaluated(type!) as Type), sent), { sent })
  })
})

checkTable('json', 2, ([type, value]) => [
  Buffer.from(codecs.json.typed(evaluated(type!) as Type).encode(evaluated(value!))).toString(),
])

checkTable('json-read', 2, ([type, text]) => [
  said(() => codecs.json.typed(evaluated(type!) as Type).decode(utf8.encode(text))),
])

checkTable('msgpack', 2, ([type, value]) =>
  [codecs.msgpack, named].map((codec) =>
    said(() => codec.decode(codec.typed(evaluated(type!) as Type).encode(evaluated(value!)))),
  ),
)

checkTable('msgpack-read', 2, ([type, value]) => [
  said(() => named.typed(evaluated(type!) as Type).decode(named.encode(evaluated(value!)))),
])

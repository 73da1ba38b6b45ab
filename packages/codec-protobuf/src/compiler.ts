import { ownPart, Refusal } from '@hawser/codec-base'
import type { Decoder } from './decoder.js'
import { type Encoder, isFallback, missing } from './encoder.js'
import type { Cell, Entry, FieldLayout, MessageLayout } from './layout.js'
import { type Reader, tooLong } from './reader.js'
import type { Writer } from './writer.js'

/** Reads the fields of one layout into a new object. */
export type Reading = (reader: Reader, decoder: Decoder, end: number, depth: number) => object

/** Writes the fields of one layout. */
export type Writing = (writer: Writer, encoder: Encoder, value: object, depth: number) => void

interface Compiled {
  uses: number
  readonly possible: boolean
  reading: Reading | undefined
  writing: Writing | undefined
}

// Generating pays only for what is used more than a few times.
const fewUses = 40
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * Generates functions for the layouts of messages that are used much. They do what the interpreters of Decoder and Encoder
 * do, which go on to read and write unions, exceptions, tuples, what stands in helper messages, and messages in several parts.
 *
 * Into the code go numbers, and names that are checked to be identifiers; all other things are handed to it by reference.
 */
export class Compiler {
  readonly #known = new WeakMap<MessageLayout, Compiled>()

  /** A compiler, where functions may be generated. */
  static where(): Compiler | undefined {
    try {
      generated([], 'return 1')
      return new Compiler()
    } catch {
      return undefined
    }
  }

  /** The function for a layout; undefined for one that is not used much, or to be interpreted always. */
  reading(layout: MessageLayout): Reading | undefined {
    const compiled = this.#compiled(layout)
    if (compiled.reading || !isDue(compiled)) return compiled.reading
    compiled.reading = readingOf(layout)
    return compiled.reading
  }

  /** The same. */
  writing(layout: MessageLayout): Writing | undefined {
    const compiled = this.#compiled(layout)
    if (compiled.writing || !isDue(compiled)) return compiled.writing
    compiled.writing = writingOf(layout)
    return compiled.writing
  }

  #compiled(layout: MessageLayout): Compiled {
    const known = this.#known.get(layout)
    if (known) return known
    const compiled = { uses: 0, possible: isPossible(layout), reading: undefined, writing: undefined }
    this.#known.set(layout, compiled)
    return compiled
  }
}

function isDue(compiled: Compiled): boolean {
  return compiled.possible && ++compiled.uses > fewUses
}

function isPossible({ kind, made, fields }: MessageLayout): boolean {
  const plain = fields.every(({ key }) => identifier.test(key) && key !== '__proto__')
  return kind === 'message' && made === undefined && plain
}

function generated(names: readonly string[], body: string): (...values: readonly unknown[]) => unknown {
  return new Function(...names, `'use strict'\n${body}`) as (...values: readonly unknown[]) => unknown
}

function readingOf(layout: MessageLayout): Reading {
  const { fields, bits } = layout
  const at = new Map(fields.map((field, index) => [field.key, index]))
  const entries: Entry[] = []
  // By their numbers, which are dense as a rule, so that the engine makes a table of them.
  const cases = new Map<number, string>()
  for (const [tag, entry] of layout.tags()) {
    const { field } = entry
    const index = at.get(field.key)!
    const body =
      field.shape === 'single' ? readSingle(field, index) : readSeveral(entries.push(entry) - 1, index)
    const rivals = field.rivals.map((key) => `v${at.get(key)} = undefined; `).join('')
    const seen = field.bit === 0 ? '' : `seen |= ${field.bit}; `
    cases.set(
      tag >>> 3,
      `${cases.get(tag >>> 3) ?? ''}if (tag === ${tag}) { ${body} ${rivals}${seen}continue }\n`,
    )
  }
  const always = fields.filter((field) => field.required || field.omits || field.make)
  const some = fields.filter((field) => !always.includes(field))
  const initial = (field: FieldLayout, index: number): string =>
    field.omits && !field.make ? `fields[${index}].fallback` : 'undefined'
  const body = `${fields.map((_, index) => `const cell${index} = fields[${index}].cell\n`).join('')}
${fields.map((field, index) => `const d${index} = ${initial(field, index)}\n`).join('')}
return (reader, decoder, end, depth) => {
${fields.map((_, index) => `let v${index} = d${index}\n`).join('')}
const { bytes } = reader
let seen = 0
while (reader.at < end) {
let tag = bytes[reader.at]
if (tag < 128 && tag > 7) reader.at++
else tag = reader.tag()
switch (tag >>> 3) {
${[...cases].map(([id, body]) => `case ${id}:\n${body}break\n`).join('')}
}
reader.skip(tag, depth)
}
if (reader.at !== end) tooLong()
const object = { ${always.map(({ key }) => `${key}: v${at.get(key)}`).join(', ')} }
${some.map(({ key }) => `if (v${at.get(key)} !== undefined) object.${key} = v${at.get(key)}\n`).join('')}
${bits === 0 ? '' : `if (seen !== ${bits}) decoder.later(layout, object)`}
return object
}`
  return generated(['layout', 'fields', 'entries', 'tooLong'], body)(
    layout,
    fields,
    entries,
    tooLong,
  ) as Reading
}

function readSingle({ cell }: FieldLayout, index: number): string {
  if (cell.kind === 'message')
    return `reader.count(); v${index} = decoder.nested(cell${index}, tag, depth, v${index});`
  const plain = plainRead(cell)
  if (plain) return `reader.count(); v${index} = ${plain};`
  const scalar = `reader.scalar(cell${index})`
  if (!cell.numbers) return `reader.count(); v${index} = ${scalar};`
  return `{ reader.count(); const value = ${scalar}; if (value === undefined) continue; v${index} = value }`
}

function readSeveral(entry: number, index: number): string {
  return `v${index} = decoder.several(entries[${entry}], tag, end, depth, v${index}, true);`
}

/** What reads the commonest scalars without asking what they are. */
function plainRead({ kind, low, numbers, safe }: Cell): string | undefined {
  const whole = low === -(2 ** 31) && !numbers
  switch (kind) {
    case 'int':
      return whole ? 'reader.varint()' : undefined
    case 'sint':
      return whole ? 'reader.sint()' : undefined
    case 'sfixed':
      return whole ? 'reader.fixed()' : undefined
    case 'fixed':
      return 'reader.fixed() >>> 0'
    case 'float':
      return 'reader.float()'
    case 'uint':
      return 'reader.varint() >>> 0'
    case 'long':
      return safe ? undefined : 'reader.long()'
    case 'string':
      return 'reader.text()'
    case 'bool':
      return 'reader.bool()'
    case 'double':
      return 'reader.double()'
    case 'bytes':
      return 'reader.view()'
    default:
      return undefined
  }
}

function writingOf(layout: MessageLayout): Writing {
  const { fields } = layout
  const parts = fields.map((field, index) => {
    const { key, inherited, needed } = field
    const part = inherited ? `ownPart(value, '${key}')` : `value.${key}`
    const absent = needed ? ' else throw missing()' : ''
    return `at = ${index}
part = ${part}
if (part !== undefined) {${writeField(field, index)}}${absent}`
  })
  const body = `${fields.map((_, index) => `const field${index} = fields[${index}], cell${index} = field${index}.cell\n`).join('')}
return (writer, encoder, value, depth) => {
let at = 0, part
try {
${parts.join('\n')}
} catch (thrown) {
throw under(thrown, value, fields[at].key)
}
}`
  const names = ['fields', 'ownPart', 'missing', 'isFallback', 'under']
  return generated(names, body)(fields, ownPart, missing, isFallback, Refusal.under) as Writing
}

function writeField(field: FieldLayout, index: number): string {
  const { cell, shape, omits, fallback, tag } = field
  const plain = shape === 'single' ? plainWrite(cell, index) : undefined
  if (!plain) return `encoder.field(field${index}, part, depth, true)`
  const write = `encoder.count(); writer.tag(${tag}); ${plain}`
  if (!omits) return write
  const same =
    fallback === false || fallback === ''
      ? `part === ${JSON.stringify(fallback)}`
      : fallback === 0
        ? 'part === 0 && 1 / part > 0'
        : `isFallback(part, field${index}.fallback)`
  return `if (!(${same})) { ${write} }`
}

function plainWrite({ kind }: Cell, index: number): string | undefined {
  switch (kind) {
    case 'int':
      return `writer.int(cell${index}, part)`
    case 'string':
      return 'writer.text(part)'
    case 'bool':
      return 'writer.bool(part)'
    case 'double':
      return 'writer.double(part)'
    case 'message':
      return undefined
    default:
      return `writer.scalar(cell${index}, part)`
  }
}

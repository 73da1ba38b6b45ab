import { type Emission, variables } from './emit.js'
import {
  type FieldNode,
  hasParts,
  isRecord,
  type ListNode,
  type MapNode,
  type Node,
  type PartNode,
  type RecordNode,
} from './plan.js'

// Objects and errors have something under these names that is no field.
const inherited: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Error.prototype),
  'stack',
  'cause',
])

/** Does reading the property of any object or error tell whether the field is there? */
export function isInherited(key: string): boolean {
  return inherited.has(key)
}

/** The most bytes that a value takes, where that does not depend on it. */
export function fixedRoom({ dialect }: Emission, node: Node): number | undefined {
  return hasParts(node) ? undefined : dialect.rooms[node.op]
}

/** An expression for the most bytes that the value takes. @param levels how many more there may be, and one */
export function measureOf(emission: Emission, node: Node, value: string, levels: string): string {
  if (hasParts(node)) return `measure${node.index}(w, ${value}, ${levels} - 1)`
  const fixed = fixedRoom(emission, node)
  if (fixed !== undefined) return String(fixed)
  const { lengthRoom } = emission.dialect
  return node.op === 'string'
    ? `${lengthRoom} + measureText(w, ${value})`
    : `${lengthRoom} + measureBytes(${value})`
}

/** The function that measures a part. */
export function measureFunction(emission: Emission, part: PartNode): string {
  const { type } = emission.grammar
  const body = isRecord(part)
    ? measureRecord(emission, part)
    : part.op === 'map'
      ? measureMap(emission, part)
      : measureList(emission, part)
  return `function measure${part.index}(w${type('Writer')}, v${type('unknown')}, d${type('number')})${type('number')} {\n${body}}\n`
}

function measureRecord(emission: Emission, { fields }: RecordNode): string {
  const { grammar, dialect } = emission
  let fixed = 1
  let code = ''
  for (const { key, presence, node, id } of fields) {
    fixed += dialect.fieldRoom
    const room = fixedRoom(emission, node)
    if (room !== undefined) {
      fixed += room
      continue
    }
    const value = `f${id}`
    const guard = presence === 'required' && !hasParts(node) ? '' : `if (${value} !== undefined) `
    code += `const ${value} = o.${key}\n${guard}n += ${measureOf(emission, node, value, 'd')}\n`
  }
  const object = code === '' ? '' : `const o = ${grammar.as('v', 'Fields')}\n`
  return (
    `if (typeof v !== 'object' || v === null || !enter(w, d, 1)) return 0\n` +
    (code === '' ? `return ${fixed}\n` : `${object}let n = ${fixed}\n${code}return n\n`)
  )
}

function measureList(emission: Emission, { op, element }: ListNode): string {
  const { headRoom } = emission.dialect
  const list = op === 'list'
  const check = list ? '!Array.isArray(v)' : '!(v instanceof Set)'
  const start = `if (${check} || !enter(w, d, v.${list ? 'length' : 'size'})) return 0\n`
  const fixed = fixedRoom(emission, element)
  if (fixed !== undefined) return `${start}return ${headRoom} + v.${list ? 'length' : 'size'} * ${fixed}\n`
  return `${start}let n = ${headRoom}\nfor (const f of v) n += ${measureOf(emission, element, 'f', 'd')}\nreturn n\n`
}

function measureMap(emission: Emission, { key, value }: MapNode): string {
  const { headRoom } = emission.dialect
  const start = 'if (!(v instanceof Map) || !enter(w, d, 2 * v.size)) return 0\n'
  const keys = fixedRoom(emission, key)
  const values = fixedRoom(emission, value)
  if (keys !== undefined && values !== undefined)
    return `${start}return ${headRoom} + v.size * ${keys + values}\n`
  const named = keys === undefined ? (values === undefined ? '[f, g]' : '[f]') : '[, g]'
  const entry = `${measureOf(emission, key, 'f', 'd')} + ${measureOf(emission, value, 'g', 'd')}`
  return `${start}let n = ${headRoom}\nfor (const ${named} of v) n += ${entry}\nreturn n\n`
}

/** Writes a value that is in a variable. @param levels how many more there may be */
export function putValue({ dialect }: Emission, node: Node, value: string, levels: string): string {
  if (hasParts(node)) return `p = write${node.index}(w, ${value}, p, ${levels} - 1)\n`
  return dialect.putScalar(node.op, value)
}

/** The function that writes a part. */
export function writeFunction(emission: Emission, part: PartNode): string {
  const { type } = emission.grammar
  const body = isRecord(part)
    ? writeRecord(emission, part)
    : part.op === 'map'
      ? writeMap(emission, part)
      : writeList(emission, part)
  return `function write${part.index}(w${type('Writer')}, v${type('unknown')}, p${type('number')}, d${type('number')})${type('number')} {\n${body}return p\n}\n`
}

/** How many values a record holds at the least: those of its fields that whoever reads it always gets. */
export function certainFields({ fields }: RecordNode): number {
  return fields.filter(({ presence }) => presence !== 'optional').length
}

/** The complaint about a value that is no object, where an object is asked for. */
export function recordKind({ op, name }: RecordNode): string {
  return `${op === 'exception' ? 'an' : 'a'} ${op} ${name}`
}

function writeRecord(emission: Emission, record: RecordNode): string {
  const { dialect, grammar } = emission
  const { fields, op, name } = record
  const union = op === 'union'
  const kind = JSON.stringify(recordKind(record))
  const array = fields.some(({ presence }) => presence === 'required') ? '' : ' || Array.isArray(v)'
  const certain = certainFields(record)
  let last: number | undefined = 0
  // Does the head of a later field need to know which was the last?
  const layouts = fields.map((field) => {
    const from = last
    last = field.presence === 'required' ? field.id : undefined
    return { field, from }
  })
  const dynamic = dialect.wire.layout === 'compact' && layouts.some(({ from }) => from === undefined)
  let code = ''
  for (const { field, from } of layouts) code += writeField(emission, record, field, from, dynamic)
  const end = dialect.wire.layout === 'compact' ? 'b[p++] = 0\n' : 'b[p++] = 0\n'
  const body =
    fields.length === 0
      ? end
      : `const o = ${grammar.as('v', 'Fields')}\n${dynamic ? 'let l = 0\n' : ''}let key = ''\n${union ? 'let n = 0\n' : ''}` +
        `try {\n${code}} catch (thrown) {\nthrow Refusal.under(thrown, o, key)\n}\n${end}` +
        (union ? `if (n !== 1) notOneMember(${JSON.stringify(name)}, n)\n` : '')
  return (
    `if (typeof v !== 'object' || v === null${array}) wrong(v, ${kind})\n` +
    'if (d <= 0) nestedTooDeep(w)\n' +
    `if (${certain === 0 ? 'w.nodes' : `(w.nodes -= ${certain})`} < 0) heldTooMuch()\n` +
    variables('w', body)
  )
}

function writeField(
  emission: Emission,
  { op }: RecordNode,
  { key, id, presence, node }: FieldNode,
  from: number | undefined,
  dynamic: boolean,
): string {
  const { dialect } = emission
  const value = `f${id}`
  const get = isInherited(key) ? `own(o, ${JSON.stringify(key)})` : `o.${key}`
  const counted = presence === 'optional' ? 'if (--w.nodes < 0) heldTooMuch()\n' : ''
  const put =
    dialect.putField(node, id, from, value) +
    (dialect.inHead(node.op) ? '' : putValue(emission, node, value, 'd')) +
    (dynamic ? `l = ${id}\n` : '')
  const start = `key = '${key}'\nconst ${value} = ${get}\n`
  if (presence === 'required') return `${start}${put}`
  return `${start}if (${value} !== undefined) {\n${counted}${put}${op === 'union' ? 'n++\n' : ''}}\n`
}

function writeList(emission: Emission, { op, element }: ListNode): string {
  const { dialect } = emission
  const list = op === 'list'
  const start = list
    ? "if (!Array.isArray(v)) wrong(v, 'an array')\n"
    : "if (!(v instanceof Set)) wrong(v, 'a Set')\n"
  const distinct = !list && element.op === 'float' ? 'distinctFloats(v)\n' : ''
  const loop = list ? `for (; i < n; i++) {\nconst f = v[i]\n` : 'for (const f of v) {\n'
  const body =
    `${dialect.putList(op, element)}let i = 0\ntry {\n${loop}${putValue(emission, element, 'f', 'd')}${list ? '' : 'i++\n'}}\n` +
    (list ? '' : 'if (i !== n) changed()\n') +
    '} catch (thrown) {\nthrow Refusal.under(thrown, v, i)\n}\n'
  return (
    `${start}if (d <= 0) nestedTooDeep(w)\nconst n = v.${list ? 'length' : 'size'}\n` +
    `if ((w.nodes -= n) < 0) heldTooMuch()\n${distinct}${variables('w', body)}`
  )
}

function writeMap(emission: Emission, { key, value }: MapNode): string {
  const { dialect, grammar } = emission
  const distinct = key.op === 'float' ? 'distinctFloats(v)\n' : ''
  const body =
    `${dialect.putMap(key, value)}let i = 0\nlet k${grammar.type('unknown')}\ntry {\nfor (const [f, g] of v) {\nk = f\n` +
    `${putValue(emission, key, 'f', 'd')}${putValue(emission, value, 'g', 'd')}i++\n}\nif (i !== n) changed()\n` +
    '} catch (thrown) {\nthrow Refusal.under(thrown, v, entryKey(k, i))\n}\n'
  return (
    "if (!(v instanceof Map)) wrong(v, 'a Map')\nif (d <= 0) nestedTooDeep(w)\nconst n = v.size\n" +
    `if ((w.nodes -= 2 * n) < 0) heldTooMuch()\n${distinct}${variables('w', body)}`
  )
}

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
    ? `${lengthRoom} + measureText(${value})`
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

function measureRecord(emission: Emission, record: RecordNode): string {
  const { grammar, dialect } = emission
  let fixed = 1
  let code = ''
  for (const { key, presence, node, id } of record.fields) {
    fixed += dialect.fieldRoom
    const room = fixedRoom(emission, node)
    if (room !== undefined) {
      fixed += room
      continue
    }
    const value = `f${id}`
    const counted = presence === 'optional' ? 'w.visits--\n' : ''
    code +=
      `key = '${key}'\nconst ${value} = ${getField(key)}\nt[w.top++] = ${value}\n` +
      `if (${value} !== undefined) {\n${counted}n += ${measureOf(emission, node, value, 'd')}\n}\n`
  }
  const start = `if (typeof v !== 'object' || v === null || !enter(w, d, ${certainFields(record)})) return 0\n`
  const all = `${fixed}${keepsUnknown(emission, record) ? ' + measureUnknown(v)' : ''}`
  if (code === '') return `${start}return ${all}\n`
  return (
    `${start}const o = ${grammar.as('v', 'Fields')}\nconst t = w.tape\nlet n = ${all}\nlet key = ''\n` +
    `try {\n${code}} catch (thrown) {\nthrow Refusal.under(thrown, o, key)\n}\nreturn n\n`
  )
}

function keepsUnknown({ keep }: Emission, { op }: RecordNode): boolean {
  return keep && op !== 'union'
}

function getField(key: string): string {
  return isInherited(key) ? `own(o, ${JSON.stringify(key)})` : `o${memberOf(key)}`
}

/** What asks an object for a field: a tuple's are its places. */
export function memberOf(key: string): string {
  return /^[0-9]/.test(key) ? `[${key}]` : `.${key}`
}

function measureList(emission: Emission, { op, element }: ListNode): string {
  const { headRoom } = emission.dialect
  const size = op === 'list' ? 'v.length' : 'v.size'
  const check = op === 'list' ? '!Array.isArray(v)' : '!(v instanceof Set)'
  const start = `if (${check} || !enter(w, d, ${size})) return 0\n`
  const fixed = fixedRoom(emission, element)
  if (fixed !== undefined) return `${start}return ${headRoom} + ${size} * ${fixed}\n`
  const each = `t[w.top++] = f\nn += ${measureOf(emission, element, 'f', 'd')}\n`
  return (
    `${start}const t = w.tape\nt[w.top++] = ${size}\nlet n = ${headRoom}\nlet i = 0\ntry {\n` +
    (op === 'list'
      ? `for (const m = v.length; i < m; i++) {\nconst f = v[i]\n${each}}\n`
      : `for (const f of v) {\n${each}i++\n}\n`) +
    '} catch (thrown) {\nthrow Refusal.under(thrown, v, i)\n}\nreturn n\n'
  )
}

function measureMap(emission: Emission, { key, value }: MapNode): string {
  const { headRoom } = emission.dialect
  const start = 'if (!(v instanceof Map) || !enter(w, d, 2 * v.size)) return 0\n'
  const keys = fixedRoom(emission, key)
  const values = fixedRoom(emission, value)
  if (keys !== undefined && values !== undefined)
    return `${start}return ${headRoom} + v.size * ${keys + values}\n`
  const entry = `${measureOf(emission, key, 'f', 'd')} + ${measureOf(emission, value, 'g', 'd')}`
  return (
    `${start}const t = w.tape\nt[w.top++] = v.size\nlet n = ${headRoom}\nlet i = 0\nlet k${emission.grammar.type('unknown')}\n` +
    `try {\nfor (const [f, g] of v) {\nk = f\nt[w.top++] = f\nt[w.top++] = g\nn += ${entry}\ni++\n}\n` +
    '} catch (thrown) {\nthrow Refusal.under(thrown, v, entryKey(k, i))\n}\nreturn n\n'
  )
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
  const tuple = op === 'tuple'
  const array = tuple || fields.some(({ presence }) => presence === 'required') ? '' : ' || Array.isArray(v)'
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
  const unknown = keepsUnknown(emission, record)
    ? `p = putUnknown(w, v, p, ${dialect.wire.layout === 'compact'})\n`
    : ''
  const end = `${unknown}b[p++] = 0\n`
  const body =
    fields.length === 0
      ? end
      : `const o = ${grammar.as('v', 'Fields')}\n${dynamic ? 'let l = 0\n' : ''}let key = ''\n${union ? 'let n = 0\n' : ''}` +
        `try {\n${code}} catch (thrown) {\nthrow Refusal.under(thrown, o, key)\n}\n${end}` +
        (union ? `if (n !== 1) notOneMember(${JSON.stringify(name)}, n)\n` : '')
  return (
    (tuple ? `checkTuple(v, { fields: { length: ${fields.length} } })\n` : '') +
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
  const get = fixedRoom(emission, node) === undefined ? 't[w.next++]' : getField(key)
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
  const taped = fixedRoom(emission, element) === undefined
  const start = list
    ? "if (!Array.isArray(v)) wrong(v, 'an array')\n"
    : "if (!(v instanceof Set)) wrong(v, 'a Set')\n"
  const distinct = !list && element.op === 'float' ? 'distinctFloats(v)\n' : ''
  const put = putValue(emission, element, 'f', 'd')
  const loop = taped
    ? `for (; i < n; i++) {\nconst f = t[w.next++]\n${put}}\n`
    : list
      ? `for (; i < n; i++) {\nconst f${emission.grammar.type('unknown')} = v[i]\n${put}}\n`
      : `for (const f of v) {\n${put}i++\n}\nif (i !== n) changed()\n`
  const body = `${dialect.putList(op, element)}let i = 0\ntry {\n${loop}} catch (thrown) {\nthrow Refusal.under(thrown, v, i)\n}\n`
  const size = taped ? 'counted(w)' : list ? 'v.length' : 'v.size'
  return (
    `${start}if (d <= 0) nestedTooDeep(w)\nif ((w.nodes -= ${list ? 'v.length' : 'v.size'}) < 0) heldTooMuch()\n` +
    `const n = ${size}\n${distinct}${variables('w', body)}`
  )
}

function writeMap(emission: Emission, { key, value }: MapNode): string {
  const { dialect, grammar } = emission
  const taped = fixedRoom(emission, key) === undefined || fixedRoom(emission, value) === undefined
  const distinct = key.op === 'float' ? 'distinctFloats(v)\n' : ''
  const put = `k = f\n${putValue(emission, key, 'f', 'd')}${putValue(emission, value, 'g', 'd')}`
  // On the tape a value is behind its key, and what the key holds behind that.
  const loop = taped
    ? `for (; i < n; i++) {\nconst f = t[w.next++]\nconst g = t[w.next++]\n${put}}\n`
    : `for (const [f, g] of v) {\n${put}i++\n}\nif (i !== n) changed()\n`
  const body =
    `${dialect.putMap(key, value)}let i = 0\nlet k${grammar.type('unknown')}\ntry {\n${loop}` +
    '} catch (thrown) {\nthrow Refusal.under(thrown, v, entryKey(k, i))\n}\n'
  return (
    "if (!(v instanceof Map)) wrong(v, 'a Map')\nif (d <= 0) nestedTooDeep(w)\nif ((w.nodes -= 2 * v.size) < 0) heldTooMuch()\n" +
    `const n = ${taped ? 'counted(w)' : 'v.size'}\n${distinct}${variables('w', body)}`
  )
}

import { type Emission, variables } from './emit.js'
import { certainFields, memberOf } from './emit-write.js'
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

/** Reads a value into a variable. @param levels how many more there may be */
export function takeValue({ dialect }: Emission, node: Node, target: string, levels: string): string {
  if (hasParts(node)) return `r.at = p\n${target} = read${node.index}(r, ${levels} - 1)\np = r.at\n`
  return dialect.takeScalar(node.op, target)
}

/** The function that reads a part. */
export function readFunction(emission: Emission, part: PartNode): string {
  const { type } = emission.grammar
  const body = isRecord(part)
    ? readRecord(emission, part)
    : part.op === 'map'
      ? readMap(emission, part)
      : readList(emission, part)
  return (
    `function read${part.index}(r${type('Reader')}, d${type('number')})${type('unknown')} {\n` +
    `if (d <= 0) tooDeep(r.depth)\nlet p = r.at\n${variables('r', body)}}\n`
  )
}

function typeOf(node: Node): string {
  switch (node.op) {
    case 'bool':
      return 'boolean'
    case 'string':
    case 'uuid':
      return 'string'
    case 'i64':
    case 'u64':
      return 'bigint'
    case 'bytes':
      return 'Uint8Array'
    default:
      return hasParts(node) ? 'unknown' : 'number'
  }
}

function declared({ grammar }: Emission, name: string, node: Node): string {
  return `let ${name}${grammar.type(typeOf(node) === 'unknown' ? 'unknown' : `${typeOf(node)} | undefined`)}\n`
}

function readRecord(emission: Emission, record: RecordNode): string {
  const { dialect } = emission
  const { fields, op } = record
  const certain = certainFields(record)
  // A union has one field and no others.
  const keep = emission.keep && op !== 'union'
  const next = dialect.takeField
  const chain = chainOf(emission, record)
  const skip = dialect.wire.layout === 'binary' ? 'skipBinary' : 'skipCompact'
  const check = dialect.wire.layout === 'binary' ? '' : 'checkId(h)\n'
  return (
    `if (${certain === 0 ? 'r.nodes' : `(r.nodes -= ${certain})`} < 0) tooMany()\n` +
    `let h = 0\n${dialect.fieldState}${fields.map(({ id, node }) => declared(emission, `f${id}`, node)).join('')}${next}` +
    (keep ? `let u${emission.grammar.type('UnknownField[] | undefined')}\n` : '') +
    `for (;;) {\nconst q = p\n${chain}if (${dialect.isStop}) break\n` +
    `if (p === q) {\n${check}${dialect.headBytes ? `p += ${dialect.headBytes}\n` : ''}${keep ? 'const s = p\n' : ''}` +
    `p = ${skip}(r, ${dialect.typeOfHead}, p, d - 1)\n` +
    (keep
      ? `u ??= []\nu.push(unknownField(r, ${dialect.idOfHead} << 16 >> 16, ${dialect.typeOfHead}, s, p))\n`
      : '') +
    `${next}}\n}\n` +
    `${dialect.stopBytes ? `p += ${dialect.stopBytes}\n` : ''}r.at = p\n` +
    (op === 'union' ? onlyMember(record) : fieldsOf(emission, record))
  )
}

// Fields that come in order are each met by one comparison. Those of large records are in groups, which are passed over as a
// whole, so that fields in no order do not take the square of their number.
const largestChain = 32
const group = 16

function chainOf(emission: Emission, record: RecordNode): string {
  const { fields } = record
  const taken = fields.map((field) => takeField(emission, record, field))
  if (fields.length <= largestChain) return taken.join('')
  let code = ''
  for (let at = 0; at < fields.length; at += group) {
    const first = fields[at]!.id
    const last = fields[Math.min(at + group, fields.length) - 1]!.id
    code += `if (${emission.dialect.idOfHead} - ${first} >>> 0 <= ${last - first}) {\n${taken.slice(at, at + group).join('')}}\n`
  }
  return code
}

function takeField(emission: Emission, { name }: RecordNode, { key, id, node }: FieldNode): string {
  const { dialect } = emission
  const take = dialect.inHead(node.op)
    ? dialect.takeHeadBool(`f${id}`)
    : takeValue(emission, node, `f${id}`, 'd')
  return (
    `if (${dialect.isField(node, id)}) {\n${dialect.headBytes ? `p += ${dialect.headBytes}\n` : ''}` +
    `if (f${id} !== undefined) twice(${JSON.stringify(name)}, '${key}')\n${take}${dialect.takeField}}\n`
  )
}

/** What was read of a union. */
function onlyMember({ fields, name }: RecordNode): string {
  const found = fields.map(({ id }) => `(f${id} === undefined ? 0 : 1)`).join(' + ') || '0'
  const members = fields.map(({ key, id }) => `if (f${id} !== undefined) return { ${key}: f${id} }\n`)
  return (
    `const n = ${found}\nif (n !== 1) notOne(${JSON.stringify(name)}, n)\nif (--r.nodes < 0) tooMany()\n` +
    `${members.join('')}return undefined\n`
  )
}

/** What was read of a struct: those fields first that are always there, so that most objects have one hidden class. */
function fieldsOf({ grammar, keep }: Emission, { fields, name, maker }: RecordNode): string {
  const required = fields.filter(({ presence }) => presence === 'required')
  const certain = fields.filter(({ presence }) => presence !== 'optional')
  const maybe = fields.filter(({ presence }) => presence === 'optional')
  const missing = required.map(
    ({ key, id }) => `if (f${id} === undefined) missing(${JSON.stringify(name)}, '${key}')\n`,
  )
  const entry = ({ key, id, presence, fallback }: FieldNode): string =>
    presence === 'default'
      ? `${key}: f${id} === undefined ? fallbacks[${fallback}]${grammar.sure}() : f${id}`
      : `${key}: f${id}`
  const literal = (list: readonly FieldNode[]): string =>
    list.length === 0 ? '{}' : `{ ${list.map(entry).join(', ')} }`
  const built = (value: string): string => (maker < 0 ? value : `makers[${maker}]${grammar.sure}(${value})`)
  const made = (value: string): string => (keep ? `withUnknown(${built(value)}, u)` : built(value))
  const start = missing.join('')
  if (maybe.length === 0) return `${start}return ${made(literal(certain))}\n`
  const all = maybe.map(({ id }) => `f${id} !== undefined`).join(' && ')
  const each = maybe.map(
    ({ key, id }) => `if (f${id} !== undefined) {\no${memberOf(key)} = f${id}\nr.nodes--\n}\n`,
  )
  return (
    `${start}if (${all}) {\nif ((r.nodes -= ${maybe.length}) < 0) tooMany()\n` +
    `return ${made(literal([...certain, ...maybe]))}\n}\n` +
    `const o${grammar.type('Record<string, unknown>')} = ${literal(certain)}\n${each.join('')}` +
    `if (r.nodes < 0) tooMany()\nreturn ${made('o')}\n`
  )
}

function readList(emission: Emission, { op, element }: ListNode): string {
  const { grammar, dialect } = emission
  const list = op === 'list'
  const start = `let n = 0\n${dialect.takeList(element)}if ((r.nodes -= n) < 0) tooMany()\n`
  const out = list
    ? `const o${grammar.type('unknown[]')} = []\n`
    : `const o = new Set${grammar.sure && '<unknown>'}()\n`
  const loop = `let f${grammar.type(typeOf(element))}\nfor (let i = 0; i < n; i++) {\n${takeValue(emission, element, 'f', 'd')}o.${list ? 'push' : 'add'}(f)\n}\n`
  return `${start}${out}${loop}r.at = p\n${list ? '' : "if (o.size !== n) repeated('set')\n"}return o\n`
}

function readMap(emission: Emission, { key, value }: MapNode): string {
  const { grammar, dialect } = emission
  const start = `let n = 0\n${dialect.takeMap(key, value)}if ((r.nodes -= 2 * n) < 0) tooMany()\n`
  const out = `const o = new Map${grammar.sure && '<unknown, unknown>'}()\n`
  const loop =
    `let f${grammar.type(typeOf(key))}\nlet g${grammar.type(typeOf(value))}\nfor (let i = 0; i < n; i++) {\n` +
    `${takeValue(emission, key, 'f', 'd')}${takeValue(emission, value, 'g', 'd')}o.set(f, g)\n}\n`
  return `${start}${out}${loop}r.at = p\nif (o.size !== n) repeated('map')\nreturn o\n`
}

import { type Dialect, type Grammar, integerCheck, oneNaN } from './dialect.js'
import type { Node, ScalarOp } from './plan.js'
import { stop } from './take.js'
import { compactWire } from './wire.js'

const { types, least } = compactWire

/** Thrift's compact layout as code. */
export function compactDialect({ sure }: Grammar): Dialect {
  const byte = (at: string): string => `b[${at}]${sure}`
  // Of one byte, where most are.
  const varint = `z = p < e ? ${byte('p')} : 0x80\nif (z < 0x80) p++\nelse {\nz = takeVarint(r, p)\np = r.at\n}\n`
  const zigzag = 'z >>> 1 ^ -(z & 1)'
  const octet = 'if (p >= e) cutShort()\n'
  const long = (of: string): string => `${of}(takeWords(r, p), r.low)`

  function takeScalar(op: ScalarOp, target: string): string {
    const called = (value: string): string => `${target} = ${value}\np = r.at\n`
    switch (op) {
      case 'bool':
        return `${octet}${target} = boolOf(${byte('p++')}, 2)\n`
      case 'i8':
        return `${octet}${target} = ${byte('p++')} << 24 >> 24\n`
      case 'i16':
        return `${varint}${target} = shortOf(${zigzag})\n`
      case 'i32':
        return `${varint}${target} = ${zigzag}\n`
      case 'u32':
        return called(long('wordOf'))
      case 'i64':
        return called(long('longOf'))
      case 'u64':
        return called(long('unsignedLongOf'))
      case 'safeI64':
        return called(long('safeLongOf'))
      case 'safeU64':
        return called(long('safeUnsignedLongOf'))
      case 'double':
        return `if (p + 8 > e) cutShort()\n${target} = x.getFloat64(p, true)\np += 8\n`
      case 'float':
        return `if (p + 8 > e) cutShort()\n${target} = Math.fround(x.getFloat64(p, true))\np += 8\n`
      case 'string':
        return `${varint}${called('readUtf8(r, p, z)')}`
      case 'bytes':
        return `${varint}${called('readBytes(r, p, z)')}`
      case 'uuid':
        return called('takeUuid(r, p)')
    }
  }

  function putScalar(op: ScalarOp, value: string): string {
    switch (op) {
      case 'bool':
        return `if (typeof ${value} !== 'boolean') wrong(${value}, 'a boolean')\nb[p++] = ${value} ? 1 : 2\n`
      case 'i8':
        return `${integerCheck(op, value)}b[p++] = ${value}\n`
      case 'i16':
      case 'i32':
        return `${integerCheck(op, value)}p = putVarint(b, ${value} << 1 ^ ${value} >> 31, p)\n`
      case 'u32':
        return `${integerCheck(op, value)}p = putWords(b, 0, ${value}, p)\n`
      case 'i64':
      case 'u64':
        return `p = putCompactLong(w, ${value}, p, ${op === 'u64'})\n`
      case 'safeI64':
      case 'safeU64':
        return `p = putWords(b, highOfSafe(${value}, ${op === 'safeU64'}), Number(${value}) >>> 0, p)\n`
      case 'double':
        return `if (typeof ${value} !== 'number') wrong(${value}, 'a number')\nx.setFloat64(p, ${oneNaN(value)}, true)\np += 8\n`
      case 'float':
        return `x.setFloat64(p, floatOf(${value}), true)\np += 8\n`
      case 'string':
        return `p = putCompactText(w, ${value}, p)\n`
      case 'bytes':
        return `p = putCompactBytes(w, ${value}, p)\n`
      case 'uuid':
        return `p = putUuid(w, ${value}, p)\n`
    }
  }

  const count = (least: number): string => `if (${least === 1 ? 'n' : `n * ${least}`} > e - p) cutShort()\n`
  const unchecked = (node: Node): string => String(types[node.op])

  return {
    wire: compactWire,
    rooms: {
      ...least,
      i16: 3,
      i32: 5,
      u32: 5,
      i64: 10,
      u64: 10,
      safeI64: 10,
      safeU64: 10,
      string: undefined,
      bytes: undefined,
    },
    lengthRoom: 5,
    fieldRoom: 4,
    headRoom: 6,
    putField(node, id, last, value) {
      const bool = node.op === 'bool'
      const type = bool ? `(${value} ? 1 : 2)` : `${types[node.op]}`
      const check = bool ? `if (typeof ${value} !== 'boolean') wrong(${value}, 'a boolean')\n` : ''
      if (last === undefined) return `${check}p = putCompactHead(b, ${type}, ${id}, l, p)\n`
      if (id - last > 15) return `${check}p = putCompactHead(b, ${type}, ${id}, ${last}, p)\n`
      const delta = (id - last) << 4
      return `${check}b[p++] = ${bool ? `${value} ? ${delta | 1} : ${delta | 2}` : delta | types[node.op]}\n`
    },
    putScalar,
    inHead: (op) => op === 'bool',
    putList: (_, element) => `p = putCompactListHead(b, ${unchecked(element)}, n, p)\n`,
    putMap: (key, value) =>
      `p = putVarint(b, n, p)\nif (n !== 0) b[p++] = ${(types[key.op] << 4) | types[value.op]}\n`,
    fieldState: 'let k = 0\n',
    takeField:
      `k = p < e ? ${byte('p')} : 1\n` +
      `if (k > 15) {\np++\nh = (h >> 4) + (k >> 4) << 4 | k & 15\n} else if (k === 0) {\np++\nh = ${stop}\n` +
      `} else {\nh = takeCompactHead(r, p)\np = r.at\n}\n`,
    headBytes: 0,
    isField: ({ op }, id) =>
      op === 'bool' ? `h === ${(id << 4) | 1} || h === ${(id << 4) | 2}` : `h === ${(id << 4) | types[op]}`,
    isStop: `h === ${stop}`,
    stopBytes: 0,
    idOfHead: '(h >> 4)',
    typeOfHead: 'h & 15',
    takeHeadBool: (target) => `${target} = (h & 15) === 1\n`,
    takeScalar,
    takeList: (element) =>
      `n = takeCompactListHead(r, p, ${unchecked(element)})\np = r.at\n${count(least[element.op])}`,
    takeMap: (key, value) =>
      `n = takeCompactMapHead(r, p, ${unchecked(key)}, ${unchecked(value)})\np = r.at\n` +
      count(least[key.op] + least[value.op]),
  }
}

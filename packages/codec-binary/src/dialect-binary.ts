import { type Dialect, type Grammar, integerCheck, oneNaN } from './dialect.js'
import type { Node, ScalarOp } from './plan.js'
import { binaryWire } from './wire.js'

const { types, least } = binaryWire

/** Thrift's binary layout as code. */
export function binaryDialect({ sure }: Grammar): Dialect {
  const byte = (at: string): string => `b[${at}]${sure}`
  const word = (from: number): string => `x.getInt32(p${from === 0 ? '' : ` + ${from}`})`
  const room = (bytes: number): string => `if (p + ${bytes} > e) cutShort()\n`
  const words = (of: string): string => `${of}(${word(0)}, ${word(4)})`
  const sized = (op: ScalarOp): string => room(least[op])

  function takeScalar(op: ScalarOp, target: string): string {
    switch (op) {
      case 'bool':
        return `${sized(op)}${target} = boolOf(${byte('p++')}, 1)\n`
      case 'i8':
        return `${sized(op)}${target} = ${byte('p++')} << 24 >> 24\n`
      case 'i16':
        return `${sized(op)}${target} = x.getInt16(p)\np += 2\n`
      case 'i32':
        return `${sized(op)}${target} = ${word(0)}\np += 4\n`
      case 'u32':
        return `${sized(op)}${target} = ${words('wordOf')}\np += 8\n`
      case 'i64':
        return `${sized(op)}${target} = ${words('longOf')}\np += 8\n`
      case 'u64':
        return `${sized(op)}${target} = ${words('unsignedLongOf')}\np += 8\n`
      case 'safeI64':
        return `${sized(op)}${target} = ${words('safeLongOf')}\np += 8\n`
      case 'safeU64':
        return `${sized(op)}${target} = ${words('safeUnsignedLongOf')}\np += 8\n`
      case 'double':
        return `${sized(op)}${target} = x.getFloat64(p)\np += 8\n`
      case 'float':
        return `${sized(op)}${target} = Math.fround(x.getFloat64(p))\np += 8\n`
      case 'string':
        return `${sized(op)}${target} = readUtf8(r, p + 4, ${word(0)} >>> 0)\np = r.at\n`
      case 'bytes':
        return `${sized(op)}${target} = readBytes(r, p + 4, ${word(0)} >>> 0)\np = r.at\n`
      case 'uuid':
        return `${target} = takeUuid(r, p)\np = r.at\n`
    }
  }

  function putScalar(op: ScalarOp, value: string): string {
    switch (op) {
      case 'bool':
        return `if (typeof ${value} !== 'boolean') wrong(${value}, 'a boolean')\nb[p++] = ${value} ? 1 : 0\n`
      case 'i8':
        return `${integerCheck(op, value)}b[p++] = ${value}\n`
      case 'i16':
        return `${integerCheck(op, value)}x.setInt16(p, ${value})\np += 2\n`
      case 'i32':
        return `${integerCheck(op, value)}x.setInt32(p, ${value})\np += 4\n`
      case 'u32':
        return `${integerCheck(op, value)}x.setUint32(p, 0)\nx.setUint32(p + 4, ${value})\np += 8\n`
      case 'i64':
      case 'u64':
        return `p = putBinaryLong(w, ${value}, p, ${op === 'u64'})\n`
      case 'safeI64':
      case 'safeU64':
        return `x.setInt32(p, highOfSafe(${value}, ${op === 'safeU64'}))\nx.setUint32(p + 4, Number(${value}))\np += 8\n`
      case 'double':
        return `if (typeof ${value} !== 'number') wrong(${value}, 'a number')\nx.setFloat64(p, ${oneNaN(value)})\np += 8\n`
      case 'float':
        return `x.setFloat64(p, floatOf(${value}))\np += 8\n`
      case 'string':
        return `p = putBinaryText(w, ${value}, p)\n`
      case 'bytes':
        return `p = putBinaryBytes(w, ${value}, p)\n`
      case 'uuid':
        return `p = putUuid(w, ${value}, p)\n`
    }
  }

  const listType = (node: Node): string => `if (n !== 0 && b[p] !== ${types[node.op]}) otherType()\n`
  const count = (from: number, least: number, size: string): string =>
    `if (${least === 1 ? size : `${size} * ${least}`} > e - p${from === 0 ? '' : ` - ${from}`}) cutShort()\n`

  return {
    wire: binaryWire,
    rooms: { ...least, string: undefined, bytes: undefined },
    lengthRoom: 4,
    fieldRoom: 3,
    headRoom: 6,
    // Four bytes at once: the last one is written over.
    putField: ({ op }, id) => `x.setInt32(p, ${hex((types[op] << 24) | (id << 8))})\np += 3\n`,
    putScalar,
    inHead: () => false,
    putList: (_, element) => `b[p] = ${types[element.op]}\nx.setUint32(p + 1, n)\np += 5\n`,
    putMap: (key, value) =>
      `b[p] = ${types[key.op]}\nb[p + 1] = ${types[value.op]}\nx.setUint32(p + 2, n)\np += 6\n`,
    fieldState: '',
    // No field takes less than four bytes.
    takeField: 'h = p + 4 <= e ? x.getInt32(p) >>> 8 : binaryTail(r, p)\n',
    headBytes: 3,
    isField: ({ op }, id) => `h === ${hex((types[op] << 16) | id)}`,
    isStop: 'h < 0x10000',
    stopBytes: 1,
    idOfHead: '(h & 0xffff)',
    typeOfHead: 'h >> 16',
    takeHeadBool: () => '',
    takeScalar,
    takeList: (element) =>
      `${room(5)}n = ${word(1)} >>> 0\n${listType(element)}p += 5\n${count(0, least[element.op], 'n')}`,
    takeMap: (key, value) =>
      `${room(6)}n = ${word(2)} >>> 0\n` +
      `if (n !== 0 && (b[p] !== ${types[key.op]} || b[p + 1] !== ${types[value.op]})) otherType()\np += 6\n` +
      count(0, least[key.op] + least[value.op], 'n'),
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`
}

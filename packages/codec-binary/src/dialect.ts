import type { Node, ScalarOp } from './plan.js'
import type { Wire } from './wire.js'

/**
 * How the two back ends that are code write and read one layout. Everything here is source text over these variables: `w` the
 * Writer or `r` the Reader, `b` its bytes, `x` its view, `p` the place, `e` the end, `z` a number to spare.
 */
export interface Dialect {
  readonly wire: Wire
  /** The most bytes that a value without variable parts takes; undefined for text and bytes, which take `lengthRoom` besides their own. */
  readonly rooms: Readonly<Record<ScalarOp, number | undefined>>
  readonly lengthRoom: number
  readonly fieldRoom: number
  readonly headRoom: number
  /** Writes the head of a field. @param last the id before it; undefined where that is in `l` */
  putField(node: Node, id: number, last: number | undefined, value: string): string
  /** Writes a scalar, checked. */
  putScalar(op: ScalarOp, value: string): string
  /** Is a field of the type all in its head? */
  inHead(op: Node['op']): boolean
  /** Writes the head of a list or set of `n` elements. */
  putList(type: Node['op'], element: Node): string
  putMap(key: Node, value: Node): string
  /** Declares what reading fields needs besides `p`. */
  readonly fieldState: string
  /** Reads the next field's head into `h`, moving on as far as `skipHead` says. */
  readonly takeField: string
  /** What has to be moved on from a head that was found to be a field's. */
  readonly headBytes: number
  /** Is `h` the head of the field? */
  isField(node: Node, id: number): string
  /** Is `h` the end of the fields? */
  readonly isStop: string
  readonly stopBytes: number
  /** The id in `h`. */
  readonly idOfHead: string
  /** The wire type in `h`. */
  readonly typeOfHead: string
  /** Reads a bool field that is all in its head. */
  takeHeadBool(target: string): string
  takeScalar(op: ScalarOp, target: string): string
  /** Reads the size of a list or set into `n`. */
  takeList(element: Node): string
  takeMap(key: Node, value: Node): string
}

/** Source text for both back ends: TypeScript asks for more to be said. */
export interface Grammar {
  /** Says that an element is there. */
  readonly sure: string
  /** A type in its place after a name. */
  type(name: string): string
  /** A value as of a type. */
  as(value: string, type: string): string
}

export const javascript: Grammar = { sure: '', type: () => '', as: (value) => value }
export const typescript: Grammar = {
  sure: '!',
  type: (name) => `: ${name}`,
  as: (value, type) => `(${value} as ${type})`,
}

/** The checks of integers that are numbers, and how the type is called. */
export function integerCheck(op: ScalarOp, value: string): string {
  const range = {
    i8: `${value} !== (${value} << 24) >> 24`,
    i16: `${value} !== (${value} << 16) >> 16`,
    i32: `${value} !== (${value} | 0)`,
    u32: `${value} !== ${value} >>> 0`,
  }[op as 'i8' | 'i16' | 'i32' | 'u32']
  return `if (typeof ${value} !== 'number' || ${range}) outOfRange(${value}, '${op}')\n`
}

/** The number, with one NaN for all: which bits one has is up to the engine, and to how far it has optimised the code. */
export function oneNaN(value: string): string {
  return `${value} === ${value} ? ${value} : Number.NaN`
}

import { describe } from './kind.js'
import { Refusal } from './refusal.js'

/** Which whole numbers a type has. */
export interface IntegerRange {
  readonly kind: string
  readonly low: number
  readonly high: number
}

/** Which whole numbers of 64 bits a type has, and what they are in JavaScript. */
export interface LongRange {
  readonly kind: string
  readonly js: 'bigint' | 'number'
  readonly low: bigint
  readonly high: bigint
}

/** The range of i8, i16, i32, u32 or enum. */
export function integerRange(kind: string): IntegerRange {
  const size = 2 ** (kind === 'i8' ? 7 : kind === 'i16' ? 15 : kind === 'u32' ? 32 : 31)
  return { kind, low: kind === 'u32' ? 0 : -size, high: size - 1 }
}

/** The range of i64 or u64. */
export function longRange({ kind, js }: Pick<LongRange, 'kind' | 'js'>): LongRange {
  const [low, high] = kind === 'i64' ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n]
  return { kind, js, low, high }
}

/** The value, if it is one of the range. Throws Refusal. */
export function checkInteger(value: unknown, range: IntegerRange): number {
  if (typeof value !== 'number') return mismatch(value, range.kind)
  if (Number.isInteger(value) && value >= range.low && value <= range.high) return value
  throw new Refusal(`is no ${range.kind}: it is not from ${range.low} to ${range.high}`)
}

/** The value as a safe integer or a bigint, if it is one of the range in its own form. Throws Refusal. */
export function checkLong(value: unknown, range: LongRange): number | bigint {
  const { kind, js } = range
  if (typeof value === js) return checkRange(value as number | bigint, range)
  return mismatch(value, js === 'number' ? kind : `${kind}, which is a bigint`)
}

/** A whole number that was received, in the form of its type. Throws Refusal. */
export function receivedLong(value: number | bigint, range: LongRange): number | bigint {
  const { kind, js } = range
  if (js === 'number') return checkRange(Number(value), range)
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new Refusal(`is no ${kind}`)
  return checkRange(BigInt(value), range)
}

function checkRange(value: number | bigint, { kind, low, high }: LongRange): number | bigint {
  if (typeof value === 'bigint') {
    if (value >= low && value <= high) return value
    throw new Refusal(`is no ${kind}: it is not from ${low} to ${high}`)
  }
  if (Number.isSafeInteger(value) && (value >= 0 || kind !== 'u64')) return value
  throw new Refusal(`is no ${kind} that a number holds exactly`)
}

/** The value, if it is text that has UTF-8. Throws Refusal. */
export function checkString(value: unknown): string {
  if (typeof value !== 'string') return mismatch(value, 'string')
  if (!value.isWellFormed()) throw new Refusal('holds half a surrogate pair')
  return value
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The value in lower case, if it is a UUID in its usual form. Throws Refusal. */
export function checkUuid(value: unknown): string {
  if (typeof value !== 'string') return mismatch(value, 'uuid')
  if (!uuidPattern.test(value)) throw new Refusal('is no uuid')
  return value.toLowerCase()
}

/** Throws Refusal: the value is no `kind`. Does not quote it. */
export function mismatch(value: unknown, kind: string): never {
  throw new Refusal(`is ${value == null ? String(value) : describe(value)}, not ${kind}`)
}

// What an Error has that nobody set, and what every object inherits.
const inherited: readonly string[] = ['message', 'stack', 'cause']

/** Must a field of this name be told from what objects have by themselves? */
export function isInherited(key: string): boolean {
  return key in Error.prototype || inherited.includes(key)
}

/** The value of such a field; undefined where nobody has set it. */
export function ownPart(value: object, key: string): unknown {
  return Object.prototype.propertyIsEnumerable.call(value, key) ? Reflect.get(value, key) : undefined
}

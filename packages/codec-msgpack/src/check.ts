import { describe, isBytes, isDangerous, isPlain, Refusal } from '@hawser/codec-base'
import { dateBytes } from './date.js'

/**
 * Checks a value by making a copy of it, so that each property is read once and what was checked is what is encoded: an
 * object may have getters, or be a proxy, and nothing tells that from outside at less than the price of a copy.
 *
 * The copy holds plain objects, arrays, texts, numbers, booleans, nulls, bigints and bytes, and nothing that msgpackr would
 * lose, change, or hand to an extension. For what it has no exact form of, the copy has a stand-in of the same length,
 * which `correct` recognises in the encoded bytes.
 */
export class Check {
  readonly #depth: number
  readonly #nodes: number
  #left: number
  /** How many byte strings the copy holds. */
  bytes = 0
  /** Which of them are Dates, in the order of encoding. */
  dates: number[] | undefined
  /** Does it hold an integer that stands for something? */
  standIns = false

  constructor(depth: number, nodes: number) {
    this.#depth = depth
    this.#nodes = nodes
    this.#left = nodes
  }

  /** Once. Throws Refusal. */
  copy(value: unknown): unknown {
    return this.#value(value, 0)
  }

  #value(value: unknown, depth: number): unknown {
    if (--this.#left < 0) throw new Refusal(`makes more than ${this.#nodes} values`, 'too_deep')
    switch (typeof value) {
      case 'string':
        return wellFormed(value)
      case 'number':
        return this.#number(value)
      case 'boolean':
        return value
      case 'bigint':
        return this.#bigint(value)
      case 'object':
        return value === null ? null : this.#object(value, depth)
      default:
        throw new Refusal(`is ${describe(value)}, which MessagePack cannot carry`)
    }
  }

  #number(value: number): number | bigint {
    if (value === 0) return Object.is(value, -0) ? this.#standIn(0n) : 0
    // As doubles they would travel too, but other languages tell those from integers.
    if (value > 0xffff_ffff && Number.isSafeInteger(value)) return this.#standIn(BigInt(value))
    if (value < -0x8000_0000 && Number.isSafeInteger(value)) return BigInt(value)
    return value
  }

  #bigint(value: bigint): number | bigint {
    if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER)
      return this.#number(Number(value))
    if (value > 0n) {
      if (BigInt.asUintN(64, value) === value) return this.#standIn(value)
    } else if (BigInt.asIntN(64, value) === value) return value
    throw new Refusal('is a bigint of more than 64 bits')
  }

  #standIn(value: bigint): bigint {
    this.standIns = true
    return value
  }

  #object(value: object, depth: number): unknown {
    if (Array.isArray(value)) return this.#array(value, depth + 1)
    const prototype: object | null = Object.getPrototypeOf(value)
    if (isPlain(prototype)) return this.#map(value as Record<string, unknown>, depth + 1)
    if (isBytes(value)) {
      this.bytes++
      // Another realm's would not be bytes to msgpackr, and a subclass might be an extension.
      if (prototype === Uint8Array.prototype) return value
      return new Uint8Array(value.buffer, value.byteOffset, value.length)
    }
    if (!(value instanceof Date)) throw new Refusal(`is ${describe(value)}, which MessagePack cannot carry`)
    const time = Date.prototype.getTime.call(value)
    if (Number.isNaN(time)) throw new Refusal('is an invalid Date')
    this.dates ??= []
    this.dates.push(this.bytes++)
    return dateBytes(time)
  }

  #array(values: readonly unknown[], depth: number): unknown[] {
    this.#enter(depth)
    const { length } = values
    const copy: unknown[] = []
    let i = 0
    try {
      for (; i < length; i++) copy.push(this.#value(values[i], depth))
    } catch (thrown) {
      throw Refusal.under(thrown, values, i)
    }
    return copy
  }

  #map(object: Record<string, unknown>, depth: number): Record<string, unknown> {
    this.#enter(depth)
    const copy: Record<string, unknown> = {}
    for (const key of Object.keys(object)) {
      try {
        const value = object[key]
        if (value === undefined) continue
        if (isDangerous(key, value)) throw new Refusal('has a key that receivers refuse')
        copy[wellFormed(key)] = this.#value(value, depth)
      } catch (thrown) {
        throw Refusal.under(thrown, object, key)
      }
    }
    return copy
  }

  #enter(depth: number): void {
    if (depth > this.#depth) throw new Refusal(`nests deeper than ${this.#depth}`, 'too_deep')
  }
}

function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw new Refusal('holds half a surrogate pair')
  return text
}

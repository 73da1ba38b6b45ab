import { describe, isBytes, isDangerous, isPlain, Refusal } from '@hawser/codec-base'
import { toBase64 } from './base64.js'
import { type Keys, quoted } from './quoted.js'

/** Writes values as JSON text, checking each on the way, so that every value is read exactly once and no toJSON runs. */
export class Writer {
  readonly #depth: number
  readonly #nodes: number
  readonly #keys: Keys
  #left = 0

  constructor(depth: number, nodes: number, keys: Keys) {
    this.#depth = depth
    this.#nodes = nodes
    this.#keys = keys
  }

  /** Throws whatever the value's own code throws, and Refusal. */
  write(value: unknown): string {
    this.#left = this.#nodes
    return this.#value(value, 0)
  }

  #value(value: unknown, depth: number): string {
    if (--this.#left < 0) throw new Refusal(`makes more than ${this.#nodes} values`, 'too_deep')
    switch (typeof value) {
      case 'string':
        return quoted(value)
      case 'number':
        return number(value)
      case 'boolean':
        return value ? 'true' : 'false'
      case 'object':
        return value === null ? 'null' : this.#object(value, depth)
      default:
        throw new Refusal(`is ${describe(value)}, which JSON cannot carry`)
    }
  }

  #object(value: object, depth: number): string {
    if (Array.isArray(value)) return this.#array(value, depth + 1)
    if (isPlain(Object.getPrototypeOf(value)))
      return this.#members(value as Record<string, unknown>, depth + 1)
    if (isBytes(value)) return `"${toBase64(value)}"`
    throw new Refusal(`is ${describe(value)}, which JSON cannot carry`)
  }

  #array(values: readonly unknown[], depth: number): string {
    this.#enter(depth)
    const { length } = values
    let text = '['
    let i = 0
    try {
      for (; i < length; i++) text += (i === 0 ? '' : ',') + this.#value(values[i], depth)
    } catch (thrown) {
      throw Refusal.under(thrown, values, i)
    }
    return `${text}]`
  }

  #members(object: Record<string, unknown>, depth: number): string {
    this.#enter(depth)
    let text = '{'
    for (const key of Object.keys(object)) {
      try {
        const value = object[key]
        if (value === undefined) continue
        if (isDangerous(key, value)) throw new Refusal('has a key that receivers refuse')
        if (text.length > 1) text += ','
        text += this.#keys.quoted(key) + this.#value(value, depth)
      } catch (thrown) {
        throw Refusal.under(thrown, object, key)
      }
    }
    return `${text}}`
  }

  #enter(depth: number): void {
    if (depth > this.#depth) throw new Refusal(`nests deeper than ${this.#depth}`, 'too_deep')
  }
}

function number(value: number): string {
  if (!Number.isFinite(value)) throw new Refusal(`is ${value}, which JSON cannot carry`)
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  // Digits alone stand for an exact integer; a double past those shows by its exponent that it is one.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value)
}

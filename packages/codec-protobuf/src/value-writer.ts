import { describe, isBytes, isDangerous, isPlain, Refusal } from '@hawser/codec-base'
import { base64 } from './base64.js'
import { doubleCell, stringCell, tags } from './value-tags.js'
import { Writer } from './writer.js'

/** Writes values without a type as google.protobuf.Value. */
export class ValueWriter {
  readonly #writer = new Writer()
  readonly #limits: { readonly nodes: number; readonly depth: number }
  #left = 0

  constructor(limits: { readonly nodes: number; readonly depth: number }) {
    this.#limits = limits
  }

  /** Throws {@link Refusal}, and whatever the value's own code throws. */
  encode(value: unknown, headroom: number): Uint8Array {
    this.#left = this.#limits.nodes
    this.#writer.open(headroom, 64)
    this.#value(value, 0)
    return this.#writer.close()
  }

  #value(value: unknown, depth: number): void {
    if (--this.#left < 0) throw new Refusal(`makes more than ${this.#limits.nodes} values`, 'too_deep')
    const writer = this.#writer
    switch (typeof value) {
      case 'string':
        writer.tag(tags.string)
        writer.scalar(stringCell, value)
        return
      case 'number':
        writer.tag(tags.number)
        writer.scalar(doubleCell, value)
        return
      case 'boolean':
        writer.tag(tags.bool)
        writer.varint(value ? 1 : 0)
        return
      case 'object':
        if (value !== null) {
          this.#object(value, depth)
          return
        }
        writer.tag(tags.null)
        writer.varint(0)
        return
      default:
        throw new Refusal(`is ${describe(value)}, which google.protobuf.Value cannot carry`)
    }
  }

  #object(value: object, depth: number): void {
    if (Array.isArray(value)) this.#list(value, depth + 1)
    else if (isPlain(Object.getPrototypeOf(value))) this.#struct(value as Record<string, unknown>, depth + 1)
    else if (isBytes(value)) {
      this.#writer.tag(tags.string)
      this.#writer.scalar(stringCell, base64(value))
    } else throw new Refusal(`is ${describe(value)}, which google.protobuf.Value cannot carry`)
  }

  #list(values: readonly unknown[], depth: number): void {
    this.#enter(depth)
    const writer = this.#writer
    writer.tag(tags.list)
    const list = writer.begin(1)
    const { length } = values
    let i = 0
    try {
      for (; i < length; i++) {
        writer.tag(tags.element)
        const element = writer.begin(1)
        this.#value(values[i], depth)
        writer.end(element, 1)
      }
    } catch (thrown) {
      throw Refusal.under(thrown, values, i)
    }
    writer.end(list, 1)
  }

  #struct(object: Record<string, unknown>, depth: number): void {
    this.#enter(depth)
    const writer = this.#writer
    writer.tag(tags.struct)
    const struct = writer.begin(1)
    for (const key of Object.keys(object)) {
      try {
        const value = object[key]
        if (value === undefined) continue
        if (isDangerous(key, value)) throw new Refusal('has a key that receivers refuse')
        writer.tag(tags.element)
        const entry = writer.begin(1)
        writer.tag(tags.key)
        writer.scalar(stringCell, key)
        writer.tag(tags.value)
        const mark = writer.begin(1)
        this.#value(value, depth)
        writer.end(mark, 1)
        writer.end(entry, 1)
      } catch (thrown) {
        throw Refusal.under(thrown, object, key)
      }
    }
    writer.end(struct, 1)
  }

  #enter(depth: number): void {
    if (depth > this.#limits.depth) throw new Refusal(`nests deeper than ${this.#limits.depth}`, 'too_deep')
  }
}

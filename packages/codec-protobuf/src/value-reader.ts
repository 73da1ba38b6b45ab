import { isDangerous, refuse } from '@hawser/codec-base'
import type { Reader } from './reader.js'
import { doubleCell, tags } from './value-tags.js'

/**
 * Reads values without a type from google.protobuf.Value. Nothing in it can be unknown, nor come twice: there is no telling
 * what such a value would mean.
 */
export class ValueReader {
  readonly #reader: Reader

  constructor(reader: Reader) {
    this.#reader = reader
  }

  /** Throws RpcError. */
  decode(bytes: Uint8Array): unknown {
    const reader = this.#reader
    reader.open(bytes)
    try {
      return this.#value(bytes.length, 0)
    } finally {
      // An idle codec must not keep a message alive.
      reader.bytes = new Uint8Array(0)
    }
  }

  #value(end: number, depth: number): unknown {
    const reader = this.#reader
    if (reader.at >= end) refuse('A value is empty')
    const value = this.#kind(reader.tag(), depth)
    if (reader.at !== end) refuse('A value is followed by something')
    return value
  }

  #kind(tag: number, depth: number): unknown {
    const reader = this.#reader
    switch (tag) {
      case tags.null:
        return reader.varint() === 0 ? null : refuse('A null is none')
      case tags.number:
        return reader.scalar(doubleCell)
      case tags.string:
        return reader.text()
      case tags.bool:
        return this.#bool()
      case tags.struct:
        return this.#struct(reader.end(), depth + 1)
      case tags.list:
        return this.#list(reader.end(), depth + 1)
      default:
        return refuse('A value is of an unknown kind')
    }
  }

  #bool(): boolean {
    const value = this.#reader.varint()
    return value === 0 || value === 1 ? value === 1 : refuse('A boolean is neither 0 nor 1')
  }

  #list(end: number, depth: number): unknown[] {
    const reader = this.#reader
    reader.enter(depth)
    const values: unknown[] = []
    while (reader.at < end) {
      this.#expect(tags.element)
      reader.count()
      values.push(this.#value(reader.end(), depth))
    }
    if (reader.at !== end) refuse('A list is longer than its length')
    return values
  }

  #struct(end: number, depth: number): Record<string, unknown> {
    const reader = this.#reader
    reader.enter(depth)
    const object: Record<string, unknown> = {}
    while (reader.at < end) {
      this.#expect(tags.element)
      const entry = reader.end()
      this.#expect(tags.key)
      const key = reader.text()
      this.#expect(tags.value)
      reader.count()
      const value = this.#value(reader.end(), depth)
      if (reader.at !== entry) refuse('An entry is longer than its length')
      if (isDangerous(key, value)) refuse('An object has a key that is refused')
      if (Object.hasOwn(object, key)) refuse('An object has a key twice')
      object[key] = value
    }
    if (reader.at !== end) refuse('An object is longer than its length')
    return object
  }

  #expect(tag: number): void {
    if (this.#reader.tag() !== tag) refuse('A value is not laid out as one')
  }
}

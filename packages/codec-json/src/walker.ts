import {
  constructorKey,
  isName,
  type Name,
  protoKey,
  prototypeKey,
  readText,
  refuse,
  sameBytes,
} from '@hawser/codec-base'
import { find } from './text.js'

const array = 0
const object = 1
/** An object that is the value of a key `constructor`. */
const constructorObject = 2

// Objects of up to so many keys are searched for duplicates pair by pair; larger ones by a set.
const pairwiseKeys = 8
// Texts are searched by a loop for so many bytes, and natively from there on.
const loopBytes = 96
// Whole numbers of up to so many digits are safe integers.
const safeDigits = 15
// Fractions of up to so many characters cannot vanish into 0.
const safeFraction = 300

const quote = 0x22
const backslash = 0x5c

/**
 * Checks what JSON.parse does not: depth, count, keys, surrogates and exact numbers. It relies on JSON.parse to refuse
 * whatever is no JSON: up to its first mistake a text reads the same for both, and after it nothing matters.
 */
export class Walker {
  readonly #depth: number
  readonly #nodes: number
  readonly #digits: number
  readonly #anyKeys: boolean
  // What is known of each open container, by its depth; 0 stands for the message itself.
  readonly #kinds: Uint8Array
  readonly #counts: Uint32Array
  readonly #sets: (Set<string> | undefined)[]
  #setsUsed = false
  readonly #keyStarts: Uint32Array
  readonly #keyEnds: Uint32Array
  #bytes: Uint8Array = new Uint8Array(0)
  /** Where the next backslash is, at or after the place where it was last looked for. */
  #backslash = 0
  #escaped = false

  /** @param anyKeys for readers that make no properties of keys: then those are let through that change prototypes */
  constructor(depth: number, nodes: number, digits: number, anyKeys: boolean) {
    this.#anyKeys = anyKeys
    this.#depth = Math.floor(depth)
    this.#nodes = nodes
    this.#digits = digits
    this.#kinds = new Uint8Array(this.#depth + 1)
    this.#counts = new Uint32Array(this.#depth + 1)
    this.#sets = new Array<undefined>(this.#depth + 1).fill(undefined)
    this.#keyStarts = new Uint32Array((this.#depth + 1) * pairwiseKeys)
    this.#keyEnds = new Uint32Array((this.#depth + 1) * pairwiseKeys)
  }

  /** @throws RpcError `invalid_argument` / `bad_payload` or `too_deep`; SyntaxError or TypeError for what is no JSON */
  walk(bytes: Uint8Array): void {
    const end = bytes.length
    let at = 0
    let depth = 0
    let kind = array
    let nodes = 0
    let keyNext = false
    let inConstructor = false
    this.#bytes = bytes
    this.#backslash = -1
    // Left over where the message before was refused.
    if (this.#setsUsed) this.#sets.fill(undefined)
    this.#setsUsed = false

    while (at < end) {
      const byte = bytes[at]!
      switch (byte) {
        case 0x20:
        case 0x09:
        case 0x0a:
        case 0x0d:
        case 0x3a: // :
          at++
          continue
        case 0x2c: // ,
          keyNext = kind !== array
          at++
          continue
        case 0x5d: // ]
        case 0x7d: // }
          if (depth === 0) refuse('Not valid JSON')
          this.#sets[depth] = undefined
          depth--
          kind = this.#kinds[depth]!
          keyNext = false
          at++
          continue
      }
      if (keyNext && byte === quote) {
        const start = at + 1
        at = this.#string(start)
        inConstructor = this.#key(start, at - 1, depth, kind)
        keyNext = false
        continue
      }

      if (++nodes > this.#nodes) refuse(`The message holds more than ${this.#nodes} values`, 'too_deep')
      if (byte === quote) {
        at = this.#string(at + 1)
      } else if (byte === 0x7b || byte === 0x5b) {
        this.#kinds[depth] = kind
        if (++depth > this.#depth) refuse(`The value nests deeper than ${this.#depth}`, 'too_deep')
        kind = byte === 0x5b ? array : inConstructor ? constructorObject : object
        keyNext = kind !== array
        this.#kinds[depth] = kind
        this.#counts[depth] = 0
        at++
      } else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) {
        at = this.#number(at)
      } else {
        // true, false or null; JSON.parse tells them from the rest.
        if (byte < 0x61 || byte > 0x7a) refuse('Not valid JSON')
        while (at < end && bytes[at]! >= 0x61 && bytes[at]! <= 0x7a) at++
      }
      inConstructor = false
    }
  }

  /** An idle codec must not keep a message alive. */
  release(): void {
    this.#bytes = nothing
  }

  /** Returns where the string that begins at `start` has ended, behind its quote. */
  #string(start: number): number {
    const bytes = this.#bytes
    this.#escaped = false
    const stop = Math.min(start + loopBytes, bytes.length)
    let at = start
    for (; at < stop; at++) {
      const byte = bytes[at]
      if (byte === quote) return at + 1
      if (byte === backslash) return this.#escapes(at)
    }
    if (this.#backslash < at) this.#backslash = find(bytes, backslash, at)
    const close = find(bytes, quote, at)
    if (close === bytes.length) refuse('Not valid JSON')
    return this.#backslash < close ? this.#escapes(this.#backslash) : close + 1
  }

  /** As `#string`, from its first backslash on. */
  #escapes(first: number): number {
    const bytes = this.#bytes
    this.#escaped = true
    for (let at = first; at < bytes.length; at++) {
      const byte = bytes[at]
      if (byte === quote) return at + 1
      if (byte !== backslash) continue
      at++
      if (bytes[at] !== 0x75) continue // u
      const unit = this.#unit(at + 1)
      at += 4
      if (unit < 0xd800 || unit > 0xdfff) continue
      const low = bytes[at + 1] === backslash && bytes[at + 2] === 0x75 ? this.#unit(at + 3) : 0
      if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff) refuse('A string holds half a surrogate pair')
      at += 6
    }
    refuse('Not valid JSON')
  }

  /** The number of four hexadecimal digits. */
  #unit(at: number): number {
    let unit = 0
    for (let i = at; i < at + 4; i++) {
      const byte = this.#bytes[i] ?? 0
      const letter = byte | 0x20
      const digit =
        byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
      if (digit < 0) refuse('Not valid JSON')
      unit = unit * 16 + digit
    }
    return unit
  }

  #text(start: number, end: number): string {
    return readText(this.#bytes.subarray(start, end))
  }

  /** Checks a key of the open object. Returns whether it is `constructor`. */
  #key(start: number, end: number, depth: number, kind: number): boolean {
    // An escaped key is compared as the text it stands for.
    const text = this.#escaped ? String(JSON.parse(this.#text(start - 1, end + 1))) : undefined
    if (!this.#anyKeys && this.#is(protoKey, text, start, end)) refuse('A key is __proto__')
    if (!this.#anyKeys && kind === constructorObject && this.#is(prototypeKey, text, start, end))
      refuse('A key is prototype, under constructor')
    this.#unique(text, start, end, depth)
    return this.#is(constructorKey, text, start, end)
  }

  #is(name: Name, text: string | undefined, start: number, end: number): boolean {
    return text === undefined ? isName(name, this.#bytes, start, end) : text === name.text
  }

  #unique(text: string | undefined, start: number, end: number, depth: number): void {
    const base = depth * pairwiseKeys
    const count = this.#counts[depth]!
    let set = this.#sets[depth]
    if (set === undefined && text === undefined && count < pairwiseKeys) {
      const length = end - start
      for (let i = base; i < base + count; i++) {
        const other = this.#keyStarts[i]!
        if (this.#keyEnds[i]! - other === length && sameBytes(this.#bytes, start, this.#bytes, other, length))
          duplicate()
      }
      this.#keyStarts[base + count] = start
      this.#keyEnds[base + count] = end
      this.#counts[depth] = count + 1
      return
    }
    if (set === undefined) {
      set = new Set()
      for (let i = base; i < base + count; i++) set.add(this.#text(this.#keyStarts[i]!, this.#keyEnds[i]!))
      this.#sets[depth] = set
      this.#setsUsed = true
    }
    const key = text ?? this.#text(start, end)
    if (set.has(key)) duplicate()
    set.add(key)
  }

  /** Returns where the number that begins at `start` has ended. */
  #number(start: number): number {
    const bytes = this.#bytes
    const first = bytes[start] === 0x2d ? start + 1 : start
    let at = first
    let whole = true
    let exponent = false
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte >= 0x30 && byte <= 0x39) continue
      if (byte === 0x65 || byte === 0x45) exponent = true
      else if (byte !== 0x2e && byte !== 0x2b && byte !== 0x2d) break
      whole = false
    }
    const length = at - first
    if (whole) {
      if (length > this.#digits) refuse(`A whole number of more than ${this.#digits} digits`)
      if (length <= safeDigits) return at
      if (!Number.isSafeInteger(Number(this.#text(start, at)))) refuse('A whole number past 2^53 - 1')
    } else if (exponent || length > safeFraction) {
      const text = this.#text(start, at)
      const value = Number(text)
      if (!Number.isFinite(value)) refuse('A number past what a double can hold')
      if (value === 0 && /^-?[0.]*[1-9]/.test(text)) refuse('A number below what a double can hold')
    }
    return at
  }
}

const nothing = new Uint8Array(0)

function duplicate(): never {
  refuse('An object has a key twice')
}

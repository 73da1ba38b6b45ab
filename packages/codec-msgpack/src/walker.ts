import { constructorKey, isName, protoKey, prototypeKey, refuse, sameBytes } from '@hawser/codec-base'
import { checkText, type TextKind } from './text.js'

const array = 0
const map = 1
/** A map that is the value of a key `constructor`. */
const constructorMap = 2

// Maps of up to so many keys are checked for duplicates here; larger ones by whoever builds them, counting entries.
const pairwiseKeys = 16
// The longest text that msgpackr does not leave to a TextDecoder, which drops a byte order mark.
const longestPlainText = 64

/**
 * Checks that bytes are exactly one MessagePack value that is safe to build: before anything is allocated for it, and
 * without recursion.
 */
export class Walker {
  readonly #depth: number
  readonly #nodes: number
  // What is known of each open container, by its depth; 0 stands for the message itself.
  readonly #kinds: Uint8Array
  readonly #lefts: Uint32Array
  readonly #sizes: Uint32Array
  // For each depth, where the keys seen so far are.
  readonly #keyStarts: Uint32Array
  readonly #keyEnds: Uint32Array
  /** Does the message hold anything that has to be seen to once it is built? */
  unsettled = false
  /** How many entries all its maps have together. */
  entries = 0
  /** Its timestamps, and its texts that begin with a byte order mark: from where the contents are to where the token is. */
  readonly marks: Map<number, number> = new Map()

  constructor(depth: number, nodes: number) {
    this.#depth = Math.floor(depth)
    this.#nodes = nodes
    this.#kinds = new Uint8Array(this.#depth + 1)
    this.#lefts = new Uint32Array(this.#depth + 1)
    this.#sizes = new Uint32Array(this.#depth + 1)
    this.#keyStarts = new Uint32Array((this.#depth + 1) * pairwiseKeys)
    this.#keyEnds = new Uint32Array((this.#depth + 1) * pairwiseKeys)
  }

  /** @throws RpcError `invalid_argument` / `bad_payload` or `too_deep` */
  walk(bytes: Uint8Array): void {
    const end = bytes.length
    let at = 0
    let depth = 0
    let kind = array
    let left = 1
    let nodes = 1
    let entries = 0
    this.unsettled = false
    if (this.marks.size > 0) this.marks.clear()
    if (nodes > this.#nodes) tooMany(this.#nodes)

    for (;;) {
      while (left === 0) {
        if (depth === 0) {
          if (at !== end) refuse(`${end - at} bytes follow the value`)
          this.entries = entries
          return
        }
        depth--
        kind = this.#kinds[depth]!
        left = this.#lefts[depth]!
      }
      left--
      let inConstructor = false
      if (kind !== array) {
        const token = bytes[at]!
        const short = token >= 0xa0 && token < 0xc0
        const start = short ? at + 1 : textStart(bytes, at)
        const stop = start + (short ? token & 0x1f : textLength(bytes, at))
        if (stop > end) cutShort()
        inConstructor = this.#key(bytes, start, stop, depth, kind, this.#sizes[depth]! - left - 1)
        at = stop
      }

      if (at >= end) cutShort()
      const token = bytes[at++]!
      if (token < 0x80 || token >= 0xe0) continue
      let size = -1
      let isMap = false
      if (token < 0xa0) {
        size = token & 0x0f
        isMap = token < 0x90
      } else if (token < 0xc0) {
        const stop = at + (token & 0x1f)
        if (stop > end) cutShort()
        if (checkText(bytes, at, stop) === 'bad') badText()
        at = stop
        continue
      } else {
        switch (token) {
          case 0xc0:
          case 0xc2:
          case 0xc3:
            continue
          case 0xcc:
          case 0xd0:
            at += 1
            break
          case 0xcd:
          case 0xd1:
            at += 2
            break
          case 0xca:
          case 0xce:
          case 0xd2:
            at += 4
            break
          case 0xcb:
            at += 8
            break
          case 0xcf:
          case 0xd3:
            this.unsettled = true
            at += 8
            break
          case 0xd9:
          case 0xda:
          case 0xdb: {
            const start = textStart(bytes, at - 1)
            const stop = start + textLength(bytes, at - 1)
            if (stop > end) cutShort()
            if (startsWithMark(bytes, start, stop, checkText(bytes, start, stop))) this.#mark(start, at - 1)
            at = stop
            break
          }
          case 0xc4:
            this.unsettled = true
            at += 1 + number(bytes, at, 1)
            break
          case 0xc5:
            this.unsettled = true
            at += 2 + number(bytes, at, 2)
            break
          case 0xc6:
            this.unsettled = true
            at += 4 + number(bytes, at, 4)
            break
          case 0xd6:
          case 0xd7:
            this.#mark(at + 1, at - 1)
            at = timestamp(bytes, at, token === 0xd6 ? 4 : 8)
            break
          case 0xc7:
            this.#mark(at + 1, at - 1)
            at = timestamp(bytes, at + 1, number(bytes, at, 1))
            break
          case 0xdc:
          case 0xde:
            size = number(bytes, at, 2)
            isMap = token === 0xde
            at += 2
            break
          case 0xdd:
          case 0xdf:
            size = number(bytes, at, 4)
            isMap = token === 0xdf
            at += 4
            break
          case 0xc1:
            refuse('The byte c1 is no MessagePack')
            break
          default:
            refuse('An extension type other than the timestamp')
        }
        if (at > end) cutShort()
      }
      if (size < 0) continue

      // A container. Each of its elements takes a byte at least, of a map two.
      if (size > (end - at) / (isMap ? 2 : 1)) cutShort()
      nodes += size
      if (nodes > this.#nodes) tooMany(this.#nodes)
      if (isMap) {
        entries += size
        if (size > pairwiseKeys) this.unsettled = true
      }
      this.#kinds[depth] = kind
      this.#lefts[depth] = left
      depth++
      if (depth > this.#depth) refuse(`The value nests deeper than ${this.#depth}`, 'too_deep')
      this.#sizes[depth] = size
      kind = isMap ? (inConstructor ? constructorMap : map) : array
      left = size
    }
  }

  #mark(contents: number, token: number): void {
    this.marks.set(contents, token)
    this.unsettled = true
  }

  /** Checks the key numbered `index` of its map. Returns whether it is `constructor`. */
  #key(bytes: Uint8Array, start: number, end: number, depth: number, kind: number, index: number): boolean {
    const length = end - start
    if (startsWithMark(bytes, start, end, checkText(bytes, start, end)) && length > longestPlainText)
      refuse(`A key of more than ${longestPlainText} bytes begins with a byte order mark`)
    if (isName(protoKey, bytes, start, end)) refuse('A key is __proto__')
    if (kind === constructorMap && isName(prototypeKey, bytes, start, end))
      refuse('A key is prototype, under constructor')
    if (this.#sizes[depth]! <= pairwiseKeys) {
      const base = depth * pairwiseKeys
      for (let i = base; i < base + index; i++) {
        const other = this.#keyStarts[i]!
        if (this.#keyEnds[i]! - other === length && sameBytes(bytes, start, bytes, other, length))
          refuse('A map has a key twice')
      }
      this.#keyStarts[base + index] = start
      this.#keyEnds[base + index] = end
    }
    return isName(constructorKey, bytes, start, end)
  }
}

function startsWithMark(bytes: Uint8Array, start: number, end: number, kind: TextKind): boolean {
  if (kind === 'ascii') return false
  if (kind === 'bad') badText()
  return end - start > 2 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf
}

function badText(): never {
  refuse('A string is not valid UTF-8')
}

/** The big-endian number of 1, 2 or 4 bytes. */
function number(bytes: Uint8Array, at: number, size: number): number {
  if (at + size > bytes.length) cutShort()
  if (size === 1) return bytes[at]!
  const short = (bytes[at]! << 8) | bytes[at + 1]!
  return size === 2 ? short : short * 0x10000 + ((bytes[at + 2]! << 8) | bytes[at + 3]!)
}

/** Where the text begins whose token is at `at`; not for the short form. */
function textStart(bytes: Uint8Array, at: number): number {
  const token = bytes[at]
  if (token === undefined) cutShort()
  if (token < 0xd9 || token > 0xdb) refuse('A map key is no string')
  return at + 1 + (1 << (token - 0xd9))
}

/** The length of the text whose token is at `at`; not for the short form. */
function textLength(bytes: Uint8Array, at: number): number {
  return number(bytes, at + 1, 1 << (bytes[at]! - 0xd9))
}

/** Checks a timestamp from its type byte on, and returns where it ends. */
function timestamp(bytes: Uint8Array, at: number, length: number): number {
  const body = at + 1
  const end = body + length
  if (end > bytes.length) cutShort()
  if (bytes[at] !== 0xff) refuse('An extension type other than the timestamp')
  if (length === 4) return end
  if (length !== 8 && length !== 12) refuse('A timestamp of a wrong length')
  const nanoseconds = length === 8 ? Math.floor(number(bytes, body, 4) / 4) : number(bytes, body, 4)
  if (nanoseconds > 999_999_999) refuse('A timestamp with more than a second of nanoseconds')
  if (length === 12) {
    const seconds = (number(bytes, body + 4, 4) | 0) * 0x1_0000_0000 + number(bytes, body + 8, 4)
    const last = latestSecond
    if (seconds < -last || seconds > last || (seconds === last && nanoseconds > 0))
      refuse('A timestamp past what a Date can hold')
  }
  return end
}

// A Date holds 100,000,000 days to either side of 1970.
const latestSecond = 8_640_000_000_000

function cutShort(): never {
  refuse('The bytes end within the value')
}

function tooMany(limit: number): never {
  refuse(`The message holds more than ${limit} values`, 'too_deep')
}

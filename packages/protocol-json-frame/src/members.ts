import { RpcError } from '@hawser/contract'
import { textOf } from '@hawser/wire'

const quote = 0x22
const backslash = 0x5c
const brace = 0x7b

/** Where the value of a member lies. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Is this where an object begins? */
export function beginsObject(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === brace
}

/**
 * Finds members of the one object that the bytes are, without reading their values: those stay the bytes they are, for the
 * codec that knows what becomes of large numbers and of odd keys. Members nobody asks for have to be JSON, too.
 * @returns for each name, where its value lies; undefined where there is none
 * @throws RpcError `invalid_argument` / `bad_payload`
 */
export function membersOf(
  bytes: Uint8Array,
  start: number,
  end: number,
  names: readonly string[],
): (Span | undefined)[] {
  const found: (Span | undefined)[] = names.map(() => undefined)
  let at = skipSpace(bytes, start, end)
  if (at >= end || bytes[at] !== brace) throw noJson()
  at = skipSpace(bytes, at + 1, end)
  if (bytes[at] === 0x7d && at < end) {
    if (skipSpace(bytes, at + 1, end) !== end) throw noJson()
    return found
  }
  for (;;) {
    if (at >= end || bytes[at] !== quote) throw noJson()
    const keyEnd = skipString(bytes, at, end)
    const index = names.indexOf(textAt(bytes, at, keyEnd))
    at = skipSpace(bytes, keyEnd, end)
    if (at >= end || bytes[at] !== 0x3a) throw noJson()
    const valueStart = skipSpace(bytes, at + 1, end)
    at = skipValue(bytes, valueStart, end)
    if (index < 0) valueAt(bytes, valueStart, at)
    else if (found[index]) throw badPayload(`A message has ${names[index]} twice`)
    else found[index] = { start: valueStart, end: at }
    at = skipSpace(bytes, at, end)
    const next = at < end ? bytes[at] : undefined
    if (next === 0x7d) {
      if (skipSpace(bytes, at + 1, end) !== end) throw noJson()
      return found
    }
    if (next !== 0x2c) throw noJson()
    at = skipSpace(bytes, at + 1, end)
  }
}

/** Are the bytes one value, as far as brackets and quotes tell? Then they can stand inside a message and end where they end. */
export function isOneValue(bytes: Uint8Array): boolean {
  const { length } = bytes
  try {
    const start = skipSpace(bytes, 0, length)
    return skipSpace(bytes, skipValue(bytes, start, length), length) === length
  } catch {
    return false
  }
}

/**
 * The value of some JSON, for small things that have no codec of their own.
 * @throws RpcError `invalid_argument` / `bad_payload`
 */
export function valueAt(bytes: Uint8Array, start: number, end: number): unknown {
  const text = textOf(bytes.subarray(start, end))
  if (text === undefined) throw badPayload('A message is no UTF-8')
  try {
    return JSON.parse(text)
  } catch {
    throw noJson()
  }
}

export function badPayload(message: string): RpcError {
  return new RpcError('invalid_argument', message, { reason: 'bad_payload', executed: 'no' })
}

function noJson(): RpcError {
  return badPayload('A message is no JSON object')
}

// Of a string with its quotes.
function textAt(bytes: Uint8Array, start: number, end: number): string {
  for (let at = start + 1; at < end - 1; at++) {
    const byte = bytes[at]!
    if (byte === backslash || byte < 0x20 || byte > 0x7e) return String(valueAt(bytes, start, end))
  }
  let text = ''
  for (let at = start + 1; at < end - 1; at++) text += String.fromCharCode(bytes[at]!)
  return text
}

function skipSpace(bytes: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break
    at++
  }
  return at
}

// Behind the closing quote of the string whose opening one is at `at`.
function skipString(bytes: Uint8Array, at: number, end: number): number {
  for (at++; at < end; at++) {
    const byte = bytes[at]
    if (byte === quote) return at + 1
    if (byte === backslash) at++
  }
  throw noJson()
}

// Behind a value. Counts brackets: however deep they nest, nothing is held for it.
function skipValue(bytes: Uint8Array, at: number, end: number): number {
  const start = at
  let depth = 0
  while (at < end) {
    const byte = bytes[at]!
    if (byte === quote) {
      at = skipString(bytes, at, end)
    } else if (byte === 0x5b || byte === brace) {
      depth++
      at++
    } else if (byte === 0x5d || byte === 0x7d) {
      // Of the object around it.
      if (depth === 0) break
      depth--
      at++
    } else {
      if (depth === 0) {
        at = skipScalar(bytes, at, end)
        break
      }
      at++
      continue
    }
    if (depth === 0) return at
  }
  if (depth > 0 || at === start) throw noJson()
  return at
}

function skipScalar(bytes: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const byte = bytes[at]!
    const word = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39)
    // Signs, points, and the large letter of an exponent.
    if (!word && byte !== 0x2b && byte !== 0x2d && byte !== 0x2e && byte !== 0x45) break
    at++
  }
  return at
}

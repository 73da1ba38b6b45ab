import {
  checkInteger,
  checkLong,
  checkString,
  checkUuid,
  integerRange,
  isBytes,
  longRange,
  mismatch,
  Refusal,
  receivedLong,
} from '@hawser/codec-base'
import { readBase64, toBase64 } from './base64.js'
import type { KeyPlan, Plan } from './plan.js'
import { quoted } from './quoted.js'

export const boolPlan: Plan = {
  write: (value) => (isBool(value) ? 'true' : 'false'),
  read(json) {
    isBool(json)
    return json
  },
  key: {
    write: (value) => (isBool(value) ? 'true' : 'false'),
    read(key) {
      if (key !== 'true' && key !== 'false') throw new Refusal('has a key that is no bool')
      return key === 'true'
    },
  },
}

function isBool(value: unknown): boolean {
  return typeof value === 'boolean' ? value : mismatch(value, 'bool')
}

export const stringPlan: Plan = {
  write(value) {
    if (typeof value !== 'string') mismatch(value, 'string')
    return quoted(value)
  },
  // The walker has seen to half surrogate pairs.
  read: (json) => (typeof json === 'string' ? json : mismatch(json, 'string')),
  key: { write: checkString, read: (key) => key },
}

export const uuidPlan: Plan = {
  write: (value) => `"${checkUuid(value)}"`,
  read: checkUuid,
  key: { write: checkUuid, read: checkUuid },
}

/** Bytes are base64 text. */
export const bytesPlan: Plan = {
  write(value) {
    if (typeof value !== 'object' || value === null || !isBytes(value)) mismatch(value, 'bytes')
    return `"${toBase64(value)}"`
  },
  read: (json) => (typeof json === 'string' ? readBase64(json) : mismatch(json, 'base64 text')),
}

/** Whole numbers of up to 32 bits are numbers. */
export function integerPlan(kind: string): Plan {
  const range = integerRange(kind)
  // Adding 0 makes 0 of -0.
  const write = (value: unknown): string => String(checkInteger(value, range) + 0)
  return {
    write,
    read: (json) => checkInteger(json, range) + 0,
    key: { write, read: (key) => checkInteger(Number(digits(key)), range) },
  }
}

/** Those of 64 bits are text of decimal digits, because many readers make doubles of numbers. */
export function longPlan(kind: string, js: 'bigint' | 'number'): Plan {
  const range = longRange({ kind, js })
  const key: KeyPlan = {
    write: (value) => String(checkLong(value, range)),
    read: (key) => receivedLong(BigInt(digits(key)), range),
  }
  return {
    write: (value) => `"${key.write(value)}"`,
    read(json) {
      if (typeof json === 'string') return key.read(json)
      return typeof json === 'number' ? receivedLong(json + 0, range) : mismatch(json, kind)
    },
    key,
  }
}

// No more digits than 64 bits have: converting takes the square of their number.
const decimal = /^(0|-?[1-9][0-9]{0,19})$/

function digits(text: string): string {
  if (!decimal.test(text)) throw new Refusal('is no whole number in decimal digits')
  return text
}

/** NaN and the infinities are text, as they are called in JavaScript. */
export function floatingPlan(kind: 'float' | 'double'): Plan {
  const single = kind === 'float'
  return {
    write(value) {
      if (typeof value !== 'number') mismatch(value, kind)
      const number = single ? Math.fround(value) : value
      if (!Number.isFinite(number)) return `"${number}"`
      if (Object.is(number, -0)) return '-0'
      // Digits alone stand for an exact integer; a double past those shows by its exponent that it is one.
      return Number.isInteger(number) && !Number.isSafeInteger(number)
        ? number.toExponential()
        : String(number)
    },
    read(json) {
      const number = typeof json === 'string' ? special(json, kind) : json
      if (typeof number !== 'number') mismatch(number, kind)
      return single ? Math.fround(number) : number
    },
  }
}

function special(text: string, kind: string): number {
  if (text !== 'NaN' && text !== 'Infinity' && text !== '-Infinity') mismatch(text, kind)
  return Number(text)
}

import { checkString, describe, isBytes, isDangerous, isPlain, Refusal, refuse } from '@hawser/codec-base'
import { dateBytes } from '../date.js'
import { type Elements, readArray, writeArray } from '../elements.js'
import type { TokenReader } from '../token-reader.js'
import type { TypedWriter } from '../typed-writer.js'

const plain: Elements = { write: writePlain, read: (from) => readPlain(from) }

/** Writes any value, reading each property once. Its recursion is bounded by the depth. Throws Refusal. */
export function writePlain(value: unknown, out: TypedWriter): void {
  const { tokens } = out
  switch (typeof value) {
    case 'string':
      tokens.text(checkString(value))
      break
    case 'number':
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) tokens.integer(value)
      else tokens.double(value)
      break
    case 'boolean':
      tokens.bool(value)
      break
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value)
        throw new Refusal('is a bigint of more than 64 bits')
      tokens.long(value)
      break
    default:
      if (value === null) tokens.nil()
      else if (typeof value !== 'object') cannotCarry(value)
      else if (Array.isArray(value)) writeArray(value, value, plain, out)
      else if (isPlain(Object.getPrototypeOf(value))) writeMap(value as Record<string, unknown>, out)
      else if (isBytes(value)) tokens.bytes(value)
      else if (value instanceof Date) tokens.timestamp(dateBytes(timeOf(value)))
      else cannotCarry(value)
  }
}

function cannotCarry(value: unknown): never {
  throw new Refusal(`is ${describe(value)}, which MessagePack cannot carry`)
}

function timeOf(date: Date): number {
  const time = Date.prototype.getTime.call(date)
  if (Number.isNaN(time)) throw new Refusal('is an invalid Date')
  return time
}

function writeMap(object: Record<string, unknown>, out: TypedWriter): void {
  out.enter()
  const entries: [string, unknown][] = []
  let key = ''
  try {
    for (key of Object.keys(object)) {
      const value = object[key]
      if (value === undefined) continue
      if (isDangerous(key, value)) throw new Refusal('has a key that receivers refuse')
      out.count(1)
      entries.push([checkString(key), value])
    }
    out.tokens.map(entries.length)
    for (const [each, value] of entries) {
      key = each
      out.tokens.text(key)
      writePlain(value, out)
    }
  } catch (thrown) {
    throw Refusal.under(thrown, object, key)
  }
  out.leave()
}

/** Reads any value. Its recursion is bounded by the depth. @throws RpcError */
export function readPlain(from: TokenReader, inConstructor = false): unknown {
  const token = from.peek()
  if (token < 0x80 || token >= 0xe0 || (token >= 0xcc && token <= 0xd3)) return from.whole()
  if (token < 0x90 || token === 0xde || token === 0xdf) return readMap(from, inConstructor)
  if (token < 0xa0 || token === 0xdc || token === 0xdd) return readArray('array', plain, from)
  if (token < 0xc0 || (token >= 0xd9 && token <= 0xdb)) return from.text()
  if (from.nil()) return null
  if (token === 0xc1) refuse('The byte c1 is no MessagePack')
  if (token < 0xc4) return from.bool()
  if (token < 0xc7) return from.bytes()
  return token === 0xca || token === 0xcb ? from.number() : from.date()
}

function readMap(from: TokenReader, inConstructor: boolean): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (let left = from.enterMap()!; left > 0; left--) {
    const key = from.text()
    if (key === undefined) refuse('A map key is no string')
    if (key === '__proto__' || (inConstructor && key === 'prototype')) refuse(`A key is ${key}`)
    if (Object.hasOwn(object, key)) refuse('A map has a key twice')
    object[key] = readPlain(from, key === 'constructor')
  }
  from.leave()
  return object
}

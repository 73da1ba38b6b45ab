import { mismatch, Refusal } from '@hawser/codec-base'
import type { StructType } from '@hawser/schema'
import { durationOfJson, durationToJson, type Time, timestampOfJson, timestampToJson } from './time.js'

/** The form of a message that has one of its own. Both throw Refusal. */
export interface KnownForm {
  toJson(value: Record<string, unknown>, depth: number): unknown
  ofJson(json: unknown, depth: number): Record<string, unknown>
}

const mostDepth = 64

const timestamp: KnownForm = {
  toJson: (value) => timestampToJson(timeOf(value)),
  ofJson: (json) => ({ ...timestampOfJson(text(json)) }),
}

const duration: KnownForm = {
  toJson: (value) => durationToJson(timeOf(value)),
  ofJson: (json) => ({ ...durationOfJson(text(json)) }),
}

const path = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$/
const written = /^[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*(\.[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*)*$/

const fieldMask: KnownForm = {
  toJson(value) {
    const { paths = [] } = value as { paths?: readonly string[] }
    for (const each of paths) if (!written.test(each)) throw new Refusal('has a path that JSON cannot carry')
    return paths
      .map((each) => each.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))
      .join(',')
  },
  ofJson(json) {
    const all = text(json)
    const paths = all === '' ? [] : all.split(',')
    for (const each of paths) if (!path.test(each)) throw new Refusal('has a path that is none')
    return { paths: paths.map((each) => each.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)) }
  },
}

const struct: KnownForm = {
  toJson(value, depth) {
    const { fields = new Map() } = value as { fields?: ReadonlyMap<string, Record<string, unknown>> }
    // Not by assignment: a key may be __proto__.
    return Object.fromEntries([...fields].map(([key, each]) => [key, anything.toJson(each, depth + 1)]))
  },
  ofJson(json, depth) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) mismatch(json, 'an object')
    return {
      fields: new Map(Object.entries(json).map(([key, each]) => [key, anything.ofJson(each, depth + 1)])),
    }
  },
}

const list: KnownForm = {
  toJson(value, depth) {
    const { values = [] } = value as { values?: readonly Record<string, unknown>[] }
    return values.map((each) => anything.toJson(each, depth + 1))
  },
  ofJson(json, depth) {
    if (!Array.isArray(json)) mismatch(json, 'an array')
    return { values: json.map((each) => anything.ofJson(each, depth + 1)) }
  },
}

const anything: KnownForm = {
  toJson(value, depth) {
    if (depth > mostDepth) throw new Refusal(`nests deeper than ${mostDepth}`, 'too_deep')
    const { nullValue, numberValue, stringValue, boolValue, structValue, listValue } = value
    if (structValue !== undefined) return struct.toJson(structValue as Record<string, unknown>, depth)
    if (listValue !== undefined) return list.toJson(listValue as Record<string, unknown>, depth)
    if (nullValue !== undefined) return null
    const scalar = numberValue ?? stringValue ?? boolValue
    if (scalar === undefined || (typeof scalar === 'number' && !Number.isFinite(scalar)))
      throw new Refusal('is no value that JSON has')
    return scalar
  },
  ofJson(json, depth) {
    if (depth > mostDepth) throw new Refusal(`nests deeper than ${mostDepth}`, 'too_deep')
    if (json === null) return { nullValue: 0 }
    if (typeof json === 'number') return { numberValue: json }
    if (typeof json === 'string') return { stringValue: json }
    if (typeof json === 'boolean') return { boolValue: json }
    return Array.isArray(json)
      ? { listValue: list.ofJson(json, depth) }
      : { structValue: struct.ofJson(json, depth) }
  },
}

const forms: ReadonlyMap<string, KnownForm> = new Map([
  ['google.protobuf.Timestamp', timestamp],
  ['google.protobuf.Duration', duration],
  ['google.protobuf.FieldMask', fieldMask],
  ['google.protobuf.Struct', struct],
  ['google.protobuf.ListValue', list],
  ['google.protobuf.Value', anything],
])

const wrapper = /^google\.protobuf\.(Double|Float|Int64|UInt64|Int32|UInt32|Bool|String|Bytes)Value$/

/** The form of one of google.protobuf's messages that JSON writes otherwise than by its fields. */
export function knownForm({ name }: StructType): KnownForm | undefined {
  return forms.get(name)
}

/** Is it a message around a scalar, which JSON writes alone? */
export function isWrapper({ name }: StructType): boolean {
  return wrapper.test(name)
}

function timeOf({ seconds = 0n, nanos = 0 }: Record<string, unknown>): Time {
  if (typeof seconds !== 'bigint') mismatch(seconds, 'a bigint')
  if (typeof nanos !== 'number' || !Number.isInteger(nanos)) mismatch(nanos, 'a whole number')
  return { seconds, nanos }
}

function text(json: unknown): string {
  return typeof json === 'string' ? json : mismatch(json, 'text')
}

import { isInherited, mismatch, ownPart, Refusal } from '@hawser/codec-base'
import { type AnyType, type FieldEntry, type ResolvedType, resolved } from '@hawser/schema'
import type { MessageHints } from '../hints.js'
import { isWrapper, knownForm } from './known.js'
import { isNull, type ScalarType, scalarOfJson, scalarToJson } from './scalar.js'

type Message = Extract<ResolvedType, { kind: 'struct' | 'union' | 'exception' }>
type Values = Record<string, unknown>

const mostDepth = 64
const keyKinds: readonly string[] = ['bool', 'i8', 'i16', 'i32', 'i64', 'u32', 'u64', 'string', 'uuid']

/** A value as canonical JSON. Throws Refusal. */
export function write(type: AnyType, value: unknown, depth: number): unknown {
  const each = resolved(type)
  if (depth > mostDepth) throw new Refusal(`nests deeper than ${mostDepth}`, 'too_deep')
  switch (each.kind) {
    case 'list':
    case 'set': {
      const fits = each.kind === 'list' ? Array.isArray(value) : value instanceof Set
      if (!fits) mismatch(value, each.kind)
      return Array.from(value as Iterable<unknown>, (part, at) =>
        under(value as object, at, () => write(each.element, part, depth + 1)),
      )
    }
    case 'map': {
      if (!(value instanceof Map)) mismatch(value, 'map')
      const key = keyOf(each.key)
      const entries = [...(value as ReadonlyMap<unknown, unknown>)].map(([name, part]) => {
        const written = String(scalarToJson(key, name))
        return [written, under(value as object, written, () => write(each.value, part, depth + 1))]
      })
      // Not by assignment: a key may be __proto__.
      return Object.fromEntries(entries) as unknown
    }
    case 'struct':
    case 'union':
    case 'exception':
      return writeMessage(each, value, depth)
    case 'tuple':
      throw noForm()
    default:
      return scalarToJson(each, value)
  }
}

function writeMessage(type: Message, value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) mismatch(value, type.name)
  if (type.kind === 'struct') {
    const form = knownForm(type)
    if (form) return form.toJson(value as Values, depth)
    const [only] = type.fields
    if (isWrapper(type) && only) return write(only.type, partOf(value, only) ?? only.fallback?.(), depth)
  }
  const parts: [string, unknown][] = []
  for (const entry of type.fields) {
    const part = partOf(value, entry)
    if (part === undefined) {
      if (entry.presence === 'required') throw Refusal.under(new Refusal('is undefined'), value, entry.key)
    } else if (!isOmitted(entry, part))
      parts.push([entry.key, under(value, entry.key, () => write(entry.type, part, depth + 1))])
  }
  checkOneofs(type, new Set(parts.map(([key]) => key)))
  return Object.fromEntries(parts)
}

/** The value of canonical JSON. Throws Refusal. */
export function read(type: AnyType, json: unknown, depth: number, ignoreUnknown: boolean): unknown {
  const each = resolved(type)
  if (depth > mostDepth) throw new Refusal(`nests deeper than ${mostDepth}`, 'too_deep')
  switch (each.kind) {
    case 'list':
    case 'set': {
      if (!Array.isArray(json)) mismatch(json, each.kind)
      const parts = json.map((part: unknown, at) =>
        under(json, at, () => read(each.element, part, depth + 1, ignoreUnknown)),
      )
      return each.kind === 'list' ? parts : new Set(parts)
    }
    case 'map': {
      const key = keyOf(each.key)
      const entries = Object.entries(objectOf(json)).map(([name, part]): [unknown, unknown] => {
        const given = key.kind === 'bool' && (name === 'true' || name === 'false') ? name === 'true' : name
        return [
          scalarOfJson(key, given),
          under(json as object, name, () => read(each.value, part, depth + 1, ignoreUnknown)),
        ]
      })
      const map = new Map(entries)
      if (map.size !== entries.length) throw new Refusal('has a key twice')
      return map
    }
    case 'struct':
    case 'union':
    case 'exception':
      return readMessage(each, json, depth, ignoreUnknown)
    case 'tuple':
      throw noForm()
    default:
      return scalarOfJson(each, json)
  }
}

// Messages that .proto files describe hold none.
function noForm(): Refusal {
  return new Refusal('is a tuple, which has no canonical JSON')
}

function readMessage(type: Message, json: unknown, depth: number, ignoreUnknown: boolean): unknown {
  const [only] = type.fields
  if (type.kind === 'struct') {
    const form = knownForm(type)
    if (form) return form.ofJson(json, depth)
    if (isWrapper(type) && only) return { [only.key]: read(only.type, json, depth, ignoreUnknown) }
  }
  const object = objectOf(json)
  const byKey = new Map(type.fields.map((entry) => [entry.key, entry]))
  const found: Values = {}
  for (const [name, part] of Object.entries(object)) {
    const entry = byKey.get(name) ?? byKey.get(jsonName(name))
    if (!entry) {
      if (ignoreUnknown) continue
      throw new Refusal(`has a field that ${type.name} lacks`)
    }
    if (Object.hasOwn(found, entry.key)) throw new Refusal(`has the field ${entry.key} twice`)
    if (part === null && !takesNull(entry.type)) continue
    found[entry.key] = under(object, entry.key, () => read(entry.type, part, depth + 1, ignoreUnknown))
  }
  checkOneofs(type, new Set(Object.keys(found)))
  for (const { key, type: of, presence, fallback } of type.fields) {
    if (Object.hasOwn(found, key)) continue
    if (presence === 'default') found[key] = fallback!()
    else if (presence === 'required') found[key] = emptyOf(of) ?? lacks(type, key)
  }
  return type.kind === 'exception' ? type.make(found) : found
}

/** Runs it, and gives its refusal the path. */
function under<T>(container: object, key: string | number, run: () => T): T {
  try {
    return run()
  } catch (thrown) {
    throw Refusal.under(thrown, container, key)
  }
}

function partOf(value: object, { key }: FieldEntry): unknown {
  return isInherited(key) ? ownPart(value, key) : (value as Values)[key]
}

function keyOf(type: AnyType): ScalarType {
  const each = resolved(type)
  if (keyKinds.includes(each.kind)) return each as ScalarType
  throw new Refusal('has keys that are no keys of JSON')
}

function objectOf(json: unknown): Values {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) mismatch(json, 'an object')
  return json as Values
}

// Where none and an empty one are the same, and what differs in nothing from what is read for it.
function isOmitted({ type, presence, fallback }: FieldEntry, part: unknown): boolean {
  if (presence === 'optional') return false
  const absent = presence === 'default' ? fallback!() : emptyOf(type)
  if (Object.is(absent, part)) return true
  if (absent instanceof Uint8Array && part instanceof Uint8Array)
    return absent.length === part.length && absent.every((byte, at) => byte === part[at])
  return sizeOf(absent) === 0 && sizeOf(part) === 0
}

function sizeOf(value: unknown): number | undefined {
  if (Array.isArray(value)) return value.length
  return value instanceof Map || value instanceof Set ? value.size : undefined
}

function emptyOf(type: AnyType): unknown {
  const { kind } = resolved(type)
  return kind === 'list' ? [] : kind === 'set' ? new Set() : kind === 'map' ? new Map() : undefined
}

function lacks(type: Message, key: string): never {
  throw new Refusal(`lacks the field ${key} of ${type.name}`)
}

function checkOneofs(type: Message, keys: ReadonlySet<string>): void {
  if (type.kind === 'union' && keys.size !== 1)
    throw new Refusal(`has ${keys.size} members of ${type.name}, and should have one`)
  const { oneofs = [] } = type as MessageHints
  for (const each of oneofs) {
    const set = each.filter((key) => keys.has(key))
    if (set.length > 1) throw new Refusal(`has both ${set[0]} and ${set[1]}, of which only one may be set`)
  }
}

function takesNull(type: AnyType): boolean {
  const each = resolved(type)
  if (each.kind === 'enum') return isNull(each)
  return each.kind === 'struct' && each.name === 'google.protobuf.Value'
}

/** A name as it is written in .proto as its JSON name: parsers take both. */
function jsonName(name: string): string {
  return name.replace(/_+([A-Za-z0-9]?)/g, (_, next: string) => next.toUpperCase())
}

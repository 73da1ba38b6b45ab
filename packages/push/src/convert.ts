import type { Codec, Type } from '@hawser/contract'

const decimal = /^-?(0|[1-9]\d{0,19})$/

/** The value of a type that another value stands for; undefined where none is known. */
export function converted(value: unknown, type: Type, codecs: Iterable<Codec>): unknown {
  const simple = simpleValue(value, type.kind, Reflect.get(type, 'js') === 'bigint')
  if (simple !== undefined) return simple
  // What travels as loose data, and is read as the type: names of enumerations, bytes as base64, longs as text.
  for (const codec of codecs) {
    if (codec.needsType || !codec.typed) continue
    try {
      return codec.typed(type).decode(codec.encode(value))
    } catch {
      // Another codec may know another form.
    }
  }
  return undefined
}

function simpleValue(value: unknown, kind: string, big: boolean): unknown {
  switch (kind) {
    case 'string':
      return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
        ? String(value)
        : undefined
    case 'bool':
      return value === 'true' || value === 1 ? true : value === 'false' || value === 0 ? false : undefined
    case 'i8':
    case 'i16':
    case 'i32':
    case 'u32':
    case 'i64':
    case 'u64':
      return whole(value, big)
    case 'double':
    case 'float':
      return typeof value === 'bigint' || (typeof value === 'string' && value.trim() !== '')
        ? finite(Number(value))
        : undefined
    default:
      return undefined
  }
}

function whole(value: unknown, big: boolean): unknown {
  const text = typeof value === 'string' && decimal.test(value)
  const number = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
  if (!text && !number) return undefined
  return big ? BigInt(value as string) : Number(value)
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}

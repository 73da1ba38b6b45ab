import type {
  BoolType,
  BytesType,
  FloatingType,
  IntegerForm,
  IntegerType,
  LongType,
  SafeLongType,
  StringType,
  UuidType,
} from './type.js'

/** True or false. */
export const bool: BoolType = Object.freeze({ kind: 'bool' })
/** Whole numbers from -2^7 to 2^7 - 1. */
export const i8: IntegerType = Object.freeze({ kind: 'i8' })
/** Whole numbers from -2^15 to 2^15 - 1. */
export const i16: IntegerType = Object.freeze({ kind: 'i16' })
/** Whole numbers from -2^31 to 2^31 - 1. */
export const i32: IntegerType = Object.freeze({ kind: 'i32' })
/** Whole numbers from -2^63 to 2^63 - 1, as bigint. */
export const i64: LongType = Object.freeze({ kind: 'i64', js: 'bigint' })
/** The same as number: values beyond 2^53 - 1 are refused, not rounded. */
export const safeI64: SafeLongType = Object.freeze({ kind: 'i64', js: 'number' })
/** Whole numbers from 0 to 2^32 - 1. Thrift has none: its layouts carry them as i64. */
export const u32: IntegerType = Object.freeze({ kind: 'u32' })
/** Whole numbers from 0 to 2^64 - 1, as bigint. Thrift has none: its layouts carry their 64 bits as i64. */
export const u64: LongType = Object.freeze({ kind: 'u64', js: 'bigint' })
/** Floating point of 32 bits: a value is rounded to it. Thrift has none: its layouts carry a double. */
export const float: FloatingType = Object.freeze({ kind: 'float' })
/** Floating point of 64 bits: any number, NaN and -0 among them. */
export const double: FloatingType = Object.freeze({ kind: 'double' })
/** Text without lone surrogates. */
export const string: StringType = Object.freeze({ kind: 'string' })
/** Bytes. Those read may be a view of the message. */
export const bytes: BytesType = Object.freeze({ kind: 'bytes' })
/** A UUID in lower case: `8e3b5c60-…`. */
export const uuid: UuidType = Object.freeze({ kind: 'uuid' })

/** An integer type in another of protobuf's forms: `zigzag` is sint32 and sint64, `fixed` is (s)fixed32 and (s)fixed64. */
export function inForm<T extends IntegerType | LongType | SafeLongType>(type: T, form: IntegerForm): T {
  const formed: T = { ...type, form }
  return Object.freeze(formed)
}

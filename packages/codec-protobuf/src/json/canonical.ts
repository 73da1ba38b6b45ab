import { Refusal } from '@hawser/codec-base'
import type { Type } from '@hawser/contract'
import type { AnyType } from '@hawser/schema'
import { read, write } from './convert.js'

/** How {@link fromJson} can be told to be. */
export interface FromJsonOptions {
  /** Whether fields that the type lacks are passed over, rather than refused. Default: false. */
  readonly ignoreUnknown?: boolean | undefined
}

/**
 * A value as protobuf's canonical JSON, for `JSON.stringify`: 64-bit integers as text, bytes as base64, enumerations by name,
 * times as RFC 3339.
 * @throws RpcError `invalid_argument` / `bad_payload` or `too_deep`, executed: no, for what is no value of the type
 */
export function toJson<T, W>(type: Type<T, W>, value: W): unknown {
  try {
    return write(type as AnyType, value, 1)
  } catch (thrown) {
    throw Refusal.error(thrown)
  }
}

/**
 * The value of canonical JSON, as `JSON.parse` gives it; of names as they are in .proto too, and numbers for text and text for
 * numbers as a parser of it has to take them.
 * @throws RpcError `invalid_argument` / `bad_payload` or `too_deep`
 */
export function fromJson<T, W>(type: Type<T, W>, json: unknown, options: FromJsonOptions = {}): T {
  try {
    return read(type as AnyType, json, 1, options.ignoreUnknown === true) as T
  } catch (thrown) {
    throw thrown instanceof Refusal ? thrown.received() : thrown
  }
}

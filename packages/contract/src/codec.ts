import type { Type } from './service.js'

/**
 * One value as bytes and back. Knows no calls.
 *
 * `undefined` as a whole value is no bytes at all; so a method without a result costs nothing, and is told apart from null.
 * @typeParam T what `decode` gives
 * @typeParam W what `encode` takes, where that differs: fields with a default may be left out
 */
export interface Codec<T = unknown, W = T> {
  /** Short and unique, for negotiation: `json`, `msgpack`. At most 32 bytes of [a-z0-9.+-]. */
  readonly name: string
  readonly contentType: string
  /** True where values are carried by their types only: without one, nothing but `undefined` is. */
  readonly needsType?: boolean | undefined
  /**
   * @param headroom so many bytes in front of the value are left free for the caller to write into
   * @throws RpcError `invalid_argument` / `bad_payload` or `too_deep`, executed: no, for a value that cannot travel whole
   */
  encode(value: W, headroom?: number): Uint8Array
  /**
   * Byte fields of the result are copies or views of `bytes`, as the codec says; bytes from a connection are never
   * reused, so a view stays valid but keeps the whole received chunk alive.
   * @throws RpcError `invalid_argument` / `bad_payload` or `too_deep`
   */
  decode(bytes: Uint8Array): T
  /**
   * This codec for values of one type, which a schema describes. The same type gives the same codec again. Absent: values
   * are laid out by what they are, whatever their type is said to be.
   * @throws TypeError for a type that it has no layout for
   */
  typed?<T, W>(type: Type<T, W>): Codec<T, W>
}

/** A codec that can hold to a schema. */
export interface SchemaCodec extends Codec {
  typed<T, W>(type: Type<T, W>): Codec<T, W>
}

import { isSpent, type Limits, RpcError } from '@hawser/contract'
import { type FrameWriter, utf8 } from '@hawser/wire'
import { lengthBytes, writeLength } from './framing.js'
import { badPayload, isOneValue } from './members.js'

const closing = utf8('}')

/** Writes messages of a name and, where there is one, a value: requests of `in` and `params`, answers of `out` and `result`. */
export class MessageWriter {
  readonly #writer: FrameWriter
  readonly #limits: Limits
  readonly #bigEndian: boolean
  readonly #keys: readonly [name: string, value: string]
  // Most peers say the same name again and again.
  #name: string | undefined
  #opening: Uint8Array = closing

  constructor(
    writer: FrameWriter,
    limits: Limits,
    bigEndian: boolean,
    keys: readonly [name: string, value: string],
  ) {
    this.#writer = writer
    this.#limits = limits
    this.#bigEndian = bigEndian
    this.#keys = keys
  }

  /** So many bytes a value may have beside such a name. */
  room(name: string): number {
    return this.#limits.sendBytes - lengthBytes - this.#opened(name).length - closing.length
  }

  /**
   * @param value JSON; empty for none
   * @throws RpcError `too_large`, or `bad_payload` for bytes that are not one value
   */
  write(name: string, value: Uint8Array): void {
    if (value.length === 0 && isSpent(value)) throw spent()
    const opening = this.#opened(name)
    // Of a name without a value, all but its comma and the key of the value.
    const openingSize = value.length > 0 ? opening.length : opening.length - (this.#keys[1].length + 4)
    const size = openingSize + value.length + closing.length
    if (lengthBytes + size > this.#limits.sendBytes)
      throw tooLarge(lengthBytes + size, this.#limits.sendBytes)
    // What came from somewhere else must not bring members of its own.
    if (value.length > 0 && !isOneValue(value)) throw badPayload('What is to be sent is not one JSON value')
    const writer = this.#writer
    const at = writer.head(lengthBytes + openingSize)
    writeLength(writer.bytes, at, size, this.#bigEndian)
    writer.bytes.set(
      openingSize === opening.length ? opening : opening.subarray(0, openingSize),
      at + lengthBytes,
    )
    writer.body(value)
    writer.body(closing)
  }

  #opened(name: string): Uint8Array {
    if (name !== this.#name) {
      const [nameKey, valueKey] = this.#keys
      this.#opening = utf8(`{"${nameKey}":${JSON.stringify(name)},"${valueKey}":`)
      this.#name = name
    }
    return this.#opening
  }
}

function tooLarge(size: number, most: number): RpcError {
  return new RpcError('resource_exhausted', `A message of ${size} bytes, over the limit of ${most}`, {
    reason: 'too_large',
    executed: 'no',
    retryable: false,
  })
}

function spent(): RpcError {
  return new RpcError(
    'failed_precondition',
    'The bytes were given away, and are with another thread already',
    {
      executed: 'no',
      retryable: false,
    },
  )
}

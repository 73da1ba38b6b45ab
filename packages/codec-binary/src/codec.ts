import { type Codec, type Limits, limitsWith, RpcError } from '@hawser/contract'

/** How {@link binary} can be told to be. */
export interface BinaryOptions {
  readonly limits?: Partial<Limits> | undefined
}

/** Values as binary. Byte fields of a decoded value are views of the message. */
export function binary(options: BinaryOptions = {}): Codec {
  const limits = limitsWith(options.limits)
  return {
    name: 'binary',
    contentType: 'application/binary',
    encode(_value: unknown, _headroom = 0): Uint8Array {
      throw unimplemented(`encode a value up to ${limits.depth} levels deep`)
    },
    decode(bytes: Uint8Array): unknown {
      throw unimplemented(`decode ${bytes.length} bytes`)
    },
  }
}

function unimplemented(what: string): RpcError {
  return new RpcError('unimplemented', `codec-binary cannot ${what} yet`, { executed: 'no' })
}

import { type Codec, type Limits, limitsWith, RpcError } from '@hawser/contract'

/** How {@link protobuf} can be told to be. */
export interface ProtobufOptions {
  readonly limits?: Partial<Limits> | undefined
}

/** Values as protobuf. Byte fields of a decoded value are views of the message. */
export function protobuf(options: ProtobufOptions = {}): Codec {
  const limits = limitsWith(options.limits)
  return {
    name: 'protobuf',
    contentType: 'application/protobuf',
    encode(_value: unknown, _headroom = 0): Uint8Array {
      throw unimplemented(`encode a value up to ${limits.depth} levels deep`)
    },
    decode(bytes: Uint8Array): unknown {
      throw unimplemented(`decode ${bytes.length} bytes`)
    },
  }
}

function unimplemented(what: string): RpcError {
  return new RpcError('unimplemented', `codec-protobuf cannot ${what} yet`, { executed: 'no' })
}

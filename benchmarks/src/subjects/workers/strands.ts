import { binary, raw } from '@hawser/codec-binary'
import { msgpack } from '@hawser/codec-msgpack'
import { type Codec, give } from '@hawser/contract'
import { type PortLike, type WorkerTransport, worker } from '@hawser/transport-worker'

/** What both ends are made of. */
export interface Strands {
  readonly transports: readonly WorkerTransport[]
  /** For plain bytes. */
  readonly bytes: Codec
  /** For the records. */
  readonly records: Codec
  /** Gives bytes away, where that is part of the variant. */
  given(bytes: Uint8Array): Uint8Array
}

export function strands(variant: string, workers: Readonly<Record<string, PortLike>>): Strands {
  const transports = [worker({ workers })]
  if (variant === 'msgpack') {
    const codec = msgpack()
    return { transports, bytes: codec, records: codec, given: (bytes) => bytes }
  }
  return { transports, bytes: raw(), records: binary(), given: give }
}

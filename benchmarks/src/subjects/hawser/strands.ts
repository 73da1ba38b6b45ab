import { msgpack } from '@hawser/codec-msgpack'
import { type Limits, limitsWith } from '@hawser/contract'
import { type TcpOptions, tcp } from '@hawser/transport-tcp'

interface Strands {
  readonly transports: ReturnType<typeof tcp>[]
  readonly codecs: ReturnType<typeof msgpack>[]
  readonly limits: Partial<Limits>
  readonly context: boolean
}

// All peers of these runs are one host, and cancelling is all that one of them does.
const many: Partial<Limits> = {
  connections: 20_000,
  connectionsPerPeer: 20_000,
  cancelRate: 1e6,
  cancelBurst: 1e6,
}

/** `nocontext`: without the async context; `many`: for the memory and leak runs; '': as it comes. */
export function strands(variant: string): Strands {
  const limits = variant === 'many' ? many : {}
  const tcpOptions: TcpOptions = variant === 'many' ? { limits: limitsWith(many), backlog: 1024 } : {}
  return { transports: [tcp(tcpOptions)], codecs: [msgpack()], limits, context: variant !== 'nocontext' }
}

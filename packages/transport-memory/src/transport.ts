import {
  type Clock,
  type Connection,
  type Limits,
  RpcError,
  systemClock,
  type Transport,
} from '@hawser/contract'
import { DriverConnection } from '@hawser/wire'
import { End, type Link } from './end.js'
import { find, type MemoryNetwork, memoryNetwork, nameOf, occupy } from './network.js'

/** How {@link memory} can be told to be. */
export interface MemoryOptions {
  /** Default: one of this value's own, so that the same value has to be given to both sides. */
  readonly network?: MemoryNetwork | undefined
  readonly clock?: Clock | undefined
  readonly limits?: Limits | undefined
  /** Default `stream`, as tcp. */
  readonly boundaries?: 'stream' | 'message' | undefined
  /** Bytes that a side takes in while it does not read, as a kernel would. Default 64 KiB. */
  readonly windowBytes?: number | undefined
}

/** Makes what lies between two ends of the nth connection (from 0), in one direction. */
export type LinkMaker = (ends: {
  readonly from: End
  readonly to: End
  readonly direction: 'toServer' | 'toClient'
  readonly connection: number
}) => Link

const defaultWindow = 64 * 1024

/** What {@link memory} and the simulator share. */
export function transportOver(
  name: string,
  options: MemoryOptions,
  link: LinkMaker,
  join: boolean,
): Transport {
  const network = options.network ?? memoryNetwork()
  const clock = options.clock ?? systemClock()
  const boundaries = options.boundaries ?? 'stream'
  const endOptions = {
    clock,
    windowBytes: options.windowBytes ?? defaultWindow,
    join: join && boundaries === 'stream',
  }
  let connections = 0

  function pair(listening: string): { readonly client: End; readonly server: End } {
    const connection = connections++
    const client = new End(endOptions)
    const server = new End(endOptions)
    client.peer = server
    server.peer = client
    client.link = link({ from: client, to: server, direction: 'toServer', connection })
    server.link = link({ from: server, to: client, direction: 'toClient', connection })
    const facts = { boundaries, clock, limits: options.limits }
    client.connection = new DriverConnection(client, { ...facts, peer: { address: `memory://${listening}` } })
    server.connection = new DriverConnection(server, {
      ...facts,
      peer: { address: `memory://${listening}/${connection}` },
    })
    return { client, server }
  }

  return {
    name,
    schemes: ['memory'],
    features: { boundaries, listens: true, crossesProcess: false, encrypts: false },
    async dial(address, { signal } = {}) {
      const listening = nameOf(address)
      signal?.throwIfAborted()
      const accept = find(network, listening)
      const { client, server } = pair(listening)
      try {
        accept(server.connection)
      } catch (error) {
        // The listener's fault costs this connection, not the caller that happens to share its process.
        server.connection.abort(RpcError.from(error))
      }
      return client.connection
    },
    async listen(address, accept, { signal } = {}) {
      const listening = nameOf(address)
      signal?.throwIfAborted()
      // One of a kind, so that closing twice cannot close a successor of the same name.
      const own = (connection: Connection) => accept(connection)
      occupy(network, listening, own)
      const close = async () => {
        if (network.listening.get(listening) === own) network.listening.delete(listening)
      }
      return { address, close, [Symbol.asyncDispose]: close }
    },
  }
}

import { type Connection, RpcError } from '@hawser/contract'

/** Who listens under which name. Held by the transports that share it: there is no network of the process. */
export interface MemoryNetwork {
  readonly listening: Map<string, (connection: Connection) => void>
}

/** A network of its own. Only transports given the same one can reach each other. */
export function memoryNetwork(): MemoryNetwork {
  return { listening: new Map() }
}

const longestName = 256

/**
 * The name in `memory://name`.
 * @throws TypeError
 */
export function nameOf(address: string): string {
  const name = /^memory:\/\/([^\s/?#]+)$/.exec(address)?.[1]
  if (name === undefined || name.length > longestName)
    throw new TypeError(`Not a memory address: ${JSON.stringify(address)}; it looks like memory://name`)
  return name
}

/** @throws RpcError `already_exists` */
export function occupy(network: MemoryNetwork, name: string, accept: (connection: Connection) => void): void {
  if (network.listening.has(name))
    throw new RpcError('already_exists', `memory://${name} is already being listened on`, { executed: 'no' })
  network.listening.set(name, accept)
}

/** @throws RpcError `unavailable` / `unreachable` */
export function find(network: MemoryNetwork, name: string): (connection: Connection) => void {
  const accept = network.listening.get(name)
  if (accept) return accept
  throw new RpcError('unavailable', `Nothing listens on memory://${name}`, {
    reason: 'unreachable',
    executed: 'no',
  })
}

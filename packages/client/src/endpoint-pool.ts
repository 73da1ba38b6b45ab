import { type Dialer, type Protocol, type ProtocolContext, RpcError } from '@hawser/contract'
import { pickByScheme, type Runtime } from '@hawser/wire'
import { Endpoint } from './endpoint.js'

/** What the endpoints of a client are made of. */
export interface PoolParts {
  readonly transports: readonly Dialer[]
  readonly protocol: Protocol
  readonly context: ProtocolContext
  readonly runtime: Runtime
  readonly reconnect: boolean
  /** Are calls that failed made again, redirections apart? */
  readonly retry: boolean
}

/** The endpoints of a client, one for each address, whoever uses it. */
export class EndpointPool {
  readonly #parts: PoolParts
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #users = new Map<Endpoint, number>()
  readonly #closing = new Map<Endpoint, Promise<void>>()

  constructor(parts: PoolParts) {
    this.#parts = parts
  }

  /**
   * The endpoint of an address, used once more from now on.
   * @throws TypeError for an address no transport takes
   */
  use(address: string): Endpoint {
    let endpoint = this.#endpoints.get(address)
    if (!endpoint) {
      const { transports, ...parts } = this.#parts
      endpoint = new Endpoint({ ...parts, address, dialer: pickByScheme(transports, address) })
      this.#endpoints.set(address, endpoint)
    }
    this.#users.set(endpoint, (this.#users.get(endpoint) ?? 0) + 1)
    return endpoint
  }

  /**
   * Checks an address, and makes nothing of it.
   * @throws TypeError for an address no transport takes
   */
  check(address: string): void {
    pickByScheme(this.#parts.transports, address)
  }

  /** It is used once less. One that nobody uses lets its calls end, and closes. */
  release(endpoint: Endpoint): void {
    const users = this.#users.get(endpoint)! - 1
    this.#users.set(endpoint, users)
    if (users > 0) return
    const reason = new RpcError('unavailable', `${endpoint.address} is not among the addresses any more`, {
      reason: 'draining',
      executed: 'no',
    })
    void this.#close(endpoint, reason)
  }

  /** Lets all calls end, and closes. */
  async close(reason: RpcError): Promise<void> {
    const open = [...this.#endpoints.values()].map((endpoint) => this.#close(endpoint, reason))
    await Promise.all([...open, ...this.#closing.values()])
  }

  /** Ends what {@link close} waits for. */
  abort(): void {
    for (const endpoint of [...this.#endpoints.values(), ...this.#closing.keys()]) endpoint.abort()
  }

  #close(endpoint: Endpoint, reason: RpcError): Promise<void> {
    this.#endpoints.delete(endpoint.address)
    this.#users.delete(endpoint)
    const closed = endpoint.close(reason).then(() => void this.#closing.delete(endpoint))
    this.#closing.set(endpoint, closed)
    return closed
  }
}

import { type Acceptor, type Listener, RpcError } from '@hawser/contract'
import { pickByScheme } from '@hawser/wire'
import { Client } from './client.js'

/** What a front needs to know. */
export interface FrontOptions {
  readonly transports: readonly Acceptor[]
  /** End TLS here, rather than where the connections are handed to. */
  readonly decrypts: boolean
  /** Takes a connection, or says that nobody is free. */
  place(client: Client): boolean
}

/** Listens, and keeps what comes in until somebody is free for it, in that order. What waits is not read. */
export class Front {
  readonly #options: FrontOptions
  readonly #listeners: Listener[] = []
  readonly #addresses: string[] = []
  #waiting = new Set<Client>()
  #ids = 0
  #closed = false

  constructor(options: FrontOptions) {
    this.#options = options
  }

  /** With the real ports. */
  get addresses(): readonly string[] {
    return this.#addresses
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** @throws what the transport says of the address */
  async listen(address: string): Promise<void> {
    const { transports, decrypts } = this.#options
    const index = this.#listeners.length
    const plain = decrypts ? address : plainOf(address)
    const listener: Listener = await pickByScheme(transports, plain).listen(plain, (connection) => {
      const client = new Client(this.#ids++, index, connection, () => this.#listeners[index])
      this.#waiting.add(client)
      void connection.closed.then(() => this.#waiting.delete(client))
      this.pump()
    })
    this.#listeners.push(listener)
    this.#addresses.push(address.slice(0, address.indexOf(':')) + listener.address.slice(plain.indexOf(':')))
  }

  /** Somebody may be free now. */
  pump(): void {
    for (const client of this.#waiting) {
      if (this.#closed) return
      try {
        if (!this.#options.place(client)) return
      } catch (error) {
        client.refuse(RpcError.from(error).message)
      }
      this.#waiting.delete(client)
    }
  }

  /** Takes one back that had a server which is gone without having looked at it: it is the next one. */
  back(client: Client): void {
    if (this.#closed) client.refuse('The server is closing')
    else if (!client.over) this.#waiting = new Set([client, ...this.#waiting])
  }

  /** Listens no more. Whoever still waits is turned away. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#listeners.map((listener) => listener.close()))
    for (const client of this.#waiting) client.refuse('The server is closing')
    this.#waiting.clear()
  }
}

/** The address of the sockets below TLS. */
function plainOf(address: string): string {
  return address.replace(/^(?:tls|tcp\+tls):/, 'tcp:')
}

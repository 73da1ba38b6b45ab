import { createServer, type Server, type Socket } from 'node:net'
import { type Adoption, type Cancel, type Connection, RpcError } from '@hawser/contract'
import { discard, Reception, type ReceptionOptions, type SocketOwner } from '@hawser/transport-socket'
import type { DriverConnection } from '@hawser/wire'
import { formatAddress, type IpcAddress } from './address.js'
import type { IpcEvent } from './event.js'
import { listenFailure } from './failure.js'
import { type IpcPeer, peerThrough } from './peer.js'
import { SocketFile, type SocketFileOptions } from './socket-file.js'

/** What a listener needs to know. */
export interface ListenOptions extends ReceptionOptions, SocketFileOptions {
  readonly count: ((event: IpcEvent) => void) | undefined
}

/** A path being listened on, here or by who hands its sockets over. */
export class IpcListener implements Adoption, SocketOwner {
  readonly address: string
  readonly #target: IpcAddress
  readonly #options: ListenOptions
  readonly #reception: Reception
  readonly #server: Server
  #file: SocketFile | undefined
  #peer: IpcPeer | undefined
  #adopted = 0
  #closed = false

  constructor(target: IpcAddress, options: ListenOptions, accept: (connection: Connection) => void) {
    this.address = formatAddress(target)
    this.#target = target
    this.#options = options
    this.#reception = new Reception(options, accept)
    this.#server = createServer({ pauseOnConnect: true })
    this.#server.maxConnections = options.caps.connections
    this.#server.on('drop', () => this.#refused('ipc_drop_connections'))
    this.#server.on('connection', (socket) => this.#entered(socket))
  }

  /** @throws RpcError when the address cannot be had */
  async open({ signal }: Cancel): Promise<this> {
    signal?.throwIfAborted()
    try {
      await this.#listen()
      this.#peer = peerThrough(this.#target, this.#options.mode)
    } catch (error) {
      await this.close()
      if (RpcError.is(error) || error instanceof TypeError) throw error
      throw listenFailure(this.address, error)
    }
    this.#server.on('error', (error) => this.#refused('ipc_accept_failed', error))
    if (signal?.aborted) {
      await this.close()
      throw signal.reason
    }
    return this
  }

  take(taken: object): void {
    const socket = taken as Socket
    if (this.#closed || this.#adopted >= this.#options.caps.connections) {
      discard(socket)
      if (!this.#closed) this.#refused('ipc_drop_connections')
      return
    }
    this.#peer ??= peerThrough(this.#target, this.#options.mode)
    this.#adopted++
    socket.once('close', () => this.#adopted--)
    this.#entered(socket)
  }

  async close(): Promise<void> {
    this.#closed = true
    // In this order: while it listens nobody takes its file for a dead one and puts his own there.
    this.#file?.remove()
    this.#file = undefined
    // The system stops listening at once; Node's own callback waits for every connection to end.
    if (this.#server.listening) this.#server.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  admitted(connection: Connection): void {
    this.#reception.admission.finish(connection)
  }

  /** For the driver: the socket of a connection is gone. */
  left(connection: DriverConnection): void {
    this.#reception.admission.finish(connection)
  }

  async #listen(): Promise<void> {
    const { kind, path } = this.#target
    const server = this.#server
    if (kind === 'file') this.#file = await SocketFile.open(server, path, this.address, this.#options)
    else
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ path, exclusive: true }, () => {
          server.off('error', reject)
          resolve()
        })
      })
  }

  #entered(socket: Socket): void {
    const refused = this.#reception.admission.enter()
    const peer = this.#peer
    // Without a peer it came before the socket had its name: somebody asked whether it lives.
    if (refused !== undefined || !peer) {
      discard(socket)
      if (refused) this.#refused('ipc_drop_unauthenticated')
    } else this.#reception.hand(socket, peer, this)
  }

  #refused(event: IpcEvent, error?: unknown): void {
    this.#options.count?.(event)
    const message = `${this.address}: A connection was not taken`
    this.#reception.say({ level: 'warn', event, message, error })
  }
}

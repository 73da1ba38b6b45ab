import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import type { Adoption, Cancel, Connection } from '@hawser/contract'
import {
  type Admission,
  discard,
  listenFailure,
  Reception,
  type ReceptionOptions,
  type SocketOwner,
  serverTls,
  type TlsServerOptions,
} from '@hawser/transport-socket'
import { type DriverConnection, partingWord } from '@hawser/wire'
import { formatAddress, type TcpAddress } from './address.js'
import type { TcpEvent } from './event.js'
import { peek } from './peek.js'
import { peerOf } from './peer.js'

/** What a listener needs to know. */
export interface ListenOptions extends ReceptionOptions {
  readonly noDelay: boolean
  readonly keepAlive: boolean
  readonly keepAliveInitialDelay: number
  readonly backlog: number
  readonly tls: TlsServerOptions | undefined
  readonly count: ((event: TcpEvent) => void) | undefined
}

const farewellMs = 500
const ignore = () => {}
const keyOf = (socket: Socket) => `${socket.remoteAddress} ${socket.remotePort}`

/** A port being listened on, here or by who hands its sockets over. */
export class TcpListener implements Adoption, SocketOwner {
  readonly #options: ListenOptions
  readonly #reception: Reception
  readonly #admission: Admission
  readonly #server: Server
  readonly #tls: TlsServer | undefined
  // Is TLS a matter of what each connection begins with?
  readonly #mixed: boolean
  // Sockets that have not begun, or are in their TLS handshake, by the address of their peer, under which TLS knows them as well. Kept, so that
  // closing does not leave them to their timeouts.
  readonly #shaking = new Map<string, Socket>()
  #address: TcpAddress
  #adopted = 0
  #closed = false

  constructor(address: TcpAddress, options: ListenOptions, accept: (connection: Connection) => void) {
    this.#address = address
    this.#options = options
    this.#reception = new Reception(options, accept)
    this.#admission = this.#reception.admission
    const { noDelay, keepAlive, keepAliveInitialDelay } = options
    const secure = address.scheme !== 'tcp'
    this.#mixed = address.scheme === 'tcp+tls'
    this.#server = createServer({ noDelay, keepAlive, keepAliveInitialDelay, pauseOnConnect: !secure })
    this.#server.maxConnections = options.caps.connections
    this.#server.on('drop', () => this.#refused('tcp_drop_connections'))
    this.#server.on('connection', (socket) => this.#entered(socket))
    this.#tls = secure ? this.#tlsServer() : undefined
  }

  get address(): string {
    return formatAddress(this.#address)
  }

  /** @throws RpcError when the address cannot be had */
  open({ signal }: Cancel): Promise<this> {
    const { host, port } = this.#address
    const server = this.#server
    return new Promise((resolve, reject) => {
      const failed = (error: Error) => {
        signal?.removeEventListener('abort', aborted)
        reject(listenFailure(this.address, error))
      }
      const aborted = () => reject(signal?.reason)
      server.once('error', failed)
      server.listen({ host, port, backlog: this.#options.backlog }, () => {
        // Looking up the host's name cannot be stopped, so an abort meanwhile takes effect here.
        if (signal?.aborted) {
          server.close()
          return
        }
        signal?.removeEventListener('abort', aborted)
        server.off('error', failed)
        server.on('error', (error) => this.#refused('tcp_accept_failed', error))
        const bound = server.address()
        if (bound && typeof bound === 'object') this.#address = { ...this.#address, port: bound.port }
        resolve(this)
      })
      signal?.addEventListener('abort', aborted, { once: true })
    })
  }

  take(taken: object): void {
    const socket = taken as Socket
    const { caps, noDelay, keepAlive, keepAliveInitialDelay } = this.#options
    if (this.#closed || this.#adopted >= caps.connections) {
      discard(socket)
      if (!this.#closed) this.#refused('tcp_drop_connections')
      return
    }
    this.#adopted++
    socket.once('close', () => this.#adopted--)
    socket.setNoDelay(noDelay)
    socket.setKeepAlive(keepAlive, keepAliveInitialDelay)
    this.#entered(socket)
  }

  async close(): Promise<void> {
    this.#closed = true
    // The system stops listening at once; Node's own callback waits for every connection to end.
    if (this.#server.listening) this.#server.close()
    for (const socket of this.#shaking.values()) socket.destroy()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  admitted(connection: Connection): void {
    this.#admission.finish(connection)
  }

  /** For the driver: the socket of a connection is gone. */
  left(connection: DriverConnection): void {
    this.#admission.finish(connection)
    const { tls, host } = connection.peer
    // Under TLS the place belongs to the socket below.
    if (!tls && host !== undefined) this.#admission.leave(host)
  }

  #entered(socket: Socket): void {
    const host = socket.remoteAddress
    // A peer that reset the connection meanwhile has no address any more.
    const refused = host === undefined ? undefined : this.#admission.enter(host)
    if (host === undefined || refused !== undefined) {
      discard(socket)
      if (refused) this.#refused(`tcp_drop_${refused}`)
    } else if (!this.#tls) this.#hand(socket, host, host)
    else this.#peek(this.#tls, socket, host)
  }

  /** @param place the host whose place is to be given up where there is nobody any more */
  #hand(socket: Socket, host: string | undefined, place: string | undefined): void {
    const peer = peerOf(socket, host)
    if (!peer) {
      discard(socket)
      if (place !== undefined) this.#admission.leave(place)
      return
    }
    this.#reception.hand(socket, peer, this)
  }

  // Keeps a socket, and its place, until it is a connection or gone.
  #hold(socket: Socket, host: string): { release(): void } {
    const key = keyOf(socket)
    const finish = () => {
      if (this.#shaking.get(key) === socket) this.#shaking.delete(key)
      this.#admission.finish(socket)
    }
    const closed = () => {
      finish()
      this.#admission.leave(host)
    }
    this.#shaking.set(key, socket)
    this.#admission.begin(socket)
    socket.on('error', ignore)
    socket.on('close', closed)
    return {
      release() {
        socket.off('error', ignore)
        socket.off('close', closed)
        finish()
      },
    }
  }

  #peek(tls: TlsServer, socket: Socket, host: string): void {
    const held = this.#hold(socket, host)
    const { clock, limits } = this.#options
    peek(socket, {
      clock,
      milliseconds: limits.handshakeMs,
      found: (encrypted, head) => {
        if (encrypted) tls.emit('connection', socket)
        else if (this.#mixed) {
          held.release()
          this.#hand(socket, host, host)
        } else this.#turnAway(socket, head)
      },
      late: () => {
        socket.destroy()
        this.#refused(this.#mixed ? 'tcp_handshake_timeout' : 'tls_handshake_failed')
      },
    })
  }

  // Who speaks plain text to an encrypted port is told so, and gone soon, whether it reads that or not.
  #turnAway(socket: Socket, head: Uint8Array): void {
    this.#refused('tls_handshake_failed')
    const { clock } = this.#options
    const late = clock.timer(farewellMs, () => socket.destroy())
    socket.on('close', () => clock.clear(late))
    socket.end(partingWord(head, ['TLS']) ?? '')
    socket.resume()
  }

  #shaken(socket: TLSSocket): void {
    const key = keyOf(socket)
    const below = this.#shaking.get(key)
    this.#shaking.delete(key)
    if (below) this.#admission.finish(below)
    this.#hand(socket, socket.remoteAddress, undefined)
  }

  #tlsServer(): TlsServer {
    const { tls, limits } = this.#options
    if (!tls) throw new TypeError('Listening for TLS needs the option tls.server')
    const server = createTlsServer(serverTls(tls, limits.handshakeMs))
    server.on('secureConnection', (socket: TLSSocket) => this.#shaken(socket))
    server.on('tlsClientError', (error, socket) => {
      // Node leaves a handshake that took too long to whoever listens here.
      socket.destroy()
      this.#refused('tls_handshake_failed', error)
    })
    return server
  }

  #refused(event: TcpEvent, error?: unknown): void {
    this.#options.count?.(event)
    const message = `${this.address}: A connection was not taken`
    this.#reception.say({ level: 'warn', event, message, error })
  }
}

import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Cancel, Clock, Limits } from '@hawser/contract'
import { discard, listenFailure, serverTls, type TlsServerOptions } from '@hawser/transport-socket'
import { formatAddress, type WsAddress } from './address.js'
import type { Front, FrontOwner } from './front.js'
import { pathOf, refuse } from './handshake.js'

/** What it takes to listen on a port. */
export interface OwnPortOptions {
  readonly clock: Clock
  readonly limits: Limits
  readonly keepAlive: boolean
  readonly keepAliveInitialDelay: number
  readonly backlog: number
  readonly tls: TlsServerOptions | undefined
}

const ignore = () => {}
const keyOf = (socket: Socket) => `${socket.remoteAddress} ${socket.remotePort}`

interface Shaking {
  readonly socket: Socket
  readonly timer: unknown
  // What its end is told as; nothing, once it has been answered.
  failure: 'tls_handshake_failed' | 'ws_handshake_failed' | undefined
  error: unknown
}

/** A port that takes nothing but WebSockets. Each socket is admitted, and put on a timer, before a byte of it is read. */
export class OwnPort implements Front {
  readonly #address: WsAddress
  readonly #options: OwnPortOptions
  readonly #owner: FrontOwner
  readonly #server: Server
  readonly #http: HttpServer
  // By the address of the peer, under which the layers above know the socket as well.
  readonly #shaking = new Map<string, Shaking>()

  constructor(address: WsAddress, options: OwnPortOptions, owner: FrontOwner) {
    this.#address = address
    this.#options = options
    this.#owner = owner
    const { keepAlive, keepAliveInitialDelay } = options
    this.#http = this.#httpServer()
    this.#server = createServer({ noDelay: true, keepAlive, keepAliveInitialDelay })
    this.#server.on('connection', (socket) => this.#entered(socket))
  }

  open({ signal }: Cancel): Promise<WsAddress> {
    const { host, port } = this.#address
    const server = this.#server
    return new Promise((resolve, reject) => {
      const failed = (error: Error) => {
        signal?.removeEventListener('abort', aborted)
        reject(listenFailure(formatAddress(this.#address), error))
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
        server.on('error', (error) => this.#owner.refused('ws_accept_failed', error))
        const bound = server.address()
        resolve(bound && typeof bound === 'object' ? { ...this.#address, port: bound.port } : this.#address)
      })
      signal?.addEventListener('abort', aborted, { once: true })
    })
  }

  close(): void {
    // The system stops listening at once; Node's own callback waits for every connection to end.
    if (this.#server.listening) this.#server.close()
    for (const { socket } of this.#shaking.values()) socket.destroy()
  }

  upgraded(socket: Socket): void {
    this.#shaken(keyOf(socket))
  }

  #entered(socket: Socket): void {
    const host = socket.remoteAddress
    // A peer that reset the connection meanwhile has no address any more.
    const refused = host === undefined ? undefined : this.#owner.enter(host)
    if (host === undefined || refused !== undefined) {
      discard(socket)
      if (refused) this.#owner.refused(refused)
      return
    }
    const { clock, limits } = this.#options
    const key = keyOf(socket)
    const timer = clock.timer(limits.handshakeMs, () => socket.destroy())
    const failure = this.#address.scheme === 'wss' ? 'tls_handshake_failed' : 'ws_handshake_failed'
    const shaking: Shaking = { socket, timer, failure, error: undefined }
    this.#shaking.set(key, shaking)
    socket.on('error', ignore)
    this.#owner.begin(socket)
    socket.on('close', () => {
      if (this.#shaking.get(key) === shaking) {
        this.#shaken(key)
        if (shaking.failure && this.#server.listening) this.#owner.refused(shaking.failure, shaking.error)
      }
      this.#owner.leave(host)
    })
    this.#http.emit('connection', socket)
  }

  #shaken(key: string): void {
    const found = this.#shaking.get(key)
    if (!found) return
    this.#shaking.delete(key)
    this.#options.clock.clear(found.timer)
    this.#owner.finish(found.socket)
  }

  #httpServer(): HttpServer {
    const { limits } = this.#options
    // The size of all headers is limited, and their number checked later: a server told of a number drops those beyond it.
    const options = { maxHeaderSize: limits.headerBytes, insecureHTTPParser: false }
    const http = this.#secure(options) ?? createHttpServer(options)
    http.maxHeadersCount = 0
    http.on('request', (request: IncomingMessage, response: ServerResponse) => this.#plain(request, response))
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#answer(request.socket)
      this.#owner.upgrade(request, socket, head)
    })
    http.on('clientError', (error: Error & { readonly code?: string }, socket: Duplex) => {
      // Only what the parser says is about a request.
      if (!error.code?.startsWith('HPE_')) {
        socket.destroy()
        return
      }
      this.#answer(socket as Socket)
      this.#owner.refused('ws_refused_request', error)
      const flood = error.code === 'HPE_HEADER_OVERFLOW'
      refuse(
        socket,
        flood ? { status: 431, text: 'Too many headers' } : { status: 400, text: 'Not a request' },
      )
    })
    return http
  }

  #secure(options: { readonly maxHeaderSize: number }): HttpServer | undefined {
    if (this.#address.scheme === 'ws') return undefined
    const { tls, limits } = this.#options
    if (!tls) throw new TypeError('Listening on a wss address needs the option tls.server')
    const https = createHttpsServer({ ...serverTls(tls, limits.handshakeMs), ...options })
    https.on('secureConnection', (socket) => {
      const shaking = this.#shaking.get(keyOf(socket))
      if (shaking) shaking.failure = 'ws_handshake_failed'
    })
    https.on('tlsClientError', (error, socket) => {
      const shaking = this.#shaking.get(keyOf(socket))
      if (shaking) shaking.error = error
      // Node leaves a handshake that took too long to whoever listens here.
      socket.destroy()
    })
    return https
  }

  // From here on its end has been told by other means.
  #answer(socket: Socket): void {
    const shaking = this.#shaking.get(keyOf(socket))
    if (shaking) shaking.failure = undefined
  }

  #plain(request: IncomingMessage, response: ServerResponse): void {
    this.#answer(request.socket)
    this.#owner.refused('ws_refused_request')
    const here = pathOf(request) === this.#address.path
    response.writeHead(here ? 426 : 404, {
      Connection: 'close',
      'Content-Length': 0,
      ...(here && { Upgrade: 'websocket' }),
    })
    response.end(() => request.socket.destroy())
  }
}

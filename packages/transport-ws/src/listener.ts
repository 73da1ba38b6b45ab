import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Cancel, type Connection, type Listener, type Log, RpcError } from '@hawser/contract'
import { Admission, type Caps } from '@hawser/transport-socket'
import { type DriverConnection, limitedLog } from '@hawser/wire'
import { type WebSocket, WebSocketServer } from 'ws'
import { formatAddress, type WsAddress } from './address.js'
import { connectionOver, type SocketOwner, type Surroundings } from './driver.js'
import type { WsEvent } from './event.js'
import type { Front, FrontOwner } from './front.js'
import { choose, refusalOf, refuse } from './handshake.js'
import { addressOf, SocketPeer, tlsOf } from './peer.js'
import type { Receiving } from './receiving.js'

/** What a listener needs to know. */
export interface ListenOptions extends Surroundings {
  readonly noDelay: boolean
  readonly origins: ReadonlySet<string>
  readonly subprotocols: readonly string[]
  readonly receiving: Receiving
  readonly caps: Caps
  readonly count: ((event: WsEvent) => void) | undefined
  readonly log: Log | undefined
}

/** A path being listened on. */
export class WsListener implements Listener, SocketOwner, FrontOwner {
  readonly #options: ListenOptions
  readonly #accept: (connection: Connection) => void
  readonly #admission: Admission
  readonly #front: Front
  readonly #upgrader: WebSocketServer
  // What is refused must not become a flood of lines of its own.
  readonly #log: Log | undefined
  #count = 0
  #address: WsAddress

  constructor(
    address: WsAddress,
    options: ListenOptions,
    accept: (connection: Connection) => void,
    frontFor: (owner: FrontOwner) => Front,
  ) {
    this.#address = address
    this.#options = options
    this.#accept = accept
    this.#admission = new Admission(options.caps)
    this.#log = options.log && limitedLog(options.log, options.clock, options.limits)
    this.#front = frontFor(this)
    this.#upgrader = new WebSocketServer({
      ...options.receiving,
      noServer: true,
      clientTracking: false,
      handleProtocols: (offered) => choose(offered, options.subprotocols) ?? false,
    })
    this.#upgrader.on('wsClientError', (error, socket) => {
      refuse(socket, { status: 400, text: error.message })
      this.refused('ws_refused_request', error)
    })
  }

  get address(): string {
    return formatAddress(this.#address)
  }

  /** @throws RpcError when the address cannot be had */
  async open(cancel: Cancel): Promise<this> {
    this.#address = await this.#front.open(cancel)
    return this
  }

  async close(): Promise<void> {
    this.#front.close()
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
  }

  enter(host: string): WsEvent | undefined {
    if (this.#count >= this.#options.caps.connections) return 'ws_drop_connections'
    const refused = this.#admission.enter(host)
    if (refused) return `ws_drop_${refused}`
    this.#count++
    return undefined
  }

  leave(host: string): void {
    this.#count--
    this.#admission.leave(host)
  }

  begin(one: object): void {
    this.#admission.begin(one)
  }

  finish(one: object): void {
    this.#admission.finish(one)
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const { origins, subprotocols, limits } = this.#options
    const terms = { path: this.#address.path, origins, subprotocols, headerCount: limits.headerCount }
    const refusal = refusalOf(request, terms)
    if (refusal) {
      refuse(stream, refusal)
      this.refused(refusal.status === 403 ? 'ws_refused_origin' : 'ws_refused_request')
      return
    }
    this.#upgrader.handleUpgrade(request, stream, head, (ws) => this.#hand(ws, stream as Socket))
  }

  #hand(ws: WebSocket, socket: Socket): void {
    const at = addressOf(socket)
    if (!at) {
      ws.on('error', () => {})
      ws.terminate()
      return
    }
    socket.setNoDelay(this.#options.noDelay)
    const connection = connectionOver(ws, socket, new SocketPeer(at, tlsOf(socket)), this.#options, this)
    this.#front.upgraded(socket)
    this.#admission.begin(connection)
    try {
      this.#accept(connection)
    } catch (error) {
      // A fault of the program costs this connection, not the process.
      connection.abort(RpcError.from(error))
      const message = `${this.address}: A connection was dropped because accepting it failed`
      this.#log?.({ level: 'error', event: 'accept_threw', message, error })
    }
  }

  refused(event: WsEvent, error?: unknown): void {
    this.#options.count?.(event)
    const message = `${this.address}: A connection was not taken`
    this.#log?.({ level: 'warn', event, message, error })
  }
}

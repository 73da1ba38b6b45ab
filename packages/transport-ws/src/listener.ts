import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Cancel, type Connection, type Listener, type Log, RpcError } from '@hawser/contract'
import type { DriverConnection } from '@hawser/wire'
import { type WebSocket, WebSocketServer } from 'ws'
import { formatAddress, type WsAddress } from './address.js'
import { Admission, type Caps, type WsEvent } from './admission.js'
import { connectionOver, type SocketOwner, type Surroundings } from './driver.js'
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
  readonly #logged = new Map<string, { at: number; suppressed: number }>()
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
    return this.#admission.enter(host)
  }

  leave(host: string): void {
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
      this.#log('accept_threw', 'error', 'A connection was dropped because accepting it failed', error)
    }
  }

  refused(event: WsEvent, error?: unknown): void {
    this.#options.count?.(event)
    this.#log(event, 'warn', 'A connection was not taken', error)
  }

  // One line a second for each event, whoever causes them: what is refused must not become a flood of its own.
  #log(event: string, level: 'warn' | 'error', message: string, error: unknown): void {
    const { log, clock } = this.#options
    if (!log) return
    const now = clock.now()
    const last = this.#logged.get(event)
    if (last && now - last.at < 1000 / this.#options.limits.logRate) {
      last.suppressed++
      return
    }
    const more = last && last.suppressed > 0 ? ` (and ${last.suppressed} before it)` : ''
    this.#logged.set(event, { at: now, suppressed: 0 })
    log({ level, event, message: `${this.address}: ${message}${more}`, error })
  }
}

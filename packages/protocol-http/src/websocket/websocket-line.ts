import type { Duplex } from 'node:stream'
import { type PeerInfo, type ProtocolContext, RpcError } from '@hawser/contract'
import type { WebSocket } from 'ws'
import { Line, type LineOwner } from './line.js'

// Handlers are shared functions that find their line on the socket: a closure each would cost more than the line itself.
const lineOf = Symbol('line')

interface LinedSocket extends WebSocket {
  [lineOf]: WebSocketLine
}

function onMessage(this: WebSocket): void {
  ;(this as LinedSocket)[lineOf].told().spoke()
}

function onPing(this: WebSocket): void {
  ;(this as LinedSocket)[lineOf].told().alive(true)
}

function onPong(this: WebSocket): void {
  ;(this as LinedSocket)[lineOf].told().alive(false)
}

function onError(this: WebSocket, error: Error): void {
  ;(this as LinedSocket)[lineOf].failed(error)
}

function onClose(this: WebSocket): void {
  ;(this as LinedSocket)[lineOf].connection.ended()
}

/** A subscriber behind a WebSocket, whose own writes (pongs, the closing frame) go between ours. */
export class WebSocketLine extends Line {
  readonly pings = true
  readonly #ws: WebSocket

  constructor(ws: WebSocket, socket: Duplex, owner: LineOwner, peer: PeerInfo, context: ProtocolContext) {
    super(socket, owner, peer, context)
    this.#ws = ws
    const lined = ws as LinedSocket
    lined[lineOf] = this
    lined.on('message', onMessage)
    lined.on('ping', onPing)
    lined.on('pong', onPong)
    lined.on('error', onError)
    lined.on('close', onClose)
  }

  override write(bytes: Uint8Array): void {
    // Behind a closing frame nothing may follow.
    if (this.#ws.readyState === this.#ws.OPEN) super.write(bytes)
  }

  told(): LineOwner {
    return this.owner
  }

  /** It has been answered with the code for what is wrong. */
  failed(error: Error): void {
    this.owner.broke(RpcError.from(error, 'invalid_argument', { reason: 'bad_frame', retryable: false }))
  }

  ping(): void {
    this.#ws.ping()
  }

  end(): void {
    this.#ws.close(this.farewell.code, this.farewell.text)
  }

  destroy(): void {
    this.#ws.terminate()
  }

  pause(): void {
    this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }
}

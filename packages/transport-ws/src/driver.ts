import type { Socket } from 'node:net'
import { type Clock, type Limits, type PeerInfo, RpcError } from '@hawser/contract'
import { type Driver, DriverConnection } from '@hawser/wire'
import { WebSocket } from 'ws'
import { endOf, textRefused } from './close-code.js'
import * as Status from './status.js'

/** Told when an accepted socket is gone. */
export interface SocketOwner {
  left(connection: DriverConnection): void
}

/** What all connections of a transport share. */
export interface Surroundings {
  readonly clock: Clock
  readonly limits: Limits
  readonly compression: boolean
}

// How long a peer that broke the rules may take to hear why.
const lastWordMs = 1_000
// Whatever the ratio, this much may come of little.
const inflateFloorBytes = 64 * 1024

// Handlers are shared functions that find their driver on the socket: a closure each would cost an idle connection more
// than the driver itself.
const driverOf = Symbol('driver')

interface DrivenSocket extends Socket {
  [driverOf]: SocketDriver
}

interface DrivenWebSocket extends WebSocket {
  [driverOf]: SocketDriver
}

function onMessage(this: WebSocket, data: Uint8Array, isBinary: boolean): void {
  ;(this as DrivenWebSocket)[driverOf].message(data, isBinary)
}

function onError(this: WebSocket, error: Error): void {
  ;(this as DrivenWebSocket)[driverOf].failed(error)
}

function onClose(this: WebSocket, code: number, reason: Uint8Array): void {
  ;(this as DrivenWebSocket)[driverOf].closed(code, reason)
}

function onDrain(this: DrivenSocket): void {
  this[driverOf].connection.flushed()
}

// WebSockets do not pass on what went wrong with the socket below.
function onSocketError(this: DrivenSocket, error: Error): void {
  this[driverOf].connection.ended(error)
}

/** A WebSocket as a driver. */
class SocketDriver implements Driver {
  readonly connection: DriverConnection
  readonly #ws: WebSocket
  readonly #socket: Socket
  readonly #around: Surroundings
  readonly #owner: SocketOwner | undefined
  readonly #sending: { readonly binary: true; readonly compress: boolean }
  readonly #written: (() => void) | undefined
  #received = 0
  #lastWord: unknown

  constructor(
    ws: WebSocket,
    socket: Socket,
    peer: PeerInfo,
    around: Surroundings,
    owner: SocketOwner | undefined,
  ) {
    this.#ws = ws
    this.#socket = socket
    this.#around = around
    this.#owner = owner
    const { clock, limits, compression } = around
    this.#sending = { binary: true, compress: compression }
    // 'drain' comes only after a write past the socket's own mark, and tells nothing of what is still being compressed.
    const watchWrites = compression || limits.writeSoftBytes < socket.writableHighWaterMark
    this.#written = watchWrites ? () => this.connection.flushed() : undefined
    this.connection = new DriverConnection(this, { boundaries: 'message', peer, clock, limits })
  }

  get queued(): number {
    return this.#around.compression ? this.#ws.bufferedAmount : this.#socket.writableLength
  }

  write(bytes: Uint8Array): void {
    // A closing WebSocket counts what it drops as if it were queued.
    if (this.#ws.readyState !== WebSocket.OPEN) return
    this.#ws.send(bytes, this.#sending, this.#written)
  }

  end(): void {
    this.#ws.close(Status.normal)
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

  message(data: Uint8Array, isBinary: boolean): void {
    if (!isBinary) {
      this.#ws.close(Status.unsupportedData)
      this.failed(textRefused())
    } else if (this.#around.compression && this.#isBomb(data.length)) {
      this.#ws.close(Status.tooBig)
      this.failed(tooLarge('A message grew too much when it was decompressed'))
    } else this.connection.received(data)
  }

  failed(error: Error): void {
    this.connection.ended(faultOf(error))
    // The reason is on its way to the peer, which may never answer.
    this.#lastWord ??= this.#around.clock.timer(lastWordMs, () => this.#ws.terminate())
  }

  closed(code: number, reason: Uint8Array): void {
    if (this.#lastWord !== undefined) this.#around.clock.clear(this.#lastWord)
    this.connection.ended(endOf(code, new TextDecoder().decode(reason)))
    this.#owner?.left(this.connection)
  }

  // Judged over the whole connection: which bytes made which message cannot be told.
  #isBomb(size: number): boolean {
    this.#received += size
    return this.#received > inflateFloorBytes + this.#around.limits.inflateRatio * this.#socket.bytesRead
  }
}

const tooLargeCodes: ReadonlySet<string | undefined> = new Set([
  'WS_ERR_TOO_MANY_BUFFERED_PARTS',
  'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
])

// What is wrong with a frame is told by codes; whatever has none broke below.
function faultOf(error: Error & { readonly code?: string }): Error {
  const { code } = error
  if (RpcError.is(error) || !(code?.startsWith('WS_ERR_') || code?.startsWith('Z_'))) return error
  if (tooLargeCodes.has(code)) return tooLarge(error.message, error)
  return new RpcError('invalid_argument', error.message, {
    reason: 'bad_frame',
    retryable: false,
    cause: error,
  })
}

function tooLarge(message: string, cause?: unknown): RpcError {
  return new RpcError('resource_exhausted', message, { reason: 'too_large', retryable: false, cause })
}

/** Makes an open WebSocket a connection. Nothing is read until it is started. */
export function connectionOver(
  ws: WebSocket,
  socket: Socket,
  peer: PeerInfo,
  around: Surroundings,
  owner?: SocketOwner,
): DriverConnection {
  ws.pause()
  const driver = new SocketDriver(ws, socket, peer, around, owner)
  const driven = socket as DrivenSocket
  driven[driverOf] = driver
  driven.on('drain', onDrain)
  driven.on('error', onSocketError)
  const drivenWs = ws as DrivenWebSocket
  drivenWs[driverOf] = driver
  drivenWs.on('message', onMessage as (this: WebSocket, data: unknown, isBinary: boolean) => void)
  drivenWs.on('error', onError)
  drivenWs.on('close', onClose)
  return driver.connection
}

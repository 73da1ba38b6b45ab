import { type Clock, type Limits, type PeerInfo, RpcError } from '@hawser/contract'
import { type Driver, DriverConnection } from '@hawser/wire'
import { CloseCode, endOf, textRefused } from '../close-code.js'
import { type NativeSocket, openState } from './native-socket.js'

/** What all connections of a transport share. */
export interface Surroundings {
  readonly clock: Clock
  readonly limits: Limits
}

// The platform tells no event when its buffer has fallen, so while one is over the mark it is asked.
const askMs = 4
// A sender that waits for such a tick has to leave enough behind to keep the network busy until then.
const platformBytes = 256 * 1024
// What a kept message costs besides its bytes.
const messageBytes = 64
// The only codes that a page may close with are 1000 and those from 3000 on.
const refusedText = 4003
const nothing = new Uint8Array(0)

/** A native WebSocket as a driver. */
class NativeDriver implements Driver {
  readonly connection: DriverConnection
  readonly #socket: NativeSocket
  readonly #around: Surroundings
  // There is no pausing a native WebSocket: what comes meanwhile is kept, up to a limit.
  #paused = true
  #kept: Uint8Array[] = []
  #next = 0
  #keptBytes = 0
  #delivering = false
  #end: { readonly reason: RpcError | undefined } | undefined
  #asking: unknown

  constructor(socket: NativeSocket, peer: PeerInfo, around: Surroundings) {
    this.#socket = socket
    this.#around = around
    const { clock, limits } = around
    this.connection = new DriverConnection(this, { boundaries: 'message', peer, clock, limits })
    socket.onmessage = ({ data }) => this.#received(data)
    socket.onclose = ({ code, reason }) => this.#ended(endOf(code, reason))
    // Without a word on what went wrong; the close event follows.
    socket.onerror = null
  }

  // The platform copies what it is given, so that memory is free again at once; what counts as queued is what it holds
  // beyond its share.
  get queued(): number {
    return Math.max(0, this.#socket.bufferedAmount - platformBytes)
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.readyState !== openState) return
    this.#socket.send(bytes)
    if (this.#asking === undefined && this.#isFull()) this.#ask()
  }

  end(): void {
    this.#socket.close(CloseCode.normal)
  }

  // The nearest to it that a page can do. The platform gives the peer some time to answer, unheard from here.
  destroy(): void {
    const socket = this.#socket
    socket.onmessage = socket.onclose = null
    this.#stopAsking()
    this.#kept = []
    socket.close(CloseCode.normal)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    if (this.#delivering) return
    this.#delivering = true
    while (!this.#paused && this.#next < this.#kept.length) {
      const bytes = this.#kept[this.#next]!
      this.#kept[this.#next++] = nothing
      this.#keptBytes -= bytes.length + messageBytes
      this.connection.received(bytes)
    }
    this.#delivering = false
    if (this.#next < this.#kept.length) return
    this.#kept = []
    this.#next = 0
    if (this.#end) this.connection.ended(this.#end.reason)
  }

  #received(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) {
      this.#socket.close(refusedText)
      this.#ended(textRefused())
      return
    }
    const bytes = new Uint8Array(data)
    if (this.#paused) this.#keep(bytes)
    else this.connection.received(bytes)
    if (this.#asking !== undefined && !this.#isFull()) this.#emptied()
  }

  #keep(bytes: Uint8Array): void {
    this.#kept.push(bytes)
    this.#keptBytes += bytes.length + messageBytes
    if (this.#keptBytes <= this.#around.limits.writeKillBytes) return
    this.connection.abort(
      new RpcError('unavailable', `Input was paused for too long: ${this.#keptBytes} bytes have come`, {
        reason: 'slow_consumer',
      }),
    )
  }

  // What came before the end is delivered before it.
  #ended(reason: RpcError | undefined): void {
    if (this.#asking !== undefined) this.#emptied()
    this.#end = { reason }
    if (this.#kept.length === 0) this.connection.ended(reason)
  }

  #isFull(): boolean {
    return this.queued >= this.#around.limits.writeSoftBytes
  }

  #ask(): void {
    this.#asking = this.#around.clock.timer(askMs, () => {
      this.#asking = undefined
      if (this.#isFull()) this.#ask()
      else this.connection.flushed()
    })
  }

  #emptied(): void {
    this.#stopAsking()
    this.connection.flushed()
  }

  #stopAsking(): void {
    if (this.#asking !== undefined) this.#around.clock.clear(this.#asking)
    this.#asking = undefined
  }
}

/** Makes an open socket a connection. Nothing is delivered until it is started. */
export function connectionOver(socket: NativeSocket, peer: PeerInfo, around: Surroundings): DriverConnection {
  return new NativeDriver(socket, peer, around).connection
}

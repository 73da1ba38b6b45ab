import { Socket } from 'node:net'
import { type Connection, type Listener, RpcError } from '@hawser/contract'

/** A connection that came in, and whose server has yet to be found. Nothing has been read from it. */
export class Client {
  readonly id: number
  /** Which of the addresses it came in at. */
  readonly listener: number
  readonly connection: Connection
  /** It has ended, or been turned away. */
  over = false
  readonly #through: () => Listener | undefined
  #socket: Socket | undefined

  constructor(id: number, listener: number, connection: Connection, through: () => Listener | undefined) {
    this.id = id
    this.listener = listener
    this.connection = connection
    this.#through = through
    void connection.closed.then(() => {
      this.over = true
    })
  }

  /** @throws TypeError where the transport has no sockets */
  get socket(): Socket {
    if (this.#socket) return this.#socket
    const socket = this.connection.detach?.()
    if (!(socket instanceof Socket))
      throw new TypeError('The connection has ended, or has no socket to hand over')
    this.#socket = socket
    return socket
  }

  /** It has its server: it no longer counts among those who wait. */
  placed(): void {
    this.#through()?.admitted?.(this.connection)
  }

  /** Another process has it now, and this one's copy of the socket goes. That does not end it. */
  release(): void {
    this.placed()
    this.socket.destroy()
  }

  /** There is no server for it. */
  refuse(message: string): void {
    this.over = true
    const reason = new RpcError('unavailable', message, { reason: 'closed' })
    if (this.#socket) this.#socket.destroy(reason)
    else this.connection.abort(reason)
  }
}

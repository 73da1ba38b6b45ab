import type { Socket } from 'node:net'
import { type Connection, type Log, type LogEntry, type PeerInfo, RpcError } from '@hawser/contract'
import { limitedLog } from '@hawser/wire'
import { Admission, type Caps } from './admission.js'
import { connectionOver, type SocketOwner, type Surroundings } from './driver.js'

/** What a listener's reception needs to know. */
export interface ReceptionOptions extends Surroundings {
  readonly caps: Caps
  readonly log: Log | undefined
}

/** What a listener does with the sockets it accepts: a place for each, a connection of it, and the program's turn. */
export class Reception {
  readonly admission: Admission
  readonly #options: ReceptionOptions
  readonly #accept: (connection: Connection) => void
  // What is refused must not become a flood of lines of its own.
  readonly #log: Log | undefined

  constructor(options: ReceptionOptions, accept: (connection: Connection) => void) {
    this.#options = options
    this.#accept = accept
    this.admission = new Admission(options.caps)
    this.#log = options.log && limitedLog(options.log, options.clock, options.limits)
  }

  /** Makes a socket that has a place a connection, and hands it to the program. */
  hand(socket: Socket, peer: PeerInfo, owner: SocketOwner): void {
    const connection = connectionOver(socket, peer, this.#options, owner)
    this.admission.begin(connection)
    try {
      this.#accept(connection)
    } catch (error) {
      // A fault of the program costs this connection, not the process.
      connection.abort(RpcError.from(error))
      const message = `${peer.address}: A connection was dropped because accepting it failed`
      this.say({ level: 'error', event: 'accept_threw', message, error })
    }
  }

  say(entry: LogEntry): void {
    this.#log?.(entry)
  }
}

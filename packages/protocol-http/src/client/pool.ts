import { Agent, type ClientRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Connection, RpcError } from '@hawser/contract'
import { ConnectionDuplex } from '../duplex.js'

/** What a {@link Pool} makes its connections with. */
export interface PoolOwner {
  /** Makes a further connection. Absent: there is but the first. */
  readonly dial: (() => Promise<Connection>) | undefined
  readonly idleMs: number
  timer(milliseconds: number, callback: () => void): unknown
  clear(handle: unknown): void
  /** The last connection is gone, or none could be made. */
  lost(error: RpcError | undefined): void
}

type Created = (error: Error | null, socket?: Duplex) => void

interface Lane {
  readonly connection: Connection
  idle: unknown
  /** Is a request under way, or may its answer still come? */
  busy: boolean
  readonly surplus: () => void
}

/**
 * The connections of a session. Each carries one request at a time; one that says anything while none is under way is ended,
 * since it would be taken for the answer to the next.
 */
export class Pool extends Agent {
  readonly #owner: PoolOwner
  readonly #lanes = new Map<Duplex, Lane>()
  #first: Duplex | undefined
  // Connections that are being made, for calls that none is there for yet.
  #dialling = 0
  #closed = false

  constructor(first: Connection, owner: PoolOwner) {
    const most = owner.dial ? Number.POSITIVE_INFINITY : 1
    super({ keepAlive: true, maxSockets: most, maxFreeSockets: most, scheduling: 'lifo' })
    this.#owner = owner
    this.#first = this.#lane(first)
    this.#rest(this.#first)
  }

  /** A connection of its own, for what never gives it back. The first one counts, too, while nobody has used it. */
  async separate(): Promise<Duplex> {
    const first = this.#taken()
    if (first) return first
    const { dial } = this.#owner
    if (!dial) throw noMore()
    try {
      return await this.#dialled(dial)
    } catch (error) {
      this.#undialled(error)
      throw error
    }
  }

  override createConnection(
    _options: object,
    created?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null {
    const done = created as Created
    const first = this.#taken()
    if (first) return first
    const { dial } = this.#owner
    if (!dial) {
      queueMicrotask(() => done(noMore()))
      return null
    }
    this.#dialled(dial).then(
      (socket) => {
        done(null, socket)
        // Only now does anybody listen; whoever had it before has stopped it.
        socket.resume()
      },
      (error: unknown) => {
        done(RpcError.from(error, 'unavailable', { reason: 'unreachable', executed: 'no' }))
        this.#undialled(error)
      },
    )
    return null
  }

  /** The request that the socket carried has been answered, or given up on this side: that it ends says nothing of others. */
  answered(socket: Duplex | null | undefined): void {
    const lane = socket && this.#lanes.get(socket)
    if (lane) lane.busy = false
  }

  override keepSocketAlive(socket: Duplex): boolean {
    if (this.#closed || !socket.readable || !socket.writable) return false
    this.#rest(socket)
    return true
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    this.#wake(socket)
    super.reuseSocket(socket, request)
  }

  /** Closes the connections that rest, and the others as their requests end. */
  leave(): void {
    this.#closed = true
    for (const { connection, idle } of [...this.#lanes.values()])
      if (idle !== undefined) void connection.close()
  }

  /** Ends all connections, with an error at once. */
  async end(error?: RpcError): Promise<void> {
    this.#closed = true
    const connections = [...this.#lanes.values()].map(({ connection }) => connection)
    for (const connection of connections)
      if (error) connection.abort(error)
      else void connection.close()
    await Promise.all(connections.map(({ closed }) => closed))
  }

  async #dialled(dial: () => Promise<Connection>): Promise<Duplex> {
    this.#dialling++
    try {
      return this.#entered(await dial())
    } finally {
      this.#dialling--
    }
  }

  #undialled(error: unknown): void {
    if (this.#lanes.size === 0 && this.#dialling === 0) this.#owner.lost(RpcError.from(error, 'unavailable'))
  }

  #entered(connection: Connection): Duplex {
    if (!this.#closed) {
      const socket = this.#lane(connection)
      this.#wake(socket)
      return socket
    }
    const error = new RpcError('unavailable', 'The session is closed', { reason: 'closed', executed: 'no' })
    connection.abort(error)
    throw error
  }

  #lane(connection: Connection): Duplex {
    const socket = (connection.detach?.() as Duplex | undefined) ?? new ConnectionDuplex(connection)
    // A stream that is no socket has nothing that keeps the process alive, but is told to.
    if (!('ref' in socket)) Object.assign(socket, { ref: () => socket, unref: () => socket })
    const surplus = () =>
      connection.abort(
        new RpcError('unavailable', 'Something came that was not asked for', {
          reason: 'bad_frame',
          retryable: true,
        }),
      )
    const lane: Lane = { connection, idle: undefined, busy: false, surplus }
    this.#lanes.set(socket, lane)
    socket.on('error', () => {})
    // Not before all that came has been read.
    socket.once('close', () => void connection.closed.then((reason) => this.#closedOne(socket, lane, reason)))
    return socket
  }

  #closedOne(socket: Duplex, lane: Lane, reason: RpcError | undefined): void {
    this.#owner.clear(lane.idle)
    this.#lanes.delete(socket)
    if (socket === this.#first) this.#first = undefined
    // Servers end connections when they have answered, which says nothing of the next call.
    const inPeace = !lane.busy && (reason === undefined || lane.idle === undefined)
    if (this.#lanes.size > 0 || this.#dialling > 0 || (inPeace && this.#owner.dial)) return
    this.#owner.lost(reason)
  }

  // Between requests.
  #rest(socket: Duplex): void {
    const lane = this.#lanes.get(socket)
    if (!lane) return
    lane.busy = false
    lane.idle = this.#owner.timer(this.#owner.idleMs, () => void lane.connection.close())
    socket.on('data', lane.surplus)
    socket.resume()
  }

  #wake(socket: Duplex): void {
    const lane = this.#lanes.get(socket)
    if (!lane) return
    this.#owner.clear(lane.idle)
    lane.idle = undefined
    lane.busy = true
    socket.off('data', lane.surplus)
  }

  #taken(): Duplex | undefined {
    const first = this.#first
    this.#first = undefined
    if (!first || first.destroyed) return undefined
    this.#wake(first)
    return first
  }
}

function noMore(): RpcError {
  return new RpcError('unavailable', 'There is no other connection to make', {
    reason: 'unreachable',
    executed: 'no',
    retryable: false,
  })
}

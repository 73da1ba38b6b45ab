import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** What happens to the bytes of one direction. */
export interface Disturbance {
  /** At this byte, from 0, both sides are cut off. */
  readonly cutAt?: number
  /** How they are: as after a clean end, or with a reset. Default `fin`. */
  readonly cut?: 'fin' | 'rst'
  /** From this byte on nothing is read any more, so that the sender's queue fills. */
  readonly stallAt?: number
  /** From this byte on everything is read and vanishes: half-open. */
  readonly swallowAt?: number
  readonly delayMs?: number
  /** The most bytes written at a time. */
  readonly splitBytes?: number
}

/** Both directions of one connection. */
export interface Disturbances {
  readonly toServer?: Disturbance
  readonly toClient?: Disturbance
}

/** How a {@link ChaosProxy} can be told to be. */
export interface ChaosProxyOptions {
  /** Where the connections go. */
  readonly host?: string
  readonly port: number
  /** For every connection, or for the nth, from 0. Read when it comes. */
  readonly disturb?: Disturbances | ((connection: number) => Disturbances)
}

/** A tcp proxy in between, that does what networks do. */
export class ChaosProxy implements AsyncDisposable {
  readonly #options: ChaosProxyOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #count = 0

  constructor(options: ChaosProxyOptions) {
    this.#options = options
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#join(socket))
  }

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  /** On 127.0.0.1. */
  get port(): number {
    const bound = this.#server.address()
    if (!bound || typeof bound === 'string') throw new TypeError('The proxy is not open')
    return bound.port
  }

  /** Connections taken so far. */
  get connections(): number {
    return this.#count
  }

  /** Cuts every connection there is, and goes on taking new ones. */
  cut(how: 'fin' | 'rst' = 'rst'): void {
    for (const socket of this.#sockets) end(socket, how)
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #join(client: Socket): void {
    const { disturb = {}, host = '127.0.0.1', port } = this.#options
    const plan = typeof disturb === 'function' ? disturb(this.#count) : disturb
    this.#count++
    const server = connect({ host, port, allowHalfOpen: true, noDelay: true })
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    }
    forward(client, server, plan.toServer ?? {})
    forward(server, client, plan.toClient ?? {})
  }
}

const beforeResetMs = 10

/** Opens a {@link ChaosProxy}. */
export function chaosProxy(options: ChaosProxyOptions): Promise<ChaosProxy> {
  return new ChaosProxy(options).open()
}

function end(socket: Socket, how: 'fin' | 'rst'): void {
  if (how === 'rst') socket.resetAndDestroy()
  else socket.destroySoon()
}

function forward(from: Socket, to: Socket, plan: Disturbance): void {
  let offset = 0
  let silent = false
  let stalled = plan.stallAt === 0
  const later = (act: () => void) => {
    if (plan.delayMs) setTimeout(act, plan.delayMs)
    else act()
  }
  const cut = () => {
    const how = plan.cut ?? 'fin'
    const act = () => {
      end(from, how)
      end(to, how)
    }
    // A reset may overtake what its receiver has not read yet.
    if (how === 'rst') setTimeout(act, beforeResetMs)
    else act()
  }
  const write = (bytes: Uint8Array) => {
    if (to.destroyed) return
    if (!to.write(bytes)) {
      from.pause()
      to.once('drain', () => {
        if (!stalled) from.resume()
      })
    }
  }
  const pass = (bytes: Uint8Array) => {
    const step = plan.splitBytes ?? Math.max(1, bytes.length)
    for (let start = 0; start < bytes.length; start += step) {
      const piece = bytes.subarray(start, start + step)
      later(() => write(piece))
    }
  }

  if (stalled) from.pause()
  else
    from.on('data', (bytes: Uint8Array) => {
      if (silent) return
      const stop = Math.min(
        plan.cutAt ?? Number.POSITIVE_INFINITY,
        plan.stallAt ?? Number.POSITIVE_INFINITY,
        plan.swallowAt ?? Number.POSITIVE_INFINITY,
      )
      const left = stop - offset
      offset += bytes.length
      if (bytes.length < left) {
        pass(bytes)
        return
      }
      silent = true
      pass(bytes.subarray(0, left))
      if (stop === plan.cutAt) later(cut)
      else if (stop === plan.stallAt) {
        stalled = true
        from.pause()
      }
    })
  from.on('end', () => {
    if (!silent) later(() => to.end())
  })
  from.on('error', () => later(() => to.resetAndDestroy()))
  from.on('close', (failed) => {
    if (!failed && !silent) later(() => to.destroySoon())
  })
}

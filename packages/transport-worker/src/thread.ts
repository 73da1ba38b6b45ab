import type { Cancel, Connection } from '@hawser/contract'
import { addressOf } from './address.js'
import { type DialOptions, dial, type Pending, unreachable } from './dial.js'
import type { WorkerListener } from './listener.js'
import { isRequest, type Request } from './message.js'
import { closePort, countIdle, hold, isOver, isWorker, type PortLike, watch } from './port.js'

/** Finds who takes the connections of a thread. */
export type FindListener = (name: string) => WorkerListener | undefined

// Requests kept for a listener that has not begun to listen. Each has a dialer behind it that waits for a few seconds.
const mostEarly = 64

/** Another thread, reached through one port. The port stays the user's: it is never closed, and other messages pass by. */
export class Thread {
  readonly name: string
  readonly port: PortLike
  readonly #options: DialOptions
  readonly #find: FindListener
  readonly #pending: Pending = new Set()
  readonly #unwatch: () => void
  #unhear: (() => void) | undefined
  // Undefined once somebody has listened.
  #early: Request[] | undefined = []
  #over = false
  #idle = false

  constructor(name: string, port: PortLike, options: DialOptions, find: FindListener) {
    this.name = name
    this.port = port
    this.#options = options
    this.#find = find
    this.#unwatch = watch(port, { gone: () => this.#gone() })
    if (isWorker(port)) this.#hear()
  }

  async dial(cancel: Cancel): Promise<Connection> {
    const address = addressOf(this.name)
    if (this.#over || isOver(this.port)) throw unreachable(address, 'the thread has ended')
    return dial(address, this.port, this.#options, this.#pending, cancel)
  }

  /** Somebody listens for its connections now, or no longer. */
  listening(some: boolean): void {
    // Without a listener it goes on hearing, to refuse at once what would wait in vain.
    if (this.#unhear && some === this.#idle) {
      this.#idle = !some
      countIdle(this.port, some ? -1 : 1)
    }
    if (!some) return
    this.#hear()
    hold(this.port)
    const early = this.#early ?? []
    this.#early = undefined
    for (const request of early) this.#answer(request)
  }

  /** It is not to be reached under its name any more. Its connections live on. */
  forget(): void {
    this.listening(false)
    this.#unwatch()
    this.#unhear?.()
    if (this.#idle) countIdle(this.port, -1)
    this.#giveUp('it was taken away')
  }

  #hear(): void {
    this.#unhear ??= watch(this.port, { message: (value) => this.#heard(value) })
  }

  #heard(value: unknown): void {
    if (!isRequest(value)) return
    if (!this.#early) this.#answer(value)
    else if (this.#early.length < mostEarly) this.#early.push(value)
  }

  #answer(request: Request): void {
    const listener = this.#find(this.name)
    const { port } = request
    if (!port) return
    if (listener) {
      request.port = undefined
      if (!listener.take(port, this.name)) refuse(port)
      return
    }
    // Another transport of this thread may listen on the same port.
    this.#options.clock.soon(() => {
      if (request.port) refuse(port)
      request.port = undefined
    })
  }

  #gone(): void {
    this.#over = true
    this.#giveUp('the thread has ended')
  }

  #giveUp(why: string): void {
    for (const giveUp of [...this.#pending]) giveUp(why)
  }
}

function refuse(port: PortLike): void {
  port.postMessage('refuse', [])
  closePort(port)
}

import type { Cancel, Clock } from '@hawser/contract'

/** What the room of a topic is judged by. */
export interface RoomOptions {
  readonly clock: Clock
  readonly patienceMs: number
  /** Who may wait at most. */
  readonly mostWaiters: number
  /** Somebody has had no room for too long. Those who wait go on all the same. */
  tooLong?(who: object): void
  overflow(): Error
}

interface Waiter {
  run(): void
  reject(error: unknown): void
}

/** Who has no room left for a message, and the publishers who wait until everybody has, the first first. */
export class Room {
  readonly #options: RoomOptions
  readonly #full = new Map<object, number>()
  readonly #waiters: Waiter[] = []
  #timer: unknown
  #running = false

  constructor(options: RoomOptions) {
    this.#options = options
  }

  /** Has everybody room? */
  get free(): boolean {
    return this.#full.size === 0
  }

  /** Has everybody room, but for one? */
  freeBut(one: object | undefined): boolean {
    return this.#full.size === (one && this.#full.has(one) ? 1 : 0)
  }

  set(who: object, full: boolean): void {
    if (full) {
      if (!this.#full.has(who)) this.#full.set(who, this.#options.clock.now())
    } else if (this.#full.delete(who) && this.free) this.#run()
  }

  /** Resolves with what `then` returns, which runs when all who asked before have run, and everybody has room. */
  wait<T>(then: () => T, { signal }: Cancel = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      signal?.throwIfAborted()
      if (this.#waiters.length >= this.#options.mostWaiters) throw this.#options.overflow()
      const waiter: Waiter = {
        run() {
          signal?.removeEventListener('abort', aborted)
          try {
            resolve(then())
          } catch (error) {
            reject(error)
          }
        },
        reject,
      }
      const aborted = () => {
        const at = this.#waiters.indexOf(waiter)
        if (at >= 0) this.#waiters.splice(at, 1)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', aborted, { once: true })
      this.#waiters.push(waiter)
      this.#run()
    })
  }

  /** Nobody need wait any more. */
  close(error: Error): void {
    this.#options.clock.clear(this.#timer)
    this.#timer = undefined
    for (const { reject } of this.#waiters.splice(0)) reject(error)
  }

  // What runs may fill somebody up again, or free somebody.
  #run(): void {
    if (this.#running) return
    this.#running = true
    while (this.free && this.#waiters.length > 0) this.#waiters.shift()!.run()
    this.#running = false
    if (this.#waiters.length > 0) this.#arm()
    else {
      this.#options.clock.clear(this.#timer)
      this.#timer = undefined
    }
  }

  #arm(): void {
    if (this.#timer !== undefined) return
    const { clock, patienceMs } = this.#options
    const oldest = Math.min(...this.#full.values())
    this.#timer = clock.timer(Math.max(0, oldest + patienceMs - clock.now()), () => {
      this.#timer = undefined
      for (const [who, since] of [...this.#full])
        if (clock.now() - since >= patienceMs) {
          this.#full.delete(who)
          this.#options.tooLong?.(who)
        }
      this.#run()
    })
  }
}

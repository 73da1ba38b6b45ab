import { type Clock, type Limits, RpcError } from '@hawser/contract'

/**
 * Watches a stream whose server says every now and then that it is still there: one that says nothing for longer than that is gone,
 * whatever the system thinks of its connection.
 */
export class Silence {
  readonly #clock: Clock
  readonly #mostMs: number
  readonly #gone: (reason: RpcError) => void
  #heardAt: number
  #timer: unknown
  #deaf = false

  /** @param gone called once at the most */
  constructor(clock: Clock, { keepAliveMs, keepAliveTimeoutMs }: Limits, gone: (reason: RpcError) => void) {
    this.#clock = clock
    // It waits for the answer to one sign of life before it counts the time to the next.
    this.#mostMs = keepAliveMs + 2 * keepAliveTimeoutMs
    this.#gone = gone
    this.#heardAt = clock.now()
    this.#arm(this.#mostMs)
  }

  heard(): void {
    this.#heardAt = this.#clock.now()
  }

  /** This side does not read: what does not come then is not missed. */
  pause(): void {
    this.#deaf = true
  }

  resume(): void {
    this.#deaf = false
    this.heard()
  }

  end(): void {
    this.#clock.clear(this.#timer)
  }

  #arm(milliseconds: number): void {
    this.#timer = this.#clock.timer(milliseconds, () => {
      if (this.#deaf) this.heard()
      const left = this.#heardAt + this.#mostMs - this.#clock.now()
      if (left > 0) this.#arm(left)
      else
        this.#gone(
          new RpcError('unavailable', 'The other side no longer answers', {
            reason: 'silent',
            retryable: true,
          }),
        )
    })
  }
}

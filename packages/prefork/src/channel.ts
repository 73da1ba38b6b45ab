/**
 * A two-way flow of messages between the main program and one server, in order. It has the shape of a `MessagePort`, so that
 * what works between threads works here. Messages are cloned; keep to plain values and `Uint8Array`.
 */
export interface Channel {
  /** After the end it does nothing. */
  postMessage(message: unknown): void
  /** What came before the first listener is kept for it. */
  on(event: 'message', listener: (message: unknown) => void): this
  /** The other side is gone; told at once where it is already. */
  on(event: 'close', listener: () => void): this
}

/** One end of a {@link Channel}, for who carries its messages. */
export class ChannelEnd implements Channel {
  readonly #post: (message: unknown) => void
  readonly #listeners: ((message: unknown) => void)[] = []
  readonly #ends: (() => void)[] = []
  #early: unknown[] = []
  #over = false

  constructor(post: (message: unknown) => void) {
    this.#post = post
  }

  postMessage(message: unknown): void {
    if (!this.#over) this.#post(message)
  }

  on(event: 'message' | 'close', listener: (message?: unknown) => void): this {
    if (event === 'close') {
      if (this.#over) listener()
      else this.#ends.push(listener)
      return this
    }
    this.#listeners.push(listener)
    const early = this.#early
    this.#early = []
    for (const message of early) listener(message)
    return this
  }

  deliver(message: unknown): void {
    if (this.#listeners.length === 0) this.#early.push(message)
    else for (const listener of this.#listeners) listener(message)
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    for (const listener of this.#ends) listener()
  }
}

/** Both ends within one thread. Messages arrive in a later job, and as clones, as they would between processes. */
export function localChannel(): { readonly near: ChannelEnd; readonly far: ChannelEnd } {
  const near: ChannelEnd = new ChannelEnd((message) => pass(far, message))
  const far: ChannelEnd = new ChannelEnd((message) => pass(near, message))
  return { near, far }
}

function pass(to: ChannelEnd, message: unknown): void {
  const clone: unknown = structuredClone(message)
  queueMicrotask(() => to.deliver(clone))
}

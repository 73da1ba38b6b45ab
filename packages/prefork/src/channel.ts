/** Takes what comes: a message, or at the end nothing. */
export type ChannelListener = (message: never) => void

/**
 * A two-way flow of messages between the main program and one server, in order. It has the shape of a `MessagePort`, so that
 * what works between threads works here. Messages are cloned; keep to plain values and `Uint8Array`.
 */
export interface Channel {
  /** After the end it does nothing. */
  postMessage(message: unknown): void
  /** `message`: what comes, and what came before anybody listened. `close`: the other side is gone, once. */
  on(event: string, listener: ChannelListener): this
  off(event: string, listener: ChannelListener): this
}

/** One end of a {@link Channel}, for who carries its messages. */
export class ChannelEnd implements Channel {
  readonly #post: (message: unknown) => void
  readonly #listeners = new Set<(message: unknown) => void>()
  readonly #ends = new Set<() => void>()
  #early: unknown[] = []
  #over = false

  constructor(post: (message: unknown) => void) {
    this.#post = post
  }

  postMessage(message: unknown): void {
    if (!this.#over) this.#post(message)
  }

  on(event: string, listener: ChannelListener): this {
    if (event === 'close') this.#ends.add(listener as () => void)
    if (event !== 'message') return this
    this.#listeners.add(listener as (message: unknown) => void)
    const early = this.#early
    this.#early = []
    for (const message of early) this.deliver(message)
    return this
  }

  off(event: string, listener: ChannelListener): this {
    if (event === 'close') this.#ends.delete(listener as () => void)
    if (event === 'message') this.#listeners.delete(listener as (message: unknown) => void)
    return this
  }

  deliver(message: unknown): void {
    if (this.#listeners.size === 0) this.#early.push(message)
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

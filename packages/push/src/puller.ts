import { defaultLimits, RpcError } from '@hawser/contract'
import { inDevelopment, watchDropped } from './dropped.js'
import type { Pulled, PullOptions } from './pull-options.js'
import type { Subscription } from './subscription.js'

/** What a callback is given: a message, or, as the last, why there are no more. */
export type PullResult<T> =
  | (Pulled<T> & { readonly error?: undefined })
  | { readonly error: RpcError; readonly value?: undefined }

/** Takes messages one at a time: the next one when what this returns has settled. */
export type PullCallback<T> = (result: PullResult<T>) => void | Promise<void>

/** The handle of a subscription with a callback: whoever disposes of it ends the subscription. */
export class Puller implements AsyncDisposable, Disposable {
  /** Resolves once, and never rejects, when the subscription has ended and the callback has returned; undefined after `close`. */
  readonly closed: Promise<RpcError | undefined>
  readonly #subscription: Subscription

  constructor(subscription: Subscription, callback: PullCallback<unknown>, options: PullOptions) {
    this.#subscription = subscription
    const watched = (options.development ?? inDevelopment()) ? timed(subscription, callback) : callback
    this.closed = run(subscription, watched)
    watchHandle(this, subscription, options)
  }

  /** How many messages did not come, as far as is known. */
  get missed(): number {
    return this.#subscription.missed
  }

  /** Ends the subscription; the callback is not called again. Idempotent. */
  async close(): Promise<void> {
    await this.#subscription.close()
  }

  [Symbol.dispose](): void {
    void this.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** The messages of a subscription, to be iterated once: leaving the loop ends the subscription. */
export class Pulling<T> implements AsyncIterableIterator<T, undefined>, AsyncDisposable {
  readonly #subscription: Subscription
  readonly #numbered: boolean

  constructor(subscription: Subscription, numbered: boolean, options: PullOptions) {
    this.#subscription = subscription
    this.#numbered = numbered
    watchHandle(this, subscription, options)
  }

  /** How many messages did not come, as far as is known. */
  get missed(): number {
    return this.#subscription.missed
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    const result = await this.#subscription.next()
    if (result.done) return result
    return { done: false, value: (this.#numbered ? result.value : result.value.value) as T }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    await this.#subscription.close()
    return { done: true, value: undefined }
  }

  /** Ends the subscription. Idempotent. */
  async close(): Promise<void> {
    await this.#subscription.close()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

// Refers to the subscription only, never to the handle: so it can be noticed that nobody holds that any more.
async function run(
  subscription: Subscription,
  callback: PullCallback<unknown>,
): Promise<RpcError | undefined> {
  for (;;) {
    let result: Awaited<ReturnType<Subscription['next']>>
    try {
      result = await subscription.next()
    } catch (thrown) {
      const error = RpcError.from(thrown)
      await told(subscription, callback, { error })
      return error
    }
    if (result.done) return undefined
    await told(subscription, callback, result.value)
  }
}

async function told(
  { log, path }: Subscription,
  callback: PullCallback<unknown>,
  result: PullResult<unknown>,
): Promise<void> {
  try {
    await callback(result)
  } catch (error) {
    const message = 'The callback of a pull threw'
    log({ level: 'error', event: 'hook_failed', message, hook: 'pull', method: path, error })
  }
}

// Who holds the loop holds all connections of the process.
function timed({ log, path }: Subscription, callback: PullCallback<unknown>): PullCallback<unknown> {
  return (result) => {
    const started = performance.now()
    try {
      return callback(result)
    } finally {
      const tookMs = performance.now() - started
      const { blockMs } = defaultLimits
      const message = `The callback of a pull held the loop for ${Math.round(tookMs)} ms, over ${blockMs} ms`
      if (tookMs > blockMs) log({ level: 'warn', event: 'pull_blocked', message, method: path })
    }
  }
}

function watchHandle(handle: object, subscription: Subscription, options: PullOptions): void {
  if (!(options.development ?? inDevelopment())) return
  const { path, log } = subscription
  watchDropped(handle, { path, log, over: () => subscription.over })
}

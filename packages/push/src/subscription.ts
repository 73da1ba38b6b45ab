import { type Clock, type Log, type MethodType, RpcError, systemClock } from '@hawser/contract'
import { consoleLog, type Numbered, numberedCodec, numberedHeader } from '@hawser/wire'
import type { PullClient, Pulled, PullOptions } from './pull-options.js'
import { Reconnect } from './reconnect.js'

type Items = AsyncIterator<Numbered, undefined>

const finished: IteratorResult<never, undefined> = { done: true, value: undefined }

/**
 * One subscription: opened when the first message is asked for, and again, if so wished, when it is lost. It counts what
 * did not come.
 */
export class Subscription {
  readonly path: string
  readonly log: Log
  readonly #call: () => AsyncIterable<Numbered>
  readonly #options: PullOptions
  readonly #clock: Clock
  readonly #reconnect: Reconnect | undefined
  #items: Items | undefined
  #last: number | undefined
  #anew = false
  #over = false
  #missed = 0
  #wake: (() => void) | undefined
  #opening: Promise<void> | undefined

  /** @throws TypeError for a path that is none, an address no transport takes, or options that make no sense */
  constructor(client: PullClient, address: string, path: string, options: PullOptions) {
    if (typeof path !== 'string' || !/^\/./.test(path))
      throw new TypeError(`A topic's path begins with /, unlike ${JSON.stringify(path)}`)
    this.path = path
    this.log = options.log ?? consoleLog
    this.#call = subscribing(client, address, path, options)
    this.#options = options
    this.#clock = options.clock ?? systemClock()
    const { reconnect } = options
    if (reconnect) this.#reconnect = new Reconnect(reconnect === true ? {} : reconnect, this.#clock)
  }

  /** How many messages did not come, as far as is known. */
  get missed(): number {
    return this.#missed
  }

  get over(): boolean {
    return this.#over
  }

  /** Like that of an iterator. */
  async next(): Promise<IteratorResult<Pulled<unknown>, undefined>> {
    while (!this.#over) {
      this.#items ??= this.#open()
      const items = this.#items
      let result: IteratorResult<Numbered, undefined>
      try {
        result = await items.next()
      } catch (error) {
        await this.#failed(items, RpcError.from(error))
        continue
      }
      if (this.#over || result.done) break
      this.#reconnect?.arrived()
      return { done: false, value: this.#counted(result.value) }
    }
    this.#over = true
    return finished
  }

  /** Ends it; idempotent. Whoever waits for a message is told that there is none. */
  async close(): Promise<void> {
    if (this.#over) return
    this.#over = true
    this.#wake?.()
    await (this.#items as Partial<Items> | undefined)?.return?.()
  }

  #open(): Items {
    return this.#call()[Symbol.asyncIterator]() as Items
  }

  // Throws what ends it for good; otherwise waits until it is time for another try.
  async #failed(items: Items, error: RpcError): Promise<void> {
    if (this.#over) return
    if (this.#items === items) {
      this.#lost(error)
      const waitMs = this.#options.signal?.aborted ? undefined : this.#reconnect?.waitFor(error)
      if (waitMs === undefined) {
        this.#over = true
        throw error
      }
      this.#items = undefined
      this.#anew = true
      this.#opening = this.#pause(waitMs)
    }
    await this.#opening
  }

  #pause(waitMs: number): Promise<void> {
    const { signal } = this.#options
    return new Promise((resolve) => {
      const wake = () => {
        this.#clock.clear(timer)
        signal?.removeEventListener('abort', wake)
        this.#wake = undefined
        resolve()
      }
      this.#wake = wake
      const timer = this.#clock.timer(waitMs, wake)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }

  #counted({ number, value }: Numbered): Pulled<unknown> {
    const last = this.#last
    this.#last = number
    let missed = 0
    if (last !== undefined && number > last) missed = number - last - 1
    else if (last !== undefined && this.#anew) missed = Infinity
    this.#anew = false
    this.#gap(missed)
    return { number, missed, value }
  }

  // An error may tell of messages behind the last one that came.
  #lost({ details }: RpcError): void {
    const missed =
      typeof details === 'object' && details !== null ? Reflect.get(details, 'missed') : undefined
    if (typeof missed !== 'number' || !Number.isSafeInteger(missed) || missed < 1) return
    if (this.#last !== undefined) this.#last += missed
    this.#gap(missed)
  }

  #gap(missed: number): void {
    if (missed === 0) return
    this.#missed += missed
    try {
      this.#options.onGap?.(missed)
    } catch (error) {
      this.log({ level: 'error', event: 'hook_failed', message: 'onGap threw', hook: 'onGap', error })
    }
  }
}

// A description, as all remote methods are: each call of it makes one subscription.
function subscribing(
  client: PullClient,
  address: string,
  path: string,
  { type, signal, headers }: PullOptions,
): () => AsyncIterable<Numbered> {
  const at = path.lastIndexOf('/')
  const method = path.slice(at + 1)
  const kind: MethodType = {
    kind: 'server-stream',
    ...(type ? { output: type } : { untyped: true }),
    envelope: numberedCodec,
  }
  const stub = client.stub({ name: path.slice(0, at), methods: { [method]: kind } }, address, {
    signal,
    headers: { ...headers, [numberedHeader]: '1' },
  })
  return Reflect.get(stub, method) as () => AsyncIterable<Numbered>
}

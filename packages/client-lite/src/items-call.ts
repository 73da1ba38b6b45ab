import { type Body, type CallKind, RpcError } from '@hawser/contract'
import { type CallSink, ClientCall, type Target } from './client-call.js'
import { cancelledError } from './loss.js'
import type { CallOptions } from './options.js'

const finished: IteratorResult<unknown, undefined> = { done: true, value: undefined }

/**
 * A call that is answered with items, as the iterable its caller reads. It is sent when the first item is asked for; leaving
 * the loop early cancels it. It can be iterated once.
 */
export class ItemsCall implements AsyncIterableIterator<unknown, undefined>, AsyncDisposable, CallSink {
  readonly #start: () => ClientCall
  #started: Promise<AsyncIterator<Uint8Array>> | undefined
  #call: ClientCall | undefined
  #done = false
  #replied: ((items: AsyncIterator<Uint8Array>) => void) | undefined
  #failed: ((error: Error) => void) | undefined

  constructor(target: Target, kind: CallKind, input: unknown, options: CallOptions) {
    this.#start = () => new ClientCall(target, kind, input, options, false, this)
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#done) return finished
    try {
      this.#started ??= new Promise((resolve, reject) => {
        this.#replied = resolve
        this.#failed = reject
        const call = this.#start()
        this.#call = call
        call.target.endpoint.surroundings.streams.add(call)
        call.begin()
      })
      const items = await this.#started
      const result = await items.next()
      if (!result.done) return { done: false, value: this.#call!.answer(result.value) }
      this.#finish()
      return finished
    } catch (error) {
      this.#call?.cancel(RpcError.from(error, 'cancelled', { reason: 'cancelled' }))
      this.#finish()
      throw RpcError.is(error) && this.#call ? this.#call.told(error) : error
    }
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#done) return finished
    this.#call?.cancel(cancelledError('The caller stopped reading'))
    this.#finish()
    return finished
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  replied(output: Body): void {
    this.#replied?.((output as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]())
  }

  failed(error: Error): void {
    this.#failed?.(error)
  }

  #finish(): void {
    this.#done = true
    this.#call?.untie()
    this.#call?.target.endpoint.surroundings.streams.delete(this.#call)
  }
}

import { type CallKind, type Codec, type Reply, RpcError } from '@hawser/contract'
import { arm, type CallSink, disarm } from './caller.js'
import type { ClientCall } from './client-call.js'
import type { CallOptions } from './options.js'
import { answerOf, errorOf } from './outcome.js'
import { recode } from './recode.js'
import type { InputOf, Target } from './value-call.js'

const finished: IteratorResult<unknown, undefined> = { done: true, value: undefined }

/**
 * A call that is answered with items, as the iterable its caller reads. It is sent when the first item is asked for;
 * leaving the loop early cancels it. It can be iterated once.
 */
export class ItemsCall implements AsyncIterableIterator<unknown, undefined>, AsyncDisposable, CallSink {
  readonly #target: Target
  readonly #kind: Extract<CallKind, 'server-stream' | 'duplex'>
  readonly #inputOf: InputOf
  readonly #options: CallOptions
  #started: Promise<void> | undefined
  #replied: (() => void) | undefined
  #failed: ((error: RpcError) => void) | undefined
  #call: ClientCall | undefined
  #codec: Codec | undefined
  #source: AsyncIterator<Uint8Array> | undefined
  #done = false
  #recoded = false

  constructor(target: Target, kind: 'server-stream' | 'duplex', inputOf: InputOf, options: CallOptions) {
    this.#target = target
    this.#kind = kind
    this.#inputOf = inputOf
    this.#options = options
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#done) return finished
    try {
      this.#started ??= this.#start()
      await this.#started
      const result = await this.#source!.next()
      if (result.done) {
        this.#finish()
        return finished
      }
      return { done: false, value: answerOf(this.#codec!, result.value) }
    } catch (error) {
      throw this.#break(error)
    }
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#done) return finished
    const source = this.#source
    this.#call?.cancel(new RpcError('cancelled', 'The caller stopped reading', { reason: 'cancelled' }))
    this.#finish()
    await source?.return?.()
    return finished
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  replied({ output }: Reply): void {
    if (output instanceof Uint8Array) {
      this.gaveUp(new RpcError('internal', 'One answer came instead of items'))
      return
    }
    this.#source = output[Symbol.asyncIterator]()
    this.#replied?.()
  }

  failed(error: RpcError): void {
    if (!this.#call || !this.#target.route.recover(this.#call, error, this)) this.gaveUp(error)
  }

  gaveUp(error: RpcError): void {
    if (error.reason === 'no_codec' && this.#recode()) return
    this.#failed?.(error)
  }

  #start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#replied = resolve
      this.#failed = reject
      const { route, calling, method } = this.#target
      const codec = route.codec
      this.#codec = codec
      const call = calling.maker.make(method, this.#kind, codec, this.#inputOf(codec), this.#options, false)
      this.#call = call
      arm(call, calling)
      route.begin(call, this)
    })
  }

  #recode(): boolean {
    const call = this.#call
    if (this.#recoded || !call || !this.#codec) return false
    const codec = recode(this.#target, call, this.#codec, this.#inputOf)
    if (!codec) return false
    this.#recoded = true
    this.#codec = codec
    this.#target.route.begin(call, this)
    return true
  }

  // The error as the caller sees it; the call is over.
  #break(error: unknown): unknown {
    this.#call?.cancel(RpcError.from(error, 'cancelled', { reason: 'cancelled' }))
    this.#finish()
    return RpcError.is(error) && this.#codec ? errorOf(this.#codec, error) : error
  }

  #finish(): void {
    if (this.#done) return
    this.#done = true
    if (this.#call) disarm(this.#call, this.#target.calling)
  }
}

import { type CallKind, type Reply, RpcError } from '@hawser/contract'
import type { CallSink } from './caller.js'
import { ClientCall, type Encode, type TypedTarget } from './client-call.js'
import type { CallOptions } from './options.js'
import { answerOf, errorOf } from './outcome.js'

const finished: IteratorResult<unknown, undefined> = { done: true, value: undefined }

/**
 * A call that is answered with items, as the iterable its caller reads. It is sent when the first item is asked for;
 * leaving the loop early cancels it. It can be iterated once.
 */
export class ItemsCall implements AsyncIterableIterator<unknown, undefined>, AsyncDisposable, CallSink {
  readonly #target: TypedTarget
  readonly #kind: Extract<CallKind, 'server-stream' | 'duplex'>
  readonly #encode: Encode
  readonly #input: unknown
  readonly #options: CallOptions
  #started: Promise<void> | undefined
  #replied: (() => void) | undefined
  #failed: ((error: RpcError) => void) | undefined
  #call: ClientCall | undefined
  #source: AsyncIterator<Uint8Array> | undefined
  #done = false

  constructor(
    target: TypedTarget,
    kind: 'server-stream' | 'duplex',
    encode: Encode,
    input: unknown,
    options: CallOptions,
  ) {
    this.#target = target
    this.#kind = kind
    this.#encode = encode
    this.#input = input
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
      return { done: false, value: answerOf(this.#call!.codecs.output, result.value) }
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
    const call = this.#call
    const told = call ? call.recode(error) : error
    if (call && !told) this.#target.route.begin(call, this)
    else this.#failed?.(told ?? error)
  }

  #start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#replied = resolve
      this.#failed = reject
      const call = new ClientCall(this.#target, this.#kind, this.#encode, this.#input, this.#options, false)
      this.#call = call
      call.tie()
      this.#target.calling.signals.streamBegan(call)
      this.#target.route.begin(call, this)
    })
  }

  // The error as the caller sees it; the call is over.
  #break(error: unknown): unknown {
    this.#call?.cancel(RpcError.from(error, 'cancelled', { reason: 'cancelled' }))
    this.#finish()
    return RpcError.is(error) && this.#call ? errorOf(this.#call, error) : error
  }

  #finish(): void {
    if (this.#done) return
    this.#done = true
    if (!this.#call) return
    this.#call.untie()
    this.#target.calling.signals.streamEnded(this.#call)
  }
}

import {
  type Body,
  type Call,
  type CallKind,
  type Handler,
  type Headers,
  type Middleware,
  type Peer,
  type Reply,
  RpcError,
  type RpcErrorOptions,
  type VirtualClock,
  virtualClock,
} from '@hawser/contract'
import { CallScope, compose, noHeaders, TimerWheel } from '@hawser/wire'

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (body: Body): string => new TextDecoder().decode(body as Uint8Array)

/** What a driver says of a call it makes. */
export interface SentOptions {
  readonly method?: string
  readonly kind?: CallKind
  readonly headers?: Headers
  readonly timeoutMs?: number
  readonly input?: Body
  readonly idempotent?: boolean
  readonly probe?: boolean
  readonly connection?: Peer
}

class SentCall extends CallScope implements Call {
  readonly method: string
  readonly kind: CallKind
  readonly codec = 'raw'
  readonly headers: Headers
  readonly connection: Peer | undefined
  readonly input: Body
  readonly probe: boolean
  readonly idempotent: boolean

  constructor(deadline: number, options: SentOptions) {
    super(deadline)
    this.method = options.method ?? '/m'
    this.kind = options.kind ?? 'unary'
    this.headers = options.headers ?? noHeaders
    this.connection = options.connection
    this.input = options.input ?? bytes('in')
    this.probe = options.probe ?? false
    this.idempotent = options.idempotent ?? false
  }
}

/** A call the driver has made, and what has become of it. */
export interface Sent {
  readonly call: SentCall
  /** `goes on`; the text of a reply; `items`; or `code/reason/executed`. */
  readonly outcome: string
  readonly error: RpcError | undefined
  readonly reply: Reply | undefined
  cancel(): void
}

/** A call that has come through, to be answered by the driver. */
export interface Received {
  readonly call: Call
  /** Answers it: text for bytes. */
  reply(output: string | AsyncIterable<Uint8Array>): void
  fail(code: RpcError['code'], options?: RpcErrorOptions): void
}

/** A driver before the middleware, and a handler behind it that answers what the driver tells it to. */
export interface MockPair {
  readonly clock: VirtualClock
  readonly handler: Handler
  /** What came through, in order, answered or not. */
  readonly received: readonly Received[]
  send(options?: SentOptions): Sent
}

/** @param middleware the first outermost */
export function mockPair(
  middleware: (clock: VirtualClock) => Middleware | readonly Middleware[],
  clock: VirtualClock = virtualClock(),
): MockPair {
  const received: Received[] = []
  const timers = new TimerWheel(clock)
  const inner: Handler = (call) =>
    new Promise((resolve, reject) => {
      received.push({
        call,
        reply: (output) => resolve({ output: typeof output === 'string' ? bytes(output) : output }),
        fail: (code, options) => reject(new RpcError(code, 'told to', options)),
      })
    })
  const made = middleware(clock)
  const handler = compose(Array.isArray(made) ? made : [made as Middleware], inner)
  return { clock, handler, received, send: (options) => send(handler, timers, options) }
}

/** Makes a call of a handler as its caller would: with a deadline that is seen to. */
export function send(handler: Handler, timers: TimerWheel, options: SentOptions = {}): Sent {
  const { timeoutMs = Infinity } = options
  const call = new SentCall(timers.clock.now() + timeoutMs, options)
  if (call.deadline !== Infinity) timers.add(call, call.deadline)
  const sent = {
    call,
    outcome: 'goes on',
    error: undefined as RpcError | undefined,
    reply: undefined as Reply | undefined,
    cancel: () => call.cancel(new RpcError('cancelled', 'Cancelled', { reason: 'cancelled' })),
  }
  const replied = (reply: Reply) => {
    sent.reply = reply
    sent.outcome = reply.output instanceof Uint8Array ? text(reply.output) : 'items'
    if (reply.output instanceof Uint8Array) timers.remove(call)
  }
  const failed = (error: RpcError) => {
    timers.remove(call)
    sent.error = error
    sent.outcome = outcomeOf(error)
  }
  try {
    const reply = handler(call)
    if (reply instanceof Promise) reply.then(replied, failed)
    else replied(reply)
  } catch (error) {
    failed(error as RpcError)
  }
  return sent
}

/** An error in short. */
export function outcomeOf(error: unknown): string {
  return RpcError.is(error) ? `${error.code}/${error.reason}/${error.executed}` : String(error)
}

/** Items that come when they are told to, and whether their source was closed. */
export class ManualItems implements AsyncIterable<Uint8Array> {
  closed = false
  #waiting: ((result: IteratorResult<Uint8Array, undefined>) => void)[] = []
  #failing: ((error: unknown) => void)[] = []
  #ready: (Uint8Array | 'end' | RpcError)[] = []

  push(item: string | Uint8Array): void {
    this.#tell(typeof item === 'string' ? bytes(item) : item)
  }
  end(): void {
    this.#tell('end')
  }
  fail(error: RpcError): void {
    this.#tell(error)
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () =>
        new Promise((resolve, reject) => {
          this.#waiting.push(resolve)
          this.#failing.push(reject)
          this.#go()
        }),
      return: async () => {
        this.closed = true
        return { done: true, value: undefined }
      },
    }
  }

  #tell(what: Uint8Array | 'end' | RpcError): void {
    this.#ready.push(what)
    this.#go()
  }

  #go(): void {
    while (this.#ready.length > 0 && this.#waiting.length > 0) {
      const what = this.#ready.shift()!
      const resolve = this.#waiting.shift()!
      const reject = this.#failing.shift()!
      if (what === 'end') resolve({ done: true, value: undefined })
      else if (what instanceof Uint8Array) resolve({ done: false, value: what })
      else reject(what)
    }
  }
}

/** Reads items into a list, the error of a bad end last. */
export function reading(items: Body): { readonly seen: string[]; stop(): void } {
  const iterator = (items as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  const seen: string[] = []
  const read = () => {
    iterator.next().then(
      (result) => {
        if (result.done) seen.push('end')
        else {
          seen.push(text(result.value))
          read()
        }
      },
      (error) => void seen.push(outcomeOf(error)),
    )
  }
  read()
  return { seen, stop: () => void iterator.return?.() }
}

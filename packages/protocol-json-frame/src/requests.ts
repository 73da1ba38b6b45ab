import {
  type Call,
  type CancelListener,
  type Limits,
  type ReplySink,
  RpcError,
  type TimerEntry,
  type Timers,
} from '@hawser/contract'
import { notRun } from '@hawser/wire'
import { requestName } from './names.js'

const nothing = new Uint8Array(0)

/** A call of this side's. Its sink is told once; its place in the order is free only when its answer has come. */
class Request implements CancelListener {
  state: 'waiting' | 'sent' | 'done' = 'waiting'
  settled = false
  // When it was given up, in clock milliseconds.
  abandonedAt: number | undefined = undefined
  readonly waitingBytes: number
  readonly call: Call
  readonly params: Uint8Array
  readonly #requests: Requests
  readonly #sink: ReplySink

  constructor(requests: Requests, call: Call, params: Uint8Array, sink: ReplySink) {
    this.#requests = requests
    this.call = call
    this.params = params
    this.waitingBytes = params.length
    this.#sink = sink
  }

  replied(output: Uint8Array): void {
    if (!this.#settle()) return
    this.#sink.replied({ output })
  }

  failed(error: RpcError): void {
    if (!this.#settle()) return
    this.#sink.failed(error)
  }

  cancelled(reason: Error): void {
    this.#requests.cancelled(this, RpcError.from(reason))
  }

  #settle(): boolean {
    if (this.settled) return false
    this.settled = true
    this.call.offCancel(this)
    return true
  }
}

/** What a table of requests needs of its session. */
export interface RequestsOwner {
  /** Does the connection take more at the moment? */
  readonly ready: boolean
  /**
   * Writes a request.
   * @throws RpcError for one that cannot be sent
   */
  request(name: string, params: Uint8Array): void
  /** No call is left whose outcome somebody wants. */
  idle(): void
  /** The other side does not answer any more. */
  silent(reason: RpcError): void
}

/** The calls of one connection, in order: the next answer is the first one's. */
export class Requests implements TimerEntry {
  _at = 0
  _next: TimerEntry | undefined = undefined
  _previous: TimerEntry | undefined = undefined
  readonly #owner: RequestsOwner
  readonly #limits: Limits
  readonly #timers: Timers
  // Sets keep the order, and give up a place in the middle without a search.
  readonly #sent = new Set<Request>()
  readonly #waiting = new Set<Request>()
  #waitingBytes = 0
  #abandoned = 0
  #refusal: RpcError | undefined

  constructor(owner: RequestsOwner, limits: Limits, timers: Timers) {
    this.#owner = owner
    this.#limits = limits
    this.#timers = timers
  }

  /** Calls without their answer, those that wait to be sent included. */
  get active(): number {
    return this.#sent.size + this.#waiting.size
  }

  /** Those whose outcome somebody still wants. */
  get wanted(): number {
    return this.active - this.#abandoned
  }

  begin(call: Call, sink: ReplySink): void {
    const refusal = this.#refusal ?? unfit(call)
    if (refusal) {
      sink.failed(refusal)
      return
    }
    const request = new Request(this, call, call.input as Uint8Array, sink)
    call.onCancel(request)
    if (request.settled) return
    if (this.#waiting.size > 0 || !this.#fits) this.#wait(request)
    else this.#send(request)
  }

  /** The next answer has come. False where none is waited for. */
  answered(output: Uint8Array): boolean {
    const request = this.#next()
    request?.replied(output)
    this.#moved()
    return request !== undefined
  }

  /** The next answer has come, and is an error. False where none is waited for. */
  failed(error: RpcError): boolean {
    const request = this.#next()
    request?.failed(error)
    this.#moved()
    return request !== undefined
  }

  /** A call is over for its caller. Once it is sent, its place is kept for its answer. */
  cancelled(request: Request, reason: RpcError): void {
    if (request.state === 'waiting') {
      request.state = 'done'
      if (this.#waiting.delete(request)) this.#waitingBytes -= request.waitingBytes
      request.failed(reason.with({ executed: 'no' }))
      return
    }
    request.failed(reason)
    if (request.state !== 'sent' || request.abandonedAt !== undefined) return
    this.#abandon(request)
    if (this.wanted === 0) this.#owner.idle()
  }

  /** Takes no further calls; those that wait fail with the error, those sent go on. */
  close(error: RpcError): void {
    this.#refusal ??= notRun(error)
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    this.#waitingBytes = 0
    for (const request of waiting) request.state = 'done'
    for (const request of waiting) request.failed(this.#refusal)
  }

  /** The connection is gone: everything settles. */
  lost(error: RpcError): void {
    this.close(error)
    this.#timers.remove(this)
    const sent = [...this.#sent]
    this.#sent.clear()
    this.#abandoned = 0
    for (const request of sent) request.state = 'done'
    for (const request of sent) request.failed(error)
  }

  /** Something may go on. */
  resume(): void {
    for (const request of this.#waiting) {
      if (!this.#fits) break
      this.#waiting.delete(request)
      this.#waitingBytes -= request.waitingBytes
      this.#send(request)
    }
  }

  /** The timer's call: whoever was given up so long ago stands in the way of all others. */
  expire(): void {
    const [first] = this.#sent
    if (first?.abandonedAt === undefined) return
    const due = first.abandonedAt + this.#limits.keepAliveTimeoutMs
    if (this.#timers.clock.now() < due) this.#timers.add(this, due)
    else
      this.#owner.silent(
        new RpcError('unavailable', 'The other side does not answer', { reason: 'silent', retryable: true }),
      )
  }

  get #fits(): boolean {
    return this.#sent.size < this.#limits.inFlight && this.#owner.ready
  }

  #wait(request: Request): void {
    const { waitingCalls, waitingBytes } = this.#limits
    if (this.#waiting.size >= waitingCalls || this.#waitingBytes + request.waitingBytes > waitingBytes) {
      request.state = 'done'
      request.failed(tooMany())
      return
    }
    this.#waitingBytes += request.waitingBytes
    this.#waiting.add(request)
  }

  #send(request: Request): void {
    const { call, params } = request
    try {
      this.#owner.request(requestName(call.method), params)
    } catch (error) {
      request.state = 'done'
      request.failed(RpcError.from(error, 'invalid_argument').with({ executed: 'no' }))
      return
    }
    request.state = 'sent'
    this.#sent.add(request)
    if (call.kind !== 'oneway') return
    // The caller is done when the call is on its way; its answer is dropped when it comes.
    request.replied(nothing)
    this.#abandon(request)
  }

  #abandon(request: Request): void {
    request.abandonedAt = this.#timers.clock.now()
    this.#abandoned++
    this.#look()
  }

  // An answer for somebody who has gone is waited for no longer than for a sign of life.
  #look(): void {
    const [first] = this.#sent
    if (first?.abandonedAt === undefined) this.#timers.remove(this)
    else if (!this._next) this.#timers.add(this, first.abandonedAt + this.#limits.keepAliveTimeoutMs)
  }

  #next(): Request | undefined {
    const [request] = this.#sent
    if (!request) return undefined
    this.#sent.delete(request)
    request.state = 'done'
    if (request.abandonedAt !== undefined) {
      this.#abandoned--
      this.#timers.remove(this)
    }
    if (this.#abandoned > 0) this.#look()
    return request
  }

  #moved(): void {
    if (this.#waiting.size > 0) this.resume()
    if (this.wanted === 0) this.#owner.idle()
  }
}

// Why a call cannot be made here.
function unfit({ kind, codec, probe, input }: Call): RpcError | undefined {
  const oneMessage = (kind === 'unary' || kind === 'oneway') && input instanceof Uint8Array
  if (!oneMessage) return unsupported(`${kind} calls`)
  if (probe) return unsupported('questions whether a method exists')
  if (codec === 'json') return undefined
  return new RpcError('unimplemented', `This protocol has no place for the codec ${codec}`, {
    reason: 'no_codec',
    executed: 'no',
  })
}

function unsupported(what: string): RpcError {
  return new RpcError('unimplemented', `This protocol has no ${what}`, {
    reason: 'unsupported',
    executed: 'no',
  })
}

function tooMany(): RpcError {
  return new RpcError('resource_exhausted', 'Too many calls wait for this connection', {
    reason: 'overloaded',
    executed: 'no',
  })
}

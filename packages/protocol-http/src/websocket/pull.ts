import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type MethodInfo, type Reply, RpcError, type TimerEntry } from '@hawser/contract'
import {
  deadlineError,
  type ItemsSink,
  numberedHeader,
  type ServedCall,
  type ServedSink,
  type StreamOut,
  TokenBucket,
} from '@hawser/wire'
import type { HttpHost, Upgraded } from '../host.js'
import { ended, type Farewell, farewellOf, gapError, spoken } from './close-code.js'
import type { Flushable, Flusher } from './flusher.js'
import type { Line, LineOwner } from './line.js'
import type { Run } from './run.js'
import type { Shaper } from './shaper.js'

/** A request to pull, looked at and found to be in order. */
export interface PullRequest {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Uint8Array
  readonly method: MethodInfo
  readonly headers: ReadonlyMap<string, string>
  readonly shaper: Shaper
}

/** What a pull needs of whoever makes it. */
export interface PullOwner {
  readonly flusher: Flusher
  /** Answers the handshake; undefined where the other end has gone meanwhile. */
  line(pull: LineOwner): Line | undefined
  refuse(error: RpcError): void
}

const nothing = new Uint8Array(0)
// More than this is written at once, rather than at the end of the turn.
const mostGathered = 64 * 1024

/**
 * One subscriber: a call whose items go to a WebSocket. The handshake is answered when the call is, so that what speaks against
 * it is told as an HTTP status.
 */
export class Pull implements ServedSink, ItemsSink, Upgraded, LineOwner, Flushable, TimerEntry {
  _at = 0
  _next: TimerEntry | undefined = undefined
  _previous: TimerEntry | undefined = undefined
  readonly #host: HttpHost
  readonly #owner: PullOwner
  readonly #shaper: Shaper
  readonly #topic: boolean
  #call: ServedCall | undefined
  #line: Line | undefined
  #out: StreamOut | undefined
  #unanswered: unknown
  #over = false
  #number = 0
  #run: Run | undefined
  #waits = false
  #heard = false
  #pinged = false
  #pings: TokenBucket | undefined

  constructor(host: HttpHost, { method, shaper }: PullRequest, owner: PullOwner) {
    this.#host = host
    this.#owner = owner
    this.#shaper = shaper
    this.#topic = method.topic
  }

  begin({ method, headers }: PullRequest): void {
    const { clock, limits } = this.#host.context
    this.#unanswered = clock.timer(limits.handshakeMs, () => this.#call?.cancel(deadlineError()))
    const { codec } = this.#shaper.form
    const asked = this.#topic ? new Map([...headers, [numberedHeader, '1']]) : headers
    const parts = { method: method.name, kind: method.kind, codec, headers: asked, input: nothing }
    this.#call = this.#host.call(parts, this)
  }

  // ---- ServedSink: the answer ---------------------------------------------------------------------------------

  replied({ output, codec = this.#shaper.form.codec }: Reply, call: ServedCall): void {
    this.#host.context.clock.clear(this.#unanswered)
    if (output instanceof Uint8Array) throw new TypeError('The handler of a stream answered without items')
    if (codec !== this.#shaper.form.codec) throw new TypeError(`The items are in ${codec}`)
    const line = this.#owner.line(this)
    this.#call = call
    this.#line = line
    if (!line) {
      this.#over = true
      call.stream(output, this).stop()
      return
    }
    this.#host.upgraded(this)
    void line.connection.closed.then((reason) => this.#gone(reason))
    if (line.pings) this.#watch(this.#host.context.limits.keepAliveMs)
    this.#out = call.stream(output, this)
    this.#out.resume()
  }

  failed(error: RpcError): void {
    if (this.#line) {
      this.#bye(farewellOf(error))
      return
    }
    this.#host.context.clock.clear(this.#unanswered)
    if (!this.#over) this.#owner.refuse(error)
    this.#over = true
  }

  // ---- ItemsSink: the items -----------------------------------------------------------------------------------

  get ready(): boolean {
    return !this.#waits
  }

  item(bytes: Uint8Array): void {
    if (this.#over) return
    const run = this.#topic ? this.#ofTopic(bytes) : this.#shaper.alone(bytes, ++this.#number, 0)
    if (!run) return
    if (this.#run) this.#run = this.#run.and(run)
    else {
      this.#run = run
      this.#owner.flusher.schedule(this)
    }
    const gathered = this.#run.length
    if (gathered + this.#line!.queued >= this.#host.context.limits.writeSoftBytes) this.#waits = true
    if (gathered >= mostGathered) this.flush()
  }

  ended(): void {
    this.#bye(ended)
  }

  // ---- Flushable ----------------------------------------------------------------------------------------------

  flush(): void {
    const run = this.#run
    this.#run = undefined
    const { connection } = this.#line!
    if (run) connection.send(run.bytes)
    if (this.#waits) void connection.drained().then(() => this.#resume())
  }

  // ---- Upgraded: the session closes ---------------------------------------------------------------------------

  leave(): void {
    // Topics never end by themselves.
    if (this.#topic) this.#cancel(leaving())
  }

  // ---- LineOwner: the other end -------------------------------------------------------------------------------

  spoke(): void {
    if (this.#over) return
    this.#count('pull_spoken')
    this.#bye(spoken)
    this.#cancel(left())
  }

  alive(pinged: boolean): void {
    this.#heard = true
    const { clock, limits } = this.#host.context
    this.#pings ??= new TokenBucket(limits.cancelBurst, limits.cancelRate, clock.now())
    if (this.#pings.take(clock.now())) return
    const what = pinged ? 'pings' : 'pongs'
    this.#drop(new RpcError('resource_exhausted', `Too many ${what}`, { reason: 'abuse', retryable: false }))
  }

  broke(error: RpcError): void {
    this.#count('pull_bad_frame')
    this.#over = true
    this.#line?.close(farewellOf(error))
    this.#cancel(error)
  }

  // ---- TimerEntry: is the other end alive? --------------------------------------------------------------------

  expire(): void {
    if (this.#over) return
    const { limits } = this.#host.context
    const line = this.#line!
    // A ping behind what is still to be sent says nothing: whoever does not read is found by that.
    if (this.#pinged && !this.#heard && line.queued === 0) {
      this.#drop(new RpcError('unavailable', 'The subscriber does not answer', { reason: 'silent' }))
      return
    }
    this.#pinged = !this.#pinged
    if (this.#pinged) {
      this.#heard = false
      line.ping()
    }
    this.#watch(this.#pinged ? limits.keepAliveTimeoutMs : limits.keepAliveMs)
  }

  // -------------------------------------------------------------------------------------------------------------

  // What came is numbered; a jump is a gap.
  #ofTopic(bytes: Uint8Array): Run | undefined {
    const { number, run } = this.#shaper.shaped(bytes)
    const missed = this.#number === 0 ? 0 : number - this.#number - 1
    this.#number = number
    if (missed <= 0) return run
    if (this.#shaper.form.announces) return this.#shaper.gap(bytes, number, missed)
    const error = gapError(missed)
    this.#bye(farewellOf(error))
    this.#cancel(error)
    return undefined
  }

  #resume(): void {
    if (!this.#waits) return
    this.#waits = false
    if (!this.#over) this.#out?.resume()
  }

  #watch(milliseconds: number): void {
    const { timers } = this.#host.context
    timers.add(this, timers.clock.now() + milliseconds)
  }

  // The stream is over on this side: what was made is written, and then why.
  #bye(farewell: Farewell): void {
    if (this.#over || !this.#line) return
    this.flush()
    this.#over = true
    this.#line.close(farewell)
  }

  #drop(reason: RpcError): void {
    this.#line?.connection.abort(reason)
  }

  #cancel(reason: RpcError): void {
    this.#call?.cancel(reason)
  }

  #gone(reason: RpcError | undefined): void {
    this.#over = true
    this.#host.context.timers.remove(this)
    if (reason?.reason) this.#count(`pull_${reason.reason}`)
    this.#cancel(reason ?? left())
  }

  #count(event: string): void {
    this.#host.context.count(event)
  }
}

function left(): RpcError {
  return new RpcError('cancelled', 'The subscriber left', { reason: 'cancelled' })
}

function leaving(): RpcError {
  return new RpcError('unavailable', 'The server is closing', { reason: 'draining', retryable: true })
}

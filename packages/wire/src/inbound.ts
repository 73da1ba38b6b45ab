import {
  type Body,
  type Call,
  type CallKind,
  type Handler,
  type Headers,
  type Peer,
  type Reply,
  RpcError,
  type Timers,
} from '@hawser/contract'
import { CallTable } from './call-table.js'
import { badFrame, streamsIn, streamsOut } from './frames.js'
import { noMethod } from './interning.js'
import type { Link } from './link.js'
import { CallScope } from './scope.js'
import { StreamIn, type StreamInOwner } from './stream-in.js'
import { type StreamOut, type StreamOutOwner, streamOut } from './stream-out.js'

/** What the table of inbound calls needs of its session. */
export interface InboundOwner {
  readonly peer: Peer
  /** No call is left. */
  idle(): void
}

/**
 * A call of the other side. It is answered once; its place in the table is free only when its handler has really ended,
 * so that cancelling makes no room for more work than is allowed.
 */
class InboundCall extends CallScope implements Call, StreamInOwner, StreamOutOwner {
  readonly method: string
  readonly kind: CallKind
  readonly headers: Headers
  readonly probe: boolean
  readonly input: Body
  readonly _table: Inbound
  readonly id: number
  readonly _codec: number
  _answered = false
  _ended = false
  _output: StreamOut | undefined = undefined
  _granted = 0

  constructor(
    table: Inbound,
    id: number,
    kind: CallKind,
    codec: number,
    method: string,
    headers: Headers,
    deadline: number,
    probe: boolean,
    body: Uint8Array,
  ) {
    super(deadline)
    this._table = table
    this.id = id
    this._codec = codec
    this.method = method
    this.kind = kind
    this.headers = headers
    this.probe = probe
    this.input = streamsIn(kind) && !probe ? new StreamIn(this, table.link.limits.streamWindow) : body
  }

  get codec(): string {
    return this._table.link.codecs[this._codec]!
  }
  get connection(): Peer {
    return this._table.owner.peer
  }

  override cancel(reason: RpcError): void {
    if (this.cancelReason) return
    super.cancel(reason)
    this._table.cancelled(this, reason)
  }

  // StreamInOwner: the items of the request
  grant(bytes: number): void {
    if (!this._answered) this._table.link.credit(this.id, bytes)
  }
  stopped(reason: RpcError | undefined): void {
    if (reason) this.cancel(reason)
  }

  // StreamOutOwner: the items of the reply
  get executed(): 'yes' {
    return 'yes'
  }
  get ready(): boolean {
    return this._table.link.writer.ready
  }
  item(bytes: Uint8Array): void {
    this._table.link.item(this.id, this._codec, bytes)
  }
  ended(): void {
    this._table.answerEnd(this)
  }
  failed(error: unknown): void {
    this._table.answerError(this, handlerError(error))
  }
  closed(): void {
    this._table.release(this)
  }
}

/** The one owner of the calls the other side has made on a connection. */
export class Inbound {
  readonly link: Link
  readonly owner: InboundOwner
  readonly #handler: Handler
  readonly #timers: Timers
  // Only calls that outlive the turn they came in are kept here.
  readonly #calls = new CallTable<InboundCall>()
  #active = 0
  #lost: RpcError | undefined

  /** @param handler without one, there is no method */
  constructor(link: Link, handler: Handler | undefined, timers: Timers, owner: InboundOwner) {
    this.link = link
    this.owner = owner
    this.#handler = handler ?? refuse
    this.#timers = timers
  }

  /** Calls whose handler has not ended. */
  get active(): number {
    return this.#active
  }

  /**
   * Takes a call.
   * @param codec index of one that both sides have
   */
  begin(
    id: number,
    kind: CallKind,
    codec: number,
    method: string,
    headers: Headers,
    deadline: number,
    probe: boolean,
    body: Uint8Array,
  ): void {
    if (this.#active >= this.link.limits.inFlight) {
      this.link.error(id, codec, tooMany())
      return
    }
    const call = new InboundCall(this, id, kind, codec, method, headers, deadline, probe, body)
    this.#active++
    if (streamsIn(call.kind)) this.#keep(call)
    let reply: Reply | Promise<Reply>
    try {
      reply = this.#handler(call)
    } catch (error) {
      this.#failed(call, error)
      return
    }
    if (isPromise(reply)) {
      this.#keep(call)
      reply.then(
        (reply) => this.#replied(call, reply),
        (error) => this.#failed(call, error),
      )
    } else this.#replied(call, reply)
  }

  item(id: number, codec: number, body: Uint8Array): void {
    const call = this.#calls.get(id)
    if (!(call?.input instanceof StreamIn)) return
    // Bodies of one codec under another would be read as garbage, or worse, as sense.
    if (codec !== call._codec) throw badFrame('An item in another codec than its call')
    call.input.push(body)
  }

  end(id: number): void {
    const input = this.#calls.get(id)?.input
    if (input instanceof StreamIn) input.end()
  }

  credit(id: number, bytes: number): void {
    const call = this.#calls.get(id)
    if (call?._output) call._output.grant(bytes)
    else if (call) call._granted += bytes
  }

  /** True when there was a call to cancel. */
  cancel(id: number, reason: RpcError): boolean {
    const call = this.#calls.get(id)
    if (!call || call._answered) return false
    call.cancel(reason)
    return true
  }

  /** The connection is gone: every handler is told. */
  lost(reason: RpcError): void {
    this.#lost = reason
    for (const call of this.#calls.values()) {
      call._answered = true
      call.cancel(reason)
    }
  }

  /** The write queue has room again. */
  resume(): void {
    for (const call of this.#calls.values()) call._output?.resume()
  }

  // ---- for the calls ------------------------------------------------------------------------------------------

  cancelled(call: InboundCall, reason: RpcError): void {
    this.answerError(call, reason)
    if (call.input instanceof StreamIn) call.input.fail(reason)
    call._output?.stop()
  }

  answerEnd(call: InboundCall): void {
    if (call._answered) return
    call._answered = true
    this.link.end(call.id)
  }

  answerError(call: InboundCall, error: RpcError): void {
    if (call._answered) return
    call._answered = true
    this.link.error(call.id, call._codec, error)
  }

  release(call: InboundCall): void {
    if (call._ended) return
    call._ended = true
    if (call._next) this.#timers.remove(call)
    this.#calls.delete(call.id)
    // Whoever still reads the items of a call that is over reads to an end.
    if (call.input instanceof StreamIn) void call.input.return()
    if (--this.#active === 0) this.owner.idle()
  }

  // Keeps a call that goes on, so that cancels, items and the deadline find it.
  #keep(call: InboundCall): void {
    if (this.#calls.get(call.id)) return
    this.#calls.add(call)
    if (this.#lost) {
      call._answered = true
      call.cancel(this.#lost)
    } else if (call.deadline !== Infinity) this.#timers.add(call, call.deadline)
  }

  #replied(call: InboundCall, reply: Reply): void {
    // Middleware is anybody's: a fault of it must cost this call only.
    if (!reply?.output) {
      this.#failed(call, new TypeError('The handler answered with nothing'))
      return
    }
    if (reply.output instanceof Uint8Array || !streamsOut(call.kind) || call.probe) {
      this.#answer(call, reply)
      this.release(call)
      return
    }
    if (!call._answered) {
      try {
        this.link.reply(call.id, call._codec, reply.headers, true, nothing)
      } catch (error) {
        this.answerError(call, RpcError.from(error).with({ executed: 'yes' }))
      }
    }
    try {
      call._output = streamOut(call, reply.output, call._granted)
    } catch (error) {
      this.#failed(call, error)
      return
    }
    this.#keep(call)
    // A source that nobody will read is closed all the same, so that its handler can end.
    if (call._answered) call._output.stop()
    else call._output.resume()
  }

  #answer(call: InboundCall, { headers, output }: Reply): void {
    if (call._answered) return
    try {
      const items = !(output instanceof Uint8Array)
      if (items || (streamsOut(call.kind) && !call.probe))
        throw new RpcError('internal', `A ${call.kind} call was answered ${items ? 'with' : 'without'} items`)
      this.link.reply(call.id, call._codec, headers, false, call.kind === 'oneway' ? nothing : output)
      call._answered = true
    } catch (error) {
      this.answerError(call, RpcError.from(error).with({ executed: 'yes' }))
    }
  }

  #failed(call: InboundCall, error: unknown): void {
    this.answerError(call, handlerError(error))
    this.release(call)
  }
}

const nothing = new Uint8Array(0)

function isPromise(value: Reply | Promise<Reply>): value is Promise<Reply> {
  return typeof (value as Promise<Reply> | undefined)?.then === 'function'
}

function handlerError(error: unknown): RpcError {
  return RpcError.from(error, 'internal', { reason: 'handler_failed', executed: 'yes' })
}

function tooMany(): RpcError {
  return new RpcError('resource_exhausted', 'Too many calls of this connection are under way', {
    reason: 'overloaded',
    executed: 'no',
  })
}

function refuse(call: Call): never {
  throw noMethod(call.method)
}

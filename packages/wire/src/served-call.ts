import {
  type Body,
  type Call,
  type CallKind,
  type Feed,
  type Headers,
  type Peer,
  type Reply,
  RpcError,
} from '@hawser/contract'
import { noHeaders } from './headers.js'
import { CallScope } from './scope.js'
import { type StreamOut, type StreamOutOwner, streamOut } from './stream-out.js'

/** What a protocol knows of a call that came in. */
export interface ServedCallParts {
  readonly method: string
  readonly kind?: CallKind | undefined
  readonly codec: string
  /** The codec the answer is wanted in, where that is another one. */
  readonly accepts?: string | undefined
  readonly headers?: Headers | undefined
  /** Clock milliseconds. Default: none. */
  readonly deadline?: number | undefined
  readonly input: Body
  readonly probe?: boolean | undefined
  /** Who calls, where that is not all that comes by the connection. Default: its owner's peer. */
  readonly peer?: Peer | undefined
}

/** Takes what a call is answered with: one of its methods is called, once. */
export interface ServedSink {
  /** Items are to be {@link ServedCall.stream}ed before this returns. What it throws is the answer instead. */
  replied(reply: Reply, call: ServedCall): void
  failed(error: RpcError): void
}

/** Where a call belongs. */
export interface ServedCallOwner {
  readonly peer: Peer
  /** Its handler, and the items of its answer, have ended. */
  released(call: ServedCall): void
}

/** Where the items of an answer go. */
export interface ItemsSink {
  /** May items be written now? When not, {@link StreamOut.resume} is to be called once they may. */
  readonly ready: boolean
  /** Writes one item; throws an RpcError for one that cannot be sent. */
  item(bytes: Uint8Array): void
  ended(): void
  failed(error: RpcError): void
}

/**
 * A call that came in by a protocol whose peers only call. It is answered once; its place is free only when its handler has
 * really ended.
 */
export class ServedCall extends CallScope implements Call {
  readonly method: string
  readonly kind: CallKind
  readonly codec: string
  readonly accepts: string | undefined
  readonly headers: Headers
  readonly input: Body
  readonly probe: boolean
  readonly #owner: ServedCallOwner
  readonly #sink: ServedSink
  readonly #peer: Peer | undefined
  #answered = false
  #released = false
  #items: Items | undefined

  constructor(owner: ServedCallOwner, parts: ServedCallParts, sink: ServedSink) {
    super(parts.deadline ?? Infinity)
    this.#owner = owner
    this.#sink = sink
    this.#peer = parts.peer
    this.method = parts.method
    this.kind = parts.kind ?? 'unary'
    this.codec = parts.codec
    this.accepts = parts.accepts
    this.headers = parts.headers ?? noHeaders
    this.input = parts.input
    this.probe = parts.probe ?? false
  }

  get connection(): Peer {
    return this.#peer ?? this.#owner.peer
  }

  /** Has it been answered, if only in part? */
  get answered(): boolean {
    return this.#answered
  }

  override cancel(reason: RpcError): void {
    if (this.cancelReason) return
    super.cancel(reason)
    if (this.#items) this.#items.cancelled(reason)
    else this.failed(reason)
  }

  /** The handler has answered. */
  replied(reply: Reply): void {
    if (!reply?.output) {
      this.broke(new TypeError('The handler answered with nothing'))
      return
    }
    if (!this.#answered) {
      this.#answered = true
      try {
        this.#sink.replied(reply, this)
      } catch (error) {
        this.#answered = false
        this.failed(handlerError(error))
      }
    }
    if (!this.#items && !(reply.output instanceof Uint8Array)) this.#discard(reply.output)
    if (!this.#items) this.release()
  }

  // Items that nobody will read are closed all the same, so that their handler can end.
  #discard(items: AsyncIterable<Uint8Array> | Feed): void {
    try {
      this.stream(items, nowhere).stop()
    } catch {
      // Nor does anybody want to know what becomes of them.
    }
  }

  /** Its handler threw. */
  broke(error: unknown): void {
    this.failed(handlerError(error))
    this.release()
  }

  /** It is answered with an error, whatever its handler still does. */
  failed(error: RpcError): void {
    if (this.#answered) return
    this.#answered = true
    this.#sink.failed(error)
  }

  /** Sends the items of the answer. The call goes on until they have ended. */
  stream(items: AsyncIterable<Uint8Array> | Feed, sink: ItemsSink): StreamOut {
    this.#items = new Items(items, sink, () => this.release())
    try {
      return this.#items.begin()
    } catch (error) {
      this.#items = undefined
      throw error
    }
  }

  /** Its place is free. */
  release(): void {
    if (this.#released) return
    this.#released = true
    this.#owner.released(this)
  }
}

const nowhere: ItemsSink = {
  ready: false,
  item() {},
  ended() {},
  failed() {},
}

/** The items of one answer, from the handler to where they go. */
class Items implements StreamOutOwner {
  readonly executed = 'yes'
  readonly closed: () => void
  readonly #source: AsyncIterable<Uint8Array> | Feed
  readonly #sink: ItemsSink
  #out: StreamOut | undefined
  #over = false

  constructor(source: AsyncIterable<Uint8Array> | Feed, sink: ItemsSink, closed: () => void) {
    this.#source = source
    this.#sink = sink
    this.closed = closed
  }

  get ready(): boolean {
    return this.#sink.ready
  }

  begin(): StreamOut {
    this.#out = streamOut(this, this.#source, Infinity)
    return this.#out
  }

  item(bytes: Uint8Array): void {
    if (!this.#over) this.#sink.item(bytes)
  }

  ended(): void {
    if (this.#over) return
    this.#over = true
    this.#sink.ended()
  }

  failed(error: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#sink.failed(handlerError(error))
  }

  cancelled(reason: RpcError): void {
    this.failed(reason)
    this.#out?.stop()
  }
}

function handlerError(error: unknown): RpcError {
  return RpcError.from(error, 'internal', { reason: 'handler_failed', executed: 'yes' })
}

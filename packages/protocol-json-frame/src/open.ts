import {
  type Call,
  type Cancel,
  type Connection,
  type Handler,
  type Notification,
  type Peer,
  type ProtocolContext,
  type ReplySink,
  RpcError,
  type Session,
} from '@hawser/contract'
import {
  badFrame,
  closedError,
  closeGracefully,
  drainedError,
  type Flusher,
  type FrameSink,
  FrameWriter,
  type FrameWriterOwner,
  lostError,
  notRun,
  Splitter,
} from '@hawser/wire'
import { decodeFault } from './fault.js'
import { framingOf, lengthBytes } from './framing.js'
import { badPayload, beginsObject, membersOf, valueAt } from './members.js'
import { MessageWriter } from './message.js'
import { errorName } from './names.js'
import { Requests, type RequestsOwner } from './requests.js'
import { Watch, type Watched } from './watch.js'

const requestKeys = ['in', 'params'] as const
const answerKeys = ['out', 'result']
const nothing = new Uint8Array(0)

/** A dialled connection. Its answers come in the order of its requests, which is all that tells them apart. */
export class JsonFrameOpenSession implements Session, FrameSink, FrameWriterOwner, RequestsOwner, Watched {
  readonly connection: Connection
  readonly closed: Promise<RpcError | undefined>
  readonly identity = undefined
  readonly #context: ProtocolContext
  readonly #writer: FrameWriter
  readonly #messages: MessageWriter
  readonly #splitter: Splitter
  readonly #requests: Requests
  readonly #watch: Watch
  #state: 'open' | 'closing' | 'ended' = 'open'
  #reason: RpcError | undefined
  #peer: Peer | undefined
  #drainTimer: unknown

  constructor(connection: Connection, context: ProtocolContext, flusher: Flusher, bigEndian: boolean) {
    const { limits, timers, clock } = context
    this.connection = connection
    this.#context = context
    this.#writer = new FrameWriter(connection, flusher, this)
    this.#messages = new MessageWriter(this.#writer, limits, bigEndian, requestKeys)
    this.#splitter = new Splitter(framingOf(bigEndian), this, limits.receiveBytes)
    this.#requests = new Requests(this, limits, timers)
    this.#watch = new Watch(this, timers, limits, true)
    this.closed = connection.closed.then((reason) => {
      this.#end(reason)
      return this.#reason
    })
    connection.start((bytes) => this.#receive(bytes))
    // There is no handshake to wait for; but whoever opens this does not have it yet.
    clock.soon(() => {
      if (this.#state === 'open') context.opened?.(this)
    })
  }

  get peer(): Peer {
    this.#peer ??= this.#context.peer(this)
    return this.#peer
  }
  get handler(): Handler {
    return (call) =>
      new Promise((replied, failed) => {
        this.begin(call, { replied, failed })
      })
  }
  get codecs(): readonly string[] {
    return this.#context.codecs.filter((name) => name === 'json')
  }
  get open(): boolean {
    return this.#state === 'open'
  }
  get active(): number {
    return this.#requests.active
  }
  get partialBytes(): number {
    return this.#splitter.partialBytes
  }
  get paused(): boolean {
    return false
  }

  begin(call: Call, sink: ReplySink): void {
    if (this.#state !== 'open') {
      sink.failed(notRun(this.#reason ?? closedError()))
      return
    }
    this.#watch.used(this.#context.clock.now())
    this.#requests.begin(call, sink)
  }

  notify(_message: Notification): boolean {
    this.#context.count('notification_unsupported')
    return false
  }

  close(options: Cancel = {}): Promise<void> {
    return closeGracefully(this, () => this.#leave(undefined), options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  abort(reason: RpcError): void {
    this.#end(reason)
    this.connection.abort(reason)
  }

  // ---- FrameSink: answers -------------------------------------------------------------------------------------

  frame(bytes: Uint8Array, start: number, end: number): void {
    const body = start + lengthBytes
    if (end <= body || !beginsObject(bytes, body)) throw badFrame('An answer is no JSON object')
    this.#watch.answered()
    let error: RpcError
    try {
      const [named, result] = membersOf(bytes, body, end, answerKeys)
      const name = named && valueAt(bytes, named.start, named.end)
      if (typeof name !== 'string') throw badPayload('An answer has no text "out"')
      const output = result ? bytes.subarray(result.start, result.end) : nothing
      if (name !== errorName) {
        if (!this.#requests.answered(output)) throw unasked()
        return
      }
      error = decodeFault(output)
    } catch (thrown) {
      const { message, reason } = RpcError.from(thrown)
      if (reason === 'bad_frame') throw thrown
      error = new RpcError('internal', message, { reason })
    }
    // One that answers nothing is the last word of a server that hangs up.
    if (!this.#requests.failed(error)) this.abort(error)
  }

  oversize(bytes: Uint8Array, start: number, end: number, size: number): void {
    if (!beginsObject(bytes, start + lengthBytes) || end <= start + lengthBytes)
      throw badFrame('An answer is no JSON object')
    const { receiveBytes } = this.#context.limits
    const message = `An answer of ${size} bytes, over the limit of ${receiveBytes}`
    const error = new RpcError('resource_exhausted', message, {
      reason: 'too_large',
      executed: 'yes',
      retryable: false,
    })
    if (!this.#requests.failed(error)) throw unasked()
  }

  tooLarge(size: number): void {
    throw new RpcError('resource_exhausted', `An answer of ${size} bytes, far over the limit`, {
      reason: 'too_large',
    })
  }

  // ---- RequestsOwner ------------------------------------------------------------------------------------------

  get ready(): boolean {
    return this.#writer.ready
  }

  request(name: string, params: Uint8Array): void {
    this.#messages.write(name, params)
  }

  idle(): void {
    if (this.#state === 'closing') this.#farewell()
  }

  silent(reason: RpcError): void {
    this.#context.count(`connection_${reason.reason}`)
    this.abort(reason)
  }

  // ---- FrameWriterOwner ---------------------------------------------------------------------------------------

  unblocked(): void {
    this.#requests.resume()
  }

  // ---- Watched ------------------------------------------------------------------------------------------------

  overdue(reason: RpcError): void {
    this.#fault(reason)
  }

  retire(reason: RpcError): void {
    this.#leave(reason)
  }

  // ---- lifecycle ----------------------------------------------------------------------------------------------

  #receive(bytes: Uint8Array): void {
    if (this.#state === 'ended') return
    try {
      this.#splitter.push(bytes)
    } catch (error) {
      this.#fault(RpcError.from(error))
      return
    }
    this.#watch.took(this.#context.clock.now(), this.#splitter.unfinished)
  }

  #fault(error: RpcError): void {
    if (this.#state === 'ended') return
    const event = `connection_${error.reason ?? 'internal'}`
    this.#context.count(event)
    this.#context.log({ level: 'warn', event, message: error.message, peer: this.connection.peer.address })
    this.abort(error)
  }

  // Takes no more calls, lets the running ones end, and closes.
  #leave(why: RpcError | undefined): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#reason ??= why
    const { clock, limits } = this.#context
    this.#drainTimer = clock.timer(limits.drainMs, () => this.abort(drainedError()))
    this.#requests.close(closedError())
    if (this.#requests.wanted === 0) this.#farewell()
  }

  #farewell(): void {
    this.#writer.flush()
    void this.connection.close()
  }

  #end(reason: RpcError | undefined): void {
    if (this.#state === 'ended') return
    const inPeace = this.#state === 'closing' && reason === undefined
    this.#state = 'ended'
    this.#context.clock.clear(this.#drainTimer)
    this.#watch.close()
    this.#splitter.end()
    this.#reason ??= reason ?? (inPeace ? undefined : lostError())
    const error = this.#reason ?? closedError()
    this.#requests.lost(error.reason === 'connection_lost' ? error : lostError(error))
  }
}

function unasked(): RpcError {
  return badFrame('An answer that was not asked for')
}

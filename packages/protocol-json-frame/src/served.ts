import { type CallKind, type Connection, type ProtocolContext, RpcError } from '@hawser/contract'
import {
  badFrame,
  checkCredential,
  drainingError,
  type Flusher,
  type FrameSink,
  FrameWriter,
  type FrameWriterOwner,
  joined,
  type ServedCall,
  ServedSession,
  Splitter,
} from '@hawser/wire'
import { type Answer, Answers, type AnswersOwner } from './answers.js'
import { encodeFault } from './fault.js'
import { framingOf, lengthBytes } from './framing.js'
import { badPayload, beginsObject, membersOf, valueAt } from './members.js'
import { MessageWriter } from './message.js'
import { type AnswerNames, errorName, methodOf, protocolName } from './names.js'
import { Watch, type Watched } from './watch.js'

const requestKeys = ['in', 'params']
const answerKeys = ['out', 'result'] as const
const nothing = new Uint8Array(0)
const bracket = 0x5b
const closingBracket = 0x5d
const farewellMs = 500
const headBytes = 32

/** How a connection is spoken on. */
export interface Dialect {
  readonly bigEndian: boolean
  readonly names: AnswerNames
}

/** An accepted connection. Requests run at the same time, and are answered in their order. */
export class JsonFrameServedSession
  extends ServedSession
  implements FrameSink, FrameWriterOwner, AnswersOwner, Watched
{
  readonly #writer: FrameWriter
  readonly #messages: MessageWriter
  readonly #splitter: Splitter
  readonly #answers = new Answers(this)
  readonly #watch: Watch
  readonly #dialect: Dialect
  #known = false
  // What it began with, until it is known to speak this protocol.
  #head: Uint8Array = nothing
  #draining = false
  #over = false
  #paused = false

  constructor(connection: Connection, context: ProtocolContext, flusher: Flusher, dialect: Dialect) {
    super(connection, context)
    const { limits, timers, authenticate } = context
    this.#dialect = dialect
    this.#writer = new FrameWriter(connection, flusher, this)
    this.#messages = new MessageWriter(this.#writer, limits, dialect.bigEndian, answerKeys)
    this.#splitter = new Splitter(framingOf(dialect.bigEndian), this, limits.receiveBytes)
    this.#watch = new Watch(this, timers, limits, false)
    if (authenticate) this.#authenticate(authenticate)
    else connection.start((bytes) => this.#receive(bytes))
  }

  get partialBytes(): number {
    return this.#splitter.partialBytes
  }
  get paused(): boolean {
    return this.#paused
  }

  // ---- FrameSink ----------------------------------------------------------------------------------------------

  frame(bytes: Uint8Array, start: number, end: number): void {
    const body = start + lengthBytes
    if (!this.#begin(bytes, body, end)) return
    let name = errorName
    let input: Uint8Array = nothing
    let method: string
    try {
      const [named, params] = membersOf(bytes, body, end, requestKeys)
      if (!named) throw badPayload('A request has no member "in"')
      const text = valueAt(bytes, named.start, named.end)
      if (typeof text !== 'string') throw badPayload('The member "in" of a request is no text')
      method = methodOf(text)
      if (method.length > this.context.limits.methodBytes)
        throw badPayload('The member "in" of a request is too long')
      name = text
      if (params) input = bytes.subarray(params.start, params.end)
    } catch (error) {
      this.#refuse(RpcError.from(error))
      return
    }
    if (this.#draining) {
      this.#refuse(drainingError())
      return
    }
    const [kind, list] = this.#shape(method)
    if (list && input.length > 0 && input[0] !== bracket) input = listOf(input)
    this.serve({ method, kind, codec: 'json', input }, this.#answers.add(name))
    this.#mind()
  }

  oversize(bytes: Uint8Array, start: number, end: number, size: number): void {
    if (!this.#begin(bytes, start + lengthBytes, end)) return
    const { receiveBytes } = this.context.limits
    this.#refuse(
      new RpcError('resource_exhausted', `A message of ${size} bytes, over the limit of ${receiveBytes}`, {
        reason: 'too_large',
        executed: 'no',
        retryable: false,
      }),
    )
  }

  tooLarge(size: number): void {
    this.#broken(
      new RpcError('resource_exhausted', `A message of ${size} bytes, far over the limit`, {
        reason: 'too_large',
      }),
    )
  }

  // ---- AnswersOwner -------------------------------------------------------------------------------------------

  answer({ name, output, error }: Answer): void {
    if (this.#over) return
    if (output) {
      try {
        this.#messages.write(this.#dialect.names.of(name), output)
        return
      } catch (unsendable) {
        this.#writeError(unanswerable(RpcError.from(unsendable)))
        return
      }
    }
    this.#writeError(error!)
  }

  // ---- FrameWriterOwner ---------------------------------------------------------------------------------------

  unblocked(): void {
    this.#mind()
  }

  // ---- Watched ------------------------------------------------------------------------------------------------

  overdue(reason: RpcError): void {
    if (this.#known) this.fault(reason)
    else this.#broken(reason)
  }

  retire(reason: RpcError): void {
    this.leave(reason)
  }

  // ---- ServedSession ------------------------------------------------------------------------------------------

  override released(call: ServedCall): void {
    super.released(call)
    this.#mind()
  }

  protected leaving(): void {
    this.#draining = true
  }

  protected override farewell(): void {
    this.#writer.flush()
    super.farewell()
  }

  protected override ended(): void {
    this.#over = true
    this.#splitter.end()
    this.#watch.close()
  }

  protected override get midway(): boolean {
    return this.#splitter.unfinished
  }

  // ---- the connection -----------------------------------------------------------------------------------------

  #receive(bytes: Uint8Array): void {
    if (this.#over) return
    if (!this.#known && this.#head.length < headBytes)
      this.#head = joined([this.#head, bytes.subarray(0, headBytes)])
    try {
      this.#splitter.push(bytes)
    } catch (error) {
      this.#broken(RpcError.from(error))
      return
    }
    if (!this.#over) this.#watch.took(this.context.clock.now(), this.#splitter.unfinished)
  }

  #authenticate(authenticate: NonNullable<ProtocolContext['authenticate']>): void {
    const { connection } = this
    checkCredential(authenticate, undefined, connection.peer).then(
      (identity) => {
        if (this.#over) return
        this.identity = identity
        connection.start((bytes) => this.#receive(bytes))
      },
      (refusal) => this.#leaveNow(RpcError.from(refusal)),
    )
  }

  // A whole message came. False for one that is none of this protocol's: nothing of the connection makes sense then.
  #begin(bytes: Uint8Array, body: number, end: number): boolean {
    if (end <= body || !beginsObject(bytes, body)) {
      this.#broken(badFrame('A message is no JSON object'))
      return false
    }
    this.#watch.used(this.context.clock.now())
    if (!this.#known) {
      this.#known = true
      this.#head = nothing
      this.context.opened?.(this)
    }
    return true
  }

  // How a method is called, and whether with a list of arguments.
  #shape(method: string): readonly [kind: CallKind, list: boolean] {
    const info = this.context.methods?.get(method)
    if (!info) return ['unary', method.startsWith('/')]
    return [info.kind === 'oneway' ? 'oneway' : 'unary', info.style === 'arguments']
  }

  #refuse(error: RpcError): void {
    this.context.count(`call_${error.reason}`)
    this.#answers.add(errorName).failed(error)
    this.#mind()
  }

  #writeError(error: RpcError): void {
    const { limits } = this.context
    try {
      this.#messages.write(errorName, encodeFault(error, limits, this.#messages.room(errorName)))
    } catch (unsendable) {
      // Not even an error fits: whoever counts answers would take the next one for this.
      this.fault(RpcError.from(unsendable))
    }
  }

  // Reads on while there is room for answers and for calls, and not otherwise.
  #mind(): void {
    if (this.#over) return
    const { inFlight, writeSoftBytes } = this.context.limits
    const full =
      !this.#writer.ready ||
      this.active >= inFlight ||
      this.#answers.size >= inFlight ||
      this.#answers.heldBytes >= writeSoftBytes
    if (full === this.#paused) return
    this.#paused = full
    if (full) {
      this.#splitter.stop()
      this.connection.pause()
      return
    }
    this.#watch.resumed(this.context.clock.now())
    this.#splitter.resume()
    if (!this.#isPaused()) this.connection.resume()
  }

  // What is read anew may fill up again; asked through a method, so that the compiler does not assume otherwise.
  #isPaused(): boolean {
    return this.#paused || this.#over
  }

  // The bytes are not this protocol's, or no longer.
  #broken(error: RpcError): void {
    if (this.#over) return
    if (this.#known) {
      this.#leaveNow(error)
      return
    }
    const { turnAway } = this.context
    if (!turnAway) {
      this.fault(error)
      return
    }
    this.end(error)
    turnAway(this.connection, { head: this.#head, error, speaks: [protocolName] })
  }

  // Says why, and ends. What has not been answered by now never is.
  #leaveNow(error: RpcError): void {
    if (this.#over) return
    const event = `connection_${error.reason ?? 'internal'}`
    this.context.count(event)
    this.context.log({ level: 'warn', event, message: error.message, peer: this.connection.peer.address })
    this.#writeError(error)
    this.#writer.flush()
    this.end(error)
    // A peer at fault gets a moment to read it.
    const { clock } = this.context
    const late = clock.timer(farewellMs, () => this.connection.abort(error))
    void this.connection.close().then(() => clock.clear(late))
  }
}

// What is wrong with an answer is no fault of who asked.
function unanswerable({ code, message, reason }: RpcError): RpcError {
  const facts = { reason, executed: 'yes', retryable: false } as const
  return code === 'resource_exhausted'
    ? new RpcError(code, message, facts)
    : new RpcError('internal', `The result cannot travel: ${message}`, facts)
}

function listOf(value: Uint8Array): Uint8Array {
  const list = new Uint8Array(value.length + 2)
  list[0] = bracket
  list.set(value, 1)
  list[list.length - 1] = closingBracket
  return list
}

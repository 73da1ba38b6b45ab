import { codeOf, type Notification, type Reply, RpcError } from '@hawser/contract'
import { decodeError } from './error-frame.js'
import {
  allowedFlags,
  badFrame,
  bodyStart,
  callKinds,
  criticalKinds,
  Flag,
  frameHeadBytes,
  Kind,
  noTimeout,
  preface,
  readU16,
  readU32,
  requestHeadBytes,
} from './frames.js'
import { decodeHeaders, noHeaders } from './headers.js'
import { type Hello, readHello } from './hello.js'
import type { Inbound } from './inbound.js'
import { ReceivedMethods } from './interning.js'
import type { Link } from './link.js'
import type { Outbound } from './outbound.js'
import { deadlineError } from './scope.js'
import { type FrameSink, type Framing, Splitter } from './splitter.js'
import { textOf } from './text.js'

// A Buffer's own subarray does more than is needed for every body.
function view(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start)
}

/** What a reader hands on, besides what goes to the tables of calls. */
export interface ReaderTarget {
  readonly role: 'opener' | 'acceptor'
  readonly link: Link
  readonly inbound: Inbound
  readonly outbound: Outbound
  /** Set once a goaway was sent: calls that come after it are not for this side any more. */
  readonly refusing: boolean
  /** Clock milliseconds. */
  readonly now: number
  greeted(hello: Hello): void
  notified(message: Notification): void
  pinged(token: number): void
  wentAway(last: number, reason: number, text: string): void
  /** A cancel came for a call that goes on; throws when there are too many. */
  cancelled(): void
  /** A frame came for a call that does not exist; throws when there are too many. */
  strayed(): void
  count(event: string): void
}

const framing: Framing = {
  prefixBytes: 4,
  size(bytes, at) {
    const size = 4 + readU32(bytes, at)
    if (size < frameHeadBytes) throw badFrame(`A frame of ${size} bytes`)
    return size
  },
}

/**
 * Reads the bytes of one connection: preface, frames, and what each says. Whatever breaks the rules of the connection is
 * thrown as an RpcError; what breaks those of one call is answered to that call.
 */
export class Reader implements FrameSink {
  /** The highest id of the other side's calls that was taken. */
  lastId = 0
  /** Frames that have come whole. */
  frames = 0
  readonly #target: ReaderTarget
  readonly #splitter: Splitter
  readonly #parity: number
  #methods: ReceivedMethods | undefined
  #prefaceBytes = 0
  #now = 0
  // Calls begun since `#now` was read, and the time when one of them last looked.
  #begun = 0
  #looked = 0
  // The body of the frame being read, where it came by itself.
  #apart: Uint8Array | undefined

  constructor(target: ReaderTarget) {
    this.#target = target
    this.#parity = target.role === 'acceptor' ? 1 : 0
    this.#splitter = new Splitter(framing, this, target.link.limits.helloBytes)
  }

  get partialBytes(): number {
    return this.#splitter.partialBytes
  }
  get unfinished(): boolean {
    return this.#splitter.unfinished
  }

  /** @throws RpcError when the connection cannot go on */
  push(chunk: Uint8Array, now: number): void {
    this.#now = now
    this.#begun = 0
    this.#looked = now
    const left = this.#prefaceBytes < preface.length ? this.#checkPreface(chunk) : chunk
    if (left.length > 0) this.#splitter.push(left)
  }

  /** Holds what comes until `resume`. */
  stop(): void {
    this.#begun = 1
    this.#splitter.stop()
  }

  resume(): void {
    this.#splitter.resume()
  }

  /** Reads nothing more. */
  end(): void {
    this.#splitter.end()
  }

  frame(bytes: Uint8Array, start: number, end: number): void {
    this.frames++
    const kind = bytes[start + 4]!
    const flags = bytes[start + 5]!
    const codec = bytes[start + 6]!
    const id = readU32(bytes, start + 8)
    // Not the table of calls made: one that nothing asks for is never made.
    const { link, inbound } = this.#target
    const allowed = allowedFlags[kind]
    if (allowed === undefined) {
      if (kind >= criticalKinds || !link.greeted) throw badFrame(`A frame of the unknown kind ${kind}`)
      this.#target.count('frame_skipped')
      return
    }
    if ((flags & ~allowed) !== 0) throw badFrame(`A frame of kind ${kind} with the flags ${flags}`)
    if (link.greeted === (kind === Kind.hello) && !this.#refused(kind))
      throw badFrame(link.greeted ? 'A second hello' : 'A frame before the hello')
    const body = start + frameHeadBytes
    switch (kind) {
      case Kind.hello:
        this.#hello(bytes.subarray(body, end))
        break
      case Kind.request:
        this.#request(bytes, start, end, flags, codec, id)
        break
      case Kind.reply:
        this.#reply(bytes, body, end, flags, codec, id)
        break
      case Kind.error: {
        const error = decodeError(bytes.subarray(body, end))
        if (!error) throw badFrame('A malformed error frame')
        if (!this.#target.outbound.error(id, codec, error)) this.#stray()
        break
      }
      case Kind.item:
        if (this.#mine(id)) {
          if (!this.#target.outbound.item(id, codec, this.#bodyOf(bytes, body, end))) this.#stray()
        } else inbound.item(id, codec, this.#bodyOf(bytes, body, end))
        break
      case Kind.end:
        if (this.#mine(id)) {
          if (!this.#target.outbound.end(id)) this.#stray()
        } else inbound.end(id)
        break
      case Kind.credit: {
        if (end - body !== 4) throw badFrame('A malformed credit frame')
        const granted = readU32(bytes, body)
        if (!this.#mine(id)) inbound.credit(id, granted)
        else if (!this.#target.outbound.credit(id, granted)) this.#stray()
        break
      }
      case Kind.cancel:
        this.#cancel(id, bytes[start + 7]!)
        break
      case Kind.notify:
        this.#notify(bytes, body, end, codec)
        break
      case Kind.ping:
        this.#target.pinged(id)
        break
      case Kind.goaway:
        this.#target.wentAway(id, bytes[start + 7]!, textOf(bytes.subarray(body, end)) ?? '')
        break
    }
  }

  bodyAt(bytes: Uint8Array, end: number): number | undefined {
    return bodyStart(bytes, end)
  }

  frameApart(head: Uint8Array, body: Uint8Array): void {
    // A plain array, as bodies that come with their heads are, whatever the transport delivers.
    this.#apart = view(body, 0, body.length)
    try {
      this.frame(head, 0, head.length)
    } finally {
      this.#apart = undefined
    }
  }

  oversize(bytes: Uint8Array, start: number, end: number, size: number): void {
    this.frames++
    const kind = bytes[start + 4]!
    const codec = bytes[start + 6]!
    const id = readU32(bytes, start + 8)
    const { link, outbound, inbound } = this.#target
    if (!link.greeted) throw badFrame('A frame over the limit before the hello')
    this.#target.count('frame_too_large')
    const executed = kind === Kind.request ? 'no' : kind === Kind.reply ? 'yes' : 'maybe'
    const error = new RpcError(
      'resource_exhausted',
      `A message of ${size} bytes, over the limit of ${link.limits.receiveBytes}`,
      { reason: 'too_large', executed, retryable: false },
    )
    if (kind === Kind.request) {
      if (this.#target.refusing) return
      // The name it may carry is known from now on, even though the call is refused.
      this.#accept(id)
      this.#methodOf(bytes, start, end, bytes[start + 5]!)
      link.error(id, codec, error)
    } else if (kind === Kind.reply || kind === Kind.error) {
      if (!outbound.error(id, codec, error)) this.#stray()
    } else if (kind === Kind.item) {
      if (!this.#mine(id)) inbound.cancel(id, error)
      else if (!outbound.refuseItem(id, error)) this.#stray()
    } else if (kind >= criticalKinds || (kind !== Kind.notify && allowedFlags[kind] !== undefined))
      throw badFrame(`A frame of kind ${kind} and ${size} bytes`)
  }

  tooLarge(size: number): void {
    throw new RpcError('resource_exhausted', `A message of ${size} bytes, far over the limit`, {
      reason: 'too_large',
      executed: 'no',
    })
  }

  // An acceptor that does not let us in says so instead of its hello.
  #refused(kind: number): boolean {
    return kind === Kind.goaway && this.#target.role === 'opener'
  }

  #checkPreface(chunk: Uint8Array): Uint8Array {
    let at = 0
    while (at < chunk.length && this.#prefaceBytes < preface.length) {
      if (chunk[at] !== preface[this.#prefaceBytes]) throw badFrame('Not the preface of hawser/1')
      at++
      this.#prefaceBytes++
    }
    return chunk.subarray(at)
  }

  #hello(body: Uint8Array): void {
    const { role, link } = this.#target
    const hello = readHello(body, role === 'acceptor' ? 'opener' : 'acceptor', link.limits)
    this.#splitter.limit = link.limits.receiveBytes
    this.#target.greeted(hello)
  }

  #request(bytes: Uint8Array, start: number, end: number, flags: number, codec: number, id: number): void {
    if (end - start < requestHeadBytes) throw badFrame('A request that is too short')
    const { link, inbound } = this.#target
    const kind = callKinds[bytes[start + 7]!]
    if (kind === undefined) throw badFrame(`A call of the unknown kind ${bytes[start + 7]}`)
    if (this.#target.refusing) return
    this.#accept(id)
    let at = start + requestHeadBytes
    const method = this.#methodOf(bytes, start, end, flags)
    if (flags & Flag.name) at += 2 + readU16(bytes, at)
    if (link.codecName(codec) === undefined) {
      link.error(
        id,
        codec,
        new RpcError('unimplemented', 'The codec of the call is not taken here', {
          reason: 'no_codec',
          executed: 'no',
        }),
      )
      return
    }
    let headers = noHeaders
    if (flags & Flag.headers) {
      const blockEnd = at + 2 <= end ? at + 2 + readU16(bytes, at) : Infinity
      if (blockEnd > end) throw badFrame('Headers run past the end of their frame')
      try {
        headers = decodeHeaders(bytes.subarray(at + 2, blockEnd), link.limits)
      } catch (error) {
        link.error(id, codec, RpcError.from(error))
        return
      }
      at = blockEnd
    }
    const timeout = readU32(bytes, start + 14)
    if (timeout === 0) {
      link.error(id, codec, deadlineError('no'))
      return
    }
    const deadline = timeout === noTimeout ? Infinity : this.#now + timeout
    // A handler in front of it may have held the loop past its time.
    if (deadline !== Infinity && this.#lookAtClock() >= deadline) {
      link.error(id, codec, deadlineError('no'))
      return
    }
    const probe = (flags & Flag.probe) !== 0
    inbound.begin(id, kind, codec, method, headers, deadline, probe, this.#bodyOf(bytes, at, end))
  }

  // The time as the call before it left it. The first calls of a chunk, and every fourth after them, look at the clock:
  // often enough to run next to nothing that expired behind a handler, and seldom enough not to tell in the rate.
  #lookAtClock(): number {
    const begun = this.#begun++
    if (begun > 0 && (begun < 4 || (begun & 3) === 0)) this.#looked = this.#target.now
    return this.#looked
  }

  // The method of a request; a name that comes with it is remembered.
  #methodOf(bytes: Uint8Array, start: number, end: number, flags: number): string {
    const index = readU16(bytes, start + 12)
    this.#methods ??= new ReceivedMethods(this.#target.link.limits)
    if (!(flags & Flag.name)) return this.#methods.resolve(index)
    const at = start + requestHeadBytes
    const length = at + 2 <= end ? readU16(bytes, at) : 0
    if (length === 0 || length > this.#target.link.limits.methodBytes || at + 2 + length > end)
      throw badFrame('A method name of a wrong length')
    const name = textOf(bytes.subarray(at + 2, at + 2 + length))
    if (name === undefined) throw badFrame('A method name that is not UTF-8')
    this.#methods.define(index, name)
    return name
  }

  // Ids of one side only rise, so that "the last accepted" means something.
  #accept(id: number): void {
    if ((id & 1) !== this.#parity || id <= this.lastId)
      throw badFrame(`The id ${id} is not the other side's next`)
    this.lastId = id
  }

  #reply(bytes: Uint8Array, at: number, end: number, flags: number, codec: number, id: number): void {
    const { link, outbound } = this.#target
    let headers: Reply['headers']
    if (flags & Flag.headers) {
      const blockEnd = at + 2 <= end ? at + 2 + readU16(bytes, at) : Infinity
      if (blockEnd > end) throw badFrame('Headers run past the end of their frame')
      try {
        headers = decodeHeaders(bytes.subarray(at + 2, blockEnd), link.limits)
      } catch (error) {
        if (!outbound.error(id, codec, RpcError.from(error).with({ executed: 'yes' }))) this.#stray()
        return
      }
      at = blockEnd
    }
    if (flags & Flag.stream) {
      if (at !== end || this.#apart) throw badFrame('A reply with a body and items')
      if (!outbound.streamReply(id, codec, headers)) this.#stray()
      return
    }
    const output = this.#bodyOf(bytes, at, end)
    if (!outbound.reply(id, codec, headers ? { headers, output } : { output })) this.#stray()
  }

  #cancel(id: number, code: number): void {
    const name = codeOf(code) ?? 'cancelled'
    const reason =
      name === 'deadline_exceeded'
        ? deadlineError()
        : new RpcError('cancelled', 'The caller cancelled the call', { reason: 'cancelled' })
    if (this.#mine(id)) this.#stray()
    else if (this.#target.inbound.cancel(id, reason)) this.#target.cancelled()
  }

  #notify(bytes: Uint8Array, at: number, end: number, codec: number): void {
    const { link } = this.#target
    const length = at + 2 <= end ? readU16(bytes, at) : 0
    const bodyAt = at + 2 + length
    if (length === 0 || length > link.limits.methodBytes || bodyAt > end)
      throw badFrame('A notification with a type name of a wrong length')
    const type = textOf(bytes.subarray(at + 2, bodyAt))
    if (type === undefined) throw badFrame('A type name that is not UTF-8')
    const codecName = link.codecName(codec)
    if (codecName === undefined) throw badFrame('A notification in a codec that is not taken')
    this.#target.notified({ type, codec: codecName, body: bytes.subarray(bodyAt, end) })
  }

  #bodyOf(bytes: Uint8Array, at: number, end: number): Uint8Array {
    return this.#apart ?? view(bytes, at, end)
  }

  // Was the call made by this side?
  #mine(id: number): boolean {
    const mine = (id & 1) !== this.#parity
    // A frame for a call that the other side has not made yet is as stray as one for a call we never made.
    if (!mine && (id === 0 || id > this.lastId) && !this.#target.refusing) this.#stray()
    return mine
  }

  #stray(): void {
    this.#target.count('frame_stray')
    this.#target.strayed()
  }
}

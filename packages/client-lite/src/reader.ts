import {
  type Code,
  codes,
  type Limits,
  type Notification,
  type Reason,
  RpcError,
  reasons,
} from '@hawser/contract'
import {
  allowedFlags,
  badFrame,
  callKinds,
  criticalKinds,
  decodeError,
  decodeHeaders,
  Flag,
  type FrameSink,
  type Framing,
  frameHeadBytes,
  Kind,
  notInterned,
  preface,
  readU16,
  readU32,
  requestHeadBytes,
  Splitter,
  textOf,
} from '@hawser/wire'
import type { CallTable } from './call-table.js'
import { readHello } from './hello.js'
import type { Link } from './link.js'
import { tooLarge } from './loss.js'

/** What a reader hands on, besides what goes to the table of calls. */
export interface ReaderTarget {
  readonly link: Link
  readonly calls: CallTable
  /** Set once a goaway was sent: calls that come after it are not for this side any more. */
  readonly refusing: boolean
  greeted(): void
  notified(message: Notification): void
  pinged(token: number): void
  wentAway(last: number, reason: number, text: string): void
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
 * Reads the bytes of one connection. Whatever breaks the rules of the connection is thrown as an RpcError; what breaks those
 * of one call is told to that call. Calls of the other side are refused.
 */
export class Reader implements FrameSink {
  /** The highest id of the other side's calls. */
  lastId = 0
  /** Frames that have come whole. */
  frames = 0
  readonly splitter: Splitter
  readonly #target: ReaderTarget
  readonly #limits: Limits
  #prefaceBytes = 0
  #strays = 0

  constructor(target: ReaderTarget) {
    this.#target = target
    this.#limits = target.link.limits
    this.splitter = new Splitter(framing, this, this.#limits.helloBytes)
  }

  /** @throws RpcError when the connection cannot go on */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length && this.#prefaceBytes < preface.length)
      if (chunk[at++] !== preface[this.#prefaceBytes++]) throw badFrame('Not the preface of hawser/1')
    if (at < chunk.length) this.splitter.push(chunk.subarray(at))
  }

  frame(bytes: Uint8Array, start: number, end: number): void {
    this.frames++
    const kind = bytes[start + 4]!
    const flags = bytes[start + 5]!
    const codec = bytes[start + 6]!
    const detail = bytes[start + 7]!
    const id = readU32(bytes, start + 8)
    const { link, calls } = this.#target
    const allowed = allowedFlags[kind]
    if (allowed === undefined) {
      if (kind >= criticalKinds || !link.greeted) throw badFrame(`A frame of kind ${kind}`)
      return
    }
    if ((flags & ~allowed) !== 0) throw badFrame(`A frame of kind ${kind} with the flags ${flags}`)
    // An acceptor that does not let us in says so instead of its hello.
    if (link.greeted === (kind === Kind.hello) && kind !== Kind.goaway)
      throw badFrame(`A frame of kind ${kind} out of turn`)
    // A Buffer's own subarray would make Buffers of what users see as bytes.
    let body = new Uint8Array(
      bytes.buffer,
      bytes.byteOffset + start + frameHeadBytes,
      end - start - frameHeadBytes,
    )
    switch (kind) {
      case Kind.hello:
        link.greeting = readHello(body, link.codecs.length, this.#limits)
        link.greeted = true
        this.splitter.limit = this.#limits.receiveBytes
        this.#target.greeted()
        break
      case Kind.request:
        this.#request(body, flags, codec, detail, id)
        break
      case Kind.reply: {
        const block = headersIn(body, 0, flags)
        const headers = block && this.#headers(id, codec, block)
        if (block) {
          if (!headers) break
          body = body.subarray(2 + block.length)
        }
        if ((flags & Flag.stream) !== 0) {
          if (body.length > 0) throw badFrame('A reply with a body and items')
          this.#known(calls.streamReply(id, codec, headers))
        } else this.#known(calls.reply(id, codec, headers ? { headers, output: body } : { output: body }))
        break
      }
      case Kind.error: {
        const error = decodeError(body)
        if (!error) throw badFrame('A malformed error frame')
        this.#known(calls.error(id, codec, error))
        break
      }
      case Kind.item:
        if (this.#mine(id)) this.#known(calls.find(id, codec)?.output?.push(body))
        break
      case Kind.end:
        if (this.#mine(id)) this.#known(calls.end(id))
        break
      case Kind.credit:
        if (body.length !== 4) throw badFrame('A malformed credit frame')
        if (this.#mine(id)) this.#known(calls.credit(id, readU32(body, 0)))
        break
      case Kind.cancel:
        if (this.#mine(id)) this.#known(false)
        break
      case Kind.notify: {
        const bodyAt = body.length < 2 ? Infinity : 2 + readU16(body, 0)
        const type = bodyAt > body.length ? undefined : textOf(body.subarray(2, bodyAt))
        if (!type || bodyAt > 2 + this.#limits.methodBytes || !link.takes(codec))
          throw badFrame('A malformed notification')
        this.#target.notified({ type, codec: this.#codecName(codec), body: body.subarray(bodyAt) })
        break
      }
      case Kind.ping:
        this.#target.pinged(id)
        break
      case Kind.goaway:
        this.#target.wentAway(id, detail, textOf(body) ?? '')
        break
    }
  }

  oversize(bytes: Uint8Array, start: number, end: number, size: number): void {
    this.frames++
    const kind = bytes[start + 4]!
    const codec = bytes[start + 6]!
    const id = readU32(bytes, start + 8)
    const { link, calls, refusing } = this.#target
    if (!link.greeted) throw badFrame('A hello over the limit')
    const error = tooLarge(size, this.#limits.receiveBytes, kind === Kind.reply ? 'yes' : 'maybe')
    if (kind === Kind.request) {
      if (refusing) return
      this.#accept(id)
      nameEnd(bytes.subarray(start + frameHeadBytes, end), bytes[start + 5]!, this.#limits)
      this.#refuse(id, codec, 'resource_exhausted', 'too_large')
    } else if (kind === Kind.reply || kind === Kind.error) this.#known(calls.error(id, codec, error))
    else if (kind === Kind.item) {
      if (this.#mine(id)) this.#known(calls.refuseItem(id, error))
    } else if (kind >= criticalKinds || (kind !== Kind.notify && allowedFlags[kind] !== undefined))
      throw badFrame(`A frame of kind ${kind} and ${size} bytes`)
  }

  tooLarge(size: number): void {
    throw tooLarge(size, this.#limits.receiveBytes, 'no')
  }

  // The rules of framing hold for the calls of the other side, too: after them, the first that it breaks.
  #request(body: Uint8Array, flags: number, codec: number, kind: number, id: number): void {
    if (body.length < requestHeadBytes - frameHeadBytes || kind >= callKinds.length)
      throw badFrame('A malformed request')
    if (this.#target.refusing) return
    this.#accept(id)
    const at = nameEnd(body, flags, this.#limits)
    this.#codecName(codec)
    const block = headersIn(body, at, flags)
    if (!this.#target.link.takes(codec)) this.#refuse(id, codec, 'unimplemented', 'no_codec')
    else if (block && !this.#readable(block)) this.#refuse(id, codec, 'invalid_argument', 'bad_header')
    else if (readU32(body, 2) === 0) this.#refuse(id, codec, 'deadline_exceeded', 'deadline')
    else this.#refuse(id, codec, 'unimplemented', 'no_method')
  }

  #readable(block: Uint8Array): boolean {
    try {
      return decodeHeaders(block, this.#limits) !== undefined
    } catch {
      return false
    }
  }

  // Not executed, and without a word: the reason says it all.
  #refuse(id: number, codec: number, code: Code, reason: Reason): void {
    this.#target.link.frame(Kind.error, id, Uint8Array.of(codes[code], reasons[reason], 0, 0, 0), codec)
  }

  // The headers of a reply; a call that breaks their rules fails.
  #headers(id: number, codec: number, block: Uint8Array): ReadonlyMap<string, string> | undefined {
    try {
      return decodeHeaders(block, this.#limits)
    } catch (error) {
      this.#known(this.#target.calls.error(id, codec, RpcError.from(error).with({ executed: 'yes' })))
      return undefined
    }
  }

  #codecName(index: number): string {
    const name = this.#target.link.codecs[index]
    if (name === undefined) throw badFrame(`Codec ${index} was not offered`)
    return name
  }

  // Ids of one side only rise, so that "the last accepted" means something.
  #accept(id: number): void {
    if (id % 2 === 1 || id <= this.lastId) throw badFrame(`The id ${id} is not the other side's next`)
    this.lastId = id
  }

  // Was the call made by this side? One that the other side has not made yet is as stray as one we never made.
  #mine(id: number): boolean {
    if (id % 2 === 1) return true
    if ((id === 0 || id > this.lastId) && !this.#target.refusing) this.#known(false)
    return false
  }

  // A frame for a call that does not exist, or has no use for it, is ignored; not so a flood of them.
  #known(known: boolean | undefined): void {
    if (!known && ++this.#strays > this.#limits.strayFrames)
      throw new RpcError('resource_exhausted', 'Too many frames for calls that do not exist', {
        reason: 'abuse',
      })
  }
}

// The header block that begins at `at` of a body, without its length; undefined where there is none.
function headersIn(body: Uint8Array, at: number, flags: number): Uint8Array | undefined {
  if ((flags & Flag.headers) === 0) return undefined
  const end = at + 2 <= body.length ? at + 2 + readU16(body, at) : Infinity
  if (end > body.length) throw badFrame('Headers run past the end of their frame')
  return body.subarray(at + 2, end)
}

// Where the name in the body of a request ends. This side remembers none, so that it has to be there.
function nameEnd(body: Uint8Array, flags: number, limits: Limits): number {
  const length = body.length < 8 ? 0 : readU16(body, 6)
  const end = 8 + length
  if (
    (flags & Flag.name) === 0 ||
    readU16(body, 0) !== notInterned ||
    length === 0 ||
    length > limits.methodBytes ||
    end > body.length ||
    textOf(body.subarray(8, end)) === undefined
  )
    throw badFrame('A malformed method name')
  return end
}

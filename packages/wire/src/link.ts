import {
  type CallKind,
  type Headers,
  isSpent,
  type Limits,
  type Reason,
  RpcError,
  reasons,
} from '@hawser/contract'
import { encodeError } from './error-frame.js'
import {
  badFrame,
  callKinds,
  Flag,
  frameHeadBytes,
  goawayTextBytes,
  Kind,
  noTimeout,
  requestHeadBytes,
  writeFrameHead,
  writeU16,
  writeU32,
} from './frames.js'
import { encodeHeaders } from './headers.js'
import type { Announced } from './hello.js'
import { nameBytes, SentMethods } from './interning.js'
import { utf8Cut } from './text.js'
import type { FrameWriter } from './writer.js'

const nothing = new Uint8Array(0)

/** Writes the frames of one connection, and knows what the other side has announced that bears on them. */
export class Link {
  readonly writer: FrameWriter
  readonly limits: Limits
  /** What the other side takes. */
  announced: Announced
  /** The opener's codecs: frames name them by their index here. */
  codecs: readonly string[]
  /** Names of the codecs both sides have, the opener's preferred first. */
  shared: readonly string[]
  /** Set when the hellos are exchanged. */
  greeted = false
  // Bit n: the acceptor takes codec n.
  #accepted: number
  #methods: SentMethods | undefined

  constructor(writer: FrameWriter, limits: Limits, announced: Announced, codecs: readonly string[]) {
    this.writer = writer
    this.limits = limits
    this.announced = announced
    this.codecs = codecs
    this.shared = codecs
    this.#accepted = 2 ** codecs.length - 1
  }

  /** The largest frame that may be sent, in bytes. */
  get mostBytes(): number {
    return Math.min(this.limits.sendBytes, this.announced.receiveBytes)
  }

  /** The acceptor's choice among the codecs offered, by index. */
  agree(codecs: readonly string[], accepted: readonly number[]): void {
    this.codecs = codecs
    this.#accepted = accepted.reduce((mask, index) => mask | (1 << index), 0)
    this.shared = codecs.filter((_, index) => accepted.includes(index))
  }

  /** The index of a codec, -1 for one that the two sides do not share. */
  codecIndex(name: string): number {
    const index = this.codecs.indexOf(name)
    return (this.#accepted & (1 << index)) !== 0 ? index : -1
  }

  /**
   * The codec of a received frame: undefined when it was offered, and not accepted.
   * @throws RpcError `bad_frame` for an index that was never offered
   */
  codecName(index: number): string | undefined {
    const name = this.codecs[index]
    if (name === undefined) throw badFrame(`A frame names codec ${index}, which was not offered`)
    return (this.#accepted & (1 << index)) !== 0 ? name : undefined
  }

  /**
   * @throws RpcError `too_large`; TypeError for a method name that is none
   * @param timeoutMs time left, in whole milliseconds; Infinity for none
   * @param headers an encoded block; empty for none
   */
  request(
    id: number,
    kind: CallKind,
    codec: number,
    method: string,
    timeoutMs: number,
    headers: Uint8Array,
    probe: boolean,
    body: Uint8Array,
  ): void {
    this.#methods ??= new SentMethods(this.limits)
    const reference = this.#methods.refer(method, this.announced.internedMethods)
    const { index, name } = reference
    const nameSize = name ? 2 + name.length : 0
    const headersSize = headers.length > 0 ? 2 + headers.length : 0
    const headSize = requestHeadBytes + nameSize + headersSize
    this.#check(headSize, body)
    if (name) this.#methods.sent(method, reference)
    const at = this.writer.head(headSize)
    const { bytes } = this.writer
    const flags = (name ? Flag.name : 0) | (headersSize > 0 ? Flag.headers : 0) | (probe ? Flag.probe : 0)
    writeFrameHead(bytes, at, headSize + body.length, Kind.request, flags, codec, callKinds.indexOf(kind), id)
    writeU16(bytes, at + 12, index)
    writeU32(bytes, at + 14, Math.min(timeoutMs, noTimeout))
    if (name) writeBlock(bytes, at + requestHeadBytes, name)
    if (headersSize > 0) writeBlock(bytes, at + requestHeadBytes + nameSize, headers)
    this.writer.body(body)
  }

  reply(id: number, codec: number, headers: Headers | undefined, stream: boolean, body: Uint8Array): void {
    const block = headers && headers.size > 0 ? encodeHeaders(headers, this.limits) : nothing
    const blockSize = block.length > 0 ? 2 + block.length : 0
    this.#check(frameHeadBytes + blockSize, body)
    const at = this.writer.head(frameHeadBytes + blockSize)
    const { bytes } = this.writer
    const flags = (blockSize > 0 ? Flag.headers : 0) | (stream ? Flag.stream : 0)
    writeFrameHead(bytes, at, frameHeadBytes + blockSize + body.length, Kind.reply, flags, codec, 0, id)
    if (blockSize > 0) writeBlock(bytes, at + frameHeadBytes, block)
    this.writer.body(body)
  }

  error(id: number, codec: number, error: RpcError): void {
    this.#frame(Kind.error, codec, 0, id, encodeError(error, this.limits, this.mostBytes - frameHeadBytes))
  }

  item(id: number, codec: number, body: Uint8Array): void {
    this.#check(frameHeadBytes, body)
    this.#frame(Kind.item, codec, 0, id, body)
  }

  end(id: number): void {
    this.#frame(Kind.end, 0, 0, id, nothing)
  }

  credit(id: number, granted: number): void {
    const at = this.writer.head(frameHeadBytes + 4)
    const { bytes } = this.writer
    writeFrameHead(bytes, at, frameHeadBytes + 4, Kind.credit, 0, 0, 0, id)
    writeU32(bytes, at + frameHeadBytes, granted)
  }

  /** @param code the number of the canonical code that says why */
  cancel(id: number, code: number): void {
    this.#frame(Kind.cancel, 0, code, id, nothing)
  }

  /** @throws TypeError for a type name that is none */
  notify(type: string, codec: number, body: Uint8Array): void {
    const name = nameBytes(type, this.limits)
    const headSize = frameHeadBytes + 2 + name.length
    this.#check(headSize, body)
    const at = this.writer.head(headSize)
    const { bytes } = this.writer
    writeFrameHead(bytes, at, headSize + body.length, Kind.notify, 0, codec, 0, 0)
    writeBlock(bytes, at + frameHeadBytes, name)
    this.writer.body(body)
  }

  ping(token: number): void {
    this.#frame(Kind.ping, 0, 0, token, nothing)
  }

  pong(token: number): void {
    this.#frame(Kind.pong, 0, 0, token, nothing)
  }

  /** @param last the highest id of the other side's calls that was accepted */
  goaway(last: number, reason: Reason, text: string): void {
    this.#frame(Kind.goaway, 0, reasons[reason], last, utf8Cut(text, goawayTextBytes))
  }

  #check(headSize: number, body: Uint8Array): void {
    const frameBytes = headSize + body.length
    // What was moved to another thread before would arrive as nothing.
    if (body.length === 0 && isSpent(body)) throw spent()
    if (frameBytes <= this.mostBytes) return
    throw new RpcError(
      'resource_exhausted',
      `A message of ${frameBytes} bytes, over the limit of ${this.mostBytes}`,
      {
        reason: 'too_large',
        executed: 'no',
        retryable: false,
      },
    )
  }

  #frame(kind: number, codec: number, detail: number, id: number, body: Uint8Array): void {
    const at = this.writer.head(frameHeadBytes)
    writeFrameHead(this.writer.bytes, at, frameHeadBytes + body.length, kind, 0, codec, detail, id)
    this.writer.body(body)
  }
}

function writeBlock(bytes: Uint8Array, at: number, block: Uint8Array): void {
  writeU16(bytes, at, block.length)
  bytes.set(block, at + 2)
}

function spent(): RpcError {
  return new RpcError(
    'failed_precondition',
    'The bytes were given away, and are with another thread already',
    {
      executed: 'no',
      retryable: false,
    },
  )
}

/** What fails that was to be sent in a codec which the other side does not take. */
export function noCodec(name: string): RpcError {
  return new RpcError('unimplemented', `The other side does not take the codec ${name}`, {
    reason: 'no_codec',
    executed: 'no',
  })
}

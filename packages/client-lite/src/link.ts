import type { Clock, Connection, Headers, Limits } from '@hawser/contract'
import {
  callKinds,
  encodeHeaders,
  Flag,
  frameHeadBytes,
  Kind,
  nameBytes,
  noTimeout,
  notInterned,
  writeFrameHead,
  writeU16,
  writeU32,
} from '@hawser/wire'
import type { SessionCall } from './call.js'
import { early, type Greeting } from './hello.js'
import { tooLarge } from './loss.js'

const bufferBytes = 16_384
const nothing = new Uint8Array(0)

/** Writes the frames of one connection, those of a turn as one piece, and knows what the other side takes. */
export class Link {
  /** What the other side has said, or what any can bear before it has. */
  greeting: Greeting = early
  /** Set when the other side's hello has come. */
  greeted = false
  /** False while the connection has asked to wait. Frames are taken all the same. */
  ready = true
  readonly limits: Limits
  readonly codecs: readonly string[]
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #unblocked: () => void
  // Method names the other side knows by their index.
  readonly #names = new Map<string, number>()
  #bytes = nothing
  #end = 0
  readonly #flush = () => this.flush()

  constructor(
    connection: Connection,
    limits: Limits,
    clock: Clock,
    codecs: readonly string[],
    unblocked: () => void,
  ) {
    this.#connection = connection
    this.limits = limits
    this.#clock = clock
    this.codecs = codecs
    this.#unblocked = unblocked
  }

  /** The largest frame that may be sent, in bytes. */
  get mostBytes(): number {
    return Math.min(this.limits.sendBytes, this.greeting.receiveBytes)
  }

  /** Is the codec of this index one that both sides have? Until the hello has come, each may be. */
  takes(codec: number): boolean {
    return codec >= 0 && (this.greeting.accepted?.includes(codec) ?? true)
  }

  /** Names of the codecs both sides have, the preferred first. */
  get shared(): readonly string[] {
    return this.codecs.filter((_, index) => this.takes(index))
  }

  /**
   * @param timeoutMs time left, in whole milliseconds; Infinity for none
   * @throws RpcError `too_large` or `bad_header`; TypeError for a method name that is none
   */
  request(id: number, codec: number, call: SessionCall, timeoutMs: number, body: Uint8Array): void {
    const { method, kind, probe } = call
    const known = this.#names.get(method)
    const name = known === undefined ? nameBytes(method, this.limits) : undefined
    const headers = headerBlock(call.headers, this.limits)
    const nameSize = name ? 2 + name.length : 0
    const headersSize = headers ? 2 + headers.length : 0
    const size = 6 + nameSize + headersSize + body.length
    this.#check(size, 'no')
    let index = known ?? this.#names.size
    if (name) {
      if (index < this.greeting.internedMethods) this.#names.set(method, index)
      else index = notInterned
    }
    const flags = (name ? Flag.name : 0) | (headers ? Flag.headers : 0) | (probe ? Flag.probe : 0)
    let at = this.#begin(size, Kind.request, id, flags, codec, callKinds.indexOf(kind))
    const bytes = this.#bytes
    writeU16(bytes, at, index)
    writeU32(bytes, at + 2, Math.min(timeoutMs, noTimeout))
    at += 6
    if (name) writeBlock(bytes, at, name)
    if (headers) writeBlock(bytes, at + nameSize, headers)
    bytes.set(body, at + nameSize + headersSize)
  }

  /** @throws TypeError for a type name that is none; RpcError `too_large` */
  notify(type: string, codec: number, body: Uint8Array): void {
    const name = nameBytes(type, this.limits)
    const size = 2 + name.length + body.length
    this.#check(size, 'no')
    const at = this.#begin(size, Kind.notify, 0, 0, codec, 0)
    writeBlock(this.#bytes, at, name)
    this.#bytes.set(body, at + 2 + name.length)
  }

  /** @throws RpcError `too_large` */
  item(id: number, codec: number, body: Uint8Array): void {
    this.#check(body.length, 'maybe')
    this.frame(Kind.item, id, body, codec)
  }

  credit(id: number, granted: number): void {
    const at = this.#begin(4, Kind.credit, id, 0, 0, 0)
    writeU32(this.#bytes, at, granted)
  }

  /** Any frame whose body needs no layout. */
  frame(kind: number, id: number, body: Uint8Array = nothing, codec = 0, detail = 0): void {
    const at = this.#begin(body.length, kind, id, 0, codec, detail)
    this.#bytes.set(body, at)
  }

  /** Sends what is collected. */
  flush(): void {
    const size = this.#end
    if (size === 0) return
    const bytes = this.#bytes
    this.#end = 0
    const more = this.#connection.send(bytes.subarray(0, size))
    // What the connection holds on to is not written over.
    if (this.#connection.queued > 0) this.#bytes = nothing
    if (more || !this.ready) return
    this.ready = false
    void this.#connection.drained().then(() => {
      this.ready = true
      this.#unblocked()
    })
  }

  #check(size: number, executed: 'no' | 'maybe'): void {
    const { mostBytes } = this
    if (frameHeadBytes + size > mostBytes) throw tooLarge(frameHeadBytes + size, mostBytes, executed)
  }

  // Begins a frame with so many bytes behind its head. Returns where they go.
  #begin(size: number, kind: number, id: number, flags: number, codec: number, detail: number): number {
    const total = frameHeadBytes + size
    if (this.#end + total > this.#bytes.length) {
      this.flush()
      this.#bytes = new Uint8Array(Math.max(total, bufferBytes))
    }
    const at = this.#end
    if (at === 0) this.#clock.soon(this.#flush)
    writeFrameHead(this.#bytes, at, total, kind, flags, codec, detail, id)
    this.#end = at + total
    return at + frameHeadBytes
  }
}

function headerBlock(headers: Headers, limits: Limits): Uint8Array | undefined {
  return headers.size > 0 ? encodeHeaders(headers, limits) : undefined
}

function writeBlock(bytes: Uint8Array, at: number, block: Uint8Array): void {
  writeU16(bytes, at, block.length)
  bytes.set(block, at + 2)
}

import { numberBytes, readNumber, readU16, readU32, writeNumber, writeU16, writeU32 } from '@hawser/wire'

/** What members and their hub tell each other. */
export const Kind = {
  /** A member has the topic: it is to get its messages. */
  join: 1,
  leave: 2,
  /** A member publishes. */
  publish: 3,
  /** So many frames of kind `publish` or `message` were dealt with. */
  taken: 4,
  /** A message of a topic, with its number. */
  message: 5,
  /** The member has joined; the number of the topic's last message. */
  joined: 6,
  /** Nobody has the topic that was published to. */
  refused: 7,
  /** A member is there. */
  hello: 8,
  /** The hub is there: the member may send. */
  ready: 9,
} as const

/** One frame. What its kind has no use for is empty, or 0. */
export interface Frame {
  readonly kind: number
  readonly path: string
  /** The name of the codec of the body. */
  readonly codec: string
  readonly number: number
  /** With `numberBytes` in front, which hold the number. */
  readonly body: Uint8Array
}

const pathless: readonly number[] = [Kind.taken, Kind.hello, Kind.ready]
const headBytes = 8
const mostPath = 256
const mostCodec = 32
const nothing = new Uint8Array(numberBytes)
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Bytes of a frame with such a path, codec and body. */
export function frameBytes(path: Uint8Array, codec: Uint8Array, body: Uint8Array): number {
  return headBytes + path.length + codec.length + body.length
}

/** Collects frames for one channel, to be posted as one message. */
export class Batch {
  #bytes: Uint8Array = new Uint8Array(4_096)
  #end = 0

  get size(): number {
    return this.#end
  }

  /** @param body with `numberBytes` in front, where there is one */
  add(kind: number, path: string, number: number, codec = '', body: Uint8Array = nothing): void {
    const pathBytes = encoder.encode(path)
    const codecBytes = encoder.encode(codec)
    let at = this.#room(frameBytes(pathBytes, codecBytes, body))
    const bytes = this.#bytes
    bytes[at] = kind
    bytes[at + 1] = codecBytes.length
    writeU16(bytes, at + 2, pathBytes.length)
    writeU32(bytes, at + 4, body.length)
    at += headBytes
    bytes.set(pathBytes, at)
    bytes.set(codecBytes, at + pathBytes.length)
    at += pathBytes.length + codecBytes.length
    bytes.set(body, at)
    writeNumber(bytes.subarray(at), number)
  }

  /** What was collected, with memory of its own: what is posted is copied whole. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.#bytes.subarray(0, this.#end))
    this.#end = 0
    if (this.#bytes.length > 65_536) this.#bytes = new Uint8Array(4_096)
    return taken
  }

  #room(size: number): number {
    const at = this.#end
    this.#end += size
    if (this.#end > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#end)
      larger.set(this.#bytes.subarray(0, at))
      this.#bytes = larger
    }
    return at
  }
}

/**
 * The frames of a batch; undefined for bytes that are none. Their bodies are parts of it.
 * @param mostBytes of one body
 */
export function framesOf(bytes: Uint8Array, mostBytes: number): Frame[] | undefined {
  const frames: Frame[] = []
  let at = 0
  while (at < bytes.length) {
    if (at + headBytes > bytes.length) return undefined
    const kind = bytes[at]!
    const codecSize = bytes[at + 1]!
    const pathSize = readU16(bytes, at + 2)
    const bodySize = readU32(bytes, at + 4)
    const end = at + headBytes + pathSize + codecSize + bodySize
    if (kind < Kind.join || kind > Kind.ready || end > bytes.length) return undefined
    if (pathSize > mostPath || codecSize > mostCodec) return undefined
    if (bodySize < numberBytes || bodySize > mostBytes + numberBytes) return undefined
    at += headBytes
    const codecAt = at + pathSize
    const body = bytes.subarray(codecAt + codecSize, end)
    try {
      const path = decoder.decode(bytes.subarray(at, codecAt))
      const codec = decoder.decode(bytes.subarray(codecAt, codecAt + codecSize))
      if (!pathless.includes(kind) && !path.startsWith('/')) return undefined
      frames.push({ kind, path, codec, number: readNumber(body), body })
    } catch {
      return undefined
    }
    at = end
  }
  return frames
}

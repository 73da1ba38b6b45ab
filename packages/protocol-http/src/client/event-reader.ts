import { tooLarge } from './errors.js'

/** One server-sent event. */
export interface ServerEvent {
  /** Empty for a message. */
  readonly name: string
  readonly id: string
  /** UTF-8. */
  readonly data: Uint8Array
}

const newline = 0x0a
const carriageReturn = 0x0d
const colon = 0x3a
const space = 0x20
const nothing = new Uint8Array(0)
// Of the data of one event: each is kept as an object, however short it is.
const mostLines = 4_096
const decoder = new TextDecoder()

/** Cuts bytes into lines, however they come. */
export class LineReader {
  readonly #most: number
  readonly #line: (line: Uint8Array) => void
  #pieces: Uint8Array[] = []
  #length = 0

  /** @param most bytes of a line */
  constructor(most: number, line: (line: Uint8Array) => void) {
    this.#most = most
    this.#line = line
  }

  /** @throws RpcError `resource_exhausted` / `too_large` for a line that is too long */
  push(bytes: Uint8Array): void {
    let at = 0
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, at)) {
      this.#add(bytes.subarray(at, end))
      at = end + 1
      const line = this.#taken()
      this.#line(line.at(-1) === carriageReturn ? line.subarray(0, -1) : line)
    }
    if (at < bytes.length) this.#add(bytes.subarray(at))
  }

  /** Is there the beginning of a line? */
  get partial(): boolean {
    return this.#length > 0
  }

  #add(piece: Uint8Array): void {
    this.#length += piece.length
    if (this.#length > this.#most) throw tooLarge(`An item is larger than ${this.#most} bytes`)
    this.#pieces.push(piece)
    // Dribbled bytes are not kept as an object each.
    if (this.#pieces.length > 64) this.#pieces = [Buffer.concat(this.#pieces)]
  }

  #taken(): Uint8Array {
    const line = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#length = 0
    return line
  }
}

/** Reads server-sent events, as the HTML standard lays them out. */
export class EventReader {
  readonly #lines: LineReader
  readonly #most: number
  readonly #event: (event: ServerEvent) => void
  #name = ''
  #id = ''
  #data: Uint8Array[] = []
  #length = 0

  /** @param most bytes of an event's data */
  constructor(most: number, event: (event: ServerEvent) => void) {
    this.#most = most
    this.#event = event
    this.#lines = new LineReader(most + 1_024, (line) => this.#take(line))
  }

  /** @throws RpcError `resource_exhausted` / `too_large` for an event that is too large */
  push(bytes: Uint8Array): void {
    this.#lines.push(bytes)
  }

  #take(line: Uint8Array): void {
    if (line.length === 0) {
      this.#dispatch()
      return
    }
    const at = line.indexOf(colon)
    // A comment: the other side is alive.
    if (at === 0) return
    const field = decoder.decode(at < 0 ? line : line.subarray(0, at))
    const value = at < 0 ? nothing : line.subarray(at + (line[at + 1] === space ? 2 : 1))
    if (field === 'event') this.#name = decoder.decode(value)
    else if (field === 'id') this.#id = decoder.decode(value)
    else if (field === 'data') {
      this.#length += value.length + 1
      if (this.#length > this.#most) throw tooLarge(`An item is larger than ${this.#most} bytes`)
      if (this.#data.length >= mostLines) throw tooLarge(`An item has more than ${mostLines} lines`)
      this.#data.push(value)
    }
  }

  #dispatch(): void {
    const pieces = this.#data
    const name = this.#name
    this.#name = ''
    this.#data = []
    this.#length = 0
    if (pieces.length === 0) return
    const data = pieces.length === 1 ? pieces[0]! : withNewlines(pieces)
    this.#event({ name, id: this.#id, data })
  }
}

function withNewlines(pieces: readonly Uint8Array[]): Uint8Array {
  const end = Uint8Array.of(newline)
  return Buffer.concat(pieces.flatMap((piece, index) => (index === 0 ? [piece] : [end, piece])))
}

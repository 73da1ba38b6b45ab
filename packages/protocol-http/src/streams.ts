import type { ServerResponse } from 'node:http'
import type { RpcError } from '@hawser/contract'
import { type ItemsSink, numberBytes, readNumber } from '@hawser/wire'
import { errorBody } from './error-body.js'

const newline = 0x0a
const returned = 0x0d
const mostText = 1024

/** Frames of items: made once for all who get the same item, as the subscribers of a topic do. */
export class Frames {
  #item: Uint8Array | undefined
  #event: Uint8Array | undefined
  #line: Uint8Array | undefined

  /** A server-sent event. */
  event(item: Uint8Array, json: Uint8Array, number: number): Uint8Array {
    this.#for(item)
    this.#event ??= eventOf(json, number)
    return this.#event
  }

  /** A line of JSON. */
  line(item: Uint8Array, json: Uint8Array): Uint8Array {
    this.#for(item)
    this.#line ??= Buffer.concat([oneLine(json), lineEnd])
    return this.#line
  }

  #for(item: Uint8Array): void {
    if (this.#item === item) return
    this.#item = item
    this.#event = undefined
    this.#line = undefined
  }
}

const lineEnd = Uint8Array.of(newline)

function eventOf(json: Uint8Array, number: number): Uint8Array {
  return Buffer.concat([Buffer.from(`id: ${number}\ndata: `), oneLine(json), Buffer.from('\n\n')])
}

// Line ends in JSON are white space: in its texts they are escaped.
function oneLine(json: Uint8Array): Uint8Array {
  if (!json.includes(newline) && !json.includes(returned)) return json
  return json.map((byte) => (byte === newline || byte === returned ? space : byte))
}

const space = 0x20

/** How items are written into an answer. */
export interface StreamOptions {
  readonly form: 'events' | 'lines'
  readonly response: ServerResponse
  readonly frames: Frames
  /** Do the items have their numbers in front, as those of topics do? */
  readonly numbered: boolean
  /** Makes JSON of an item, where it is none. */
  readonly convert: ((item: Uint8Array) => Uint8Array) | undefined
  /** The number of the last item that was seen before, on another connection. */
  readonly after: number | undefined
  /** Bytes that may wait in the connection before it takes no more. */
  readonly softBytes: number
  readonly ended: () => void
}

/** The items of an answer, as server-sent events or as lines of JSON. What was dropped between them is announced. */
export class Items implements ItemsSink {
  readonly #options: StreamOptions
  #number: number | undefined
  #over = false

  constructor(options: StreamOptions) {
    this.#options = options
    this.#number = options.after
  }

  get ready(): boolean {
    const { response, softBytes } = this.#options
    return !response.writableNeedDrain || response.writableLength < softBytes
  }

  item(bytes: Uint8Array): void {
    const { form, response, frames, numbered, convert } = this.#options
    const value = numbered ? bytes.subarray(numberBytes) : bytes
    const json = convert ? convert(value) : value
    const number = numbered ? readNumber(bytes) : (this.#number ?? 0) + 1
    if (numbered) this.#gap(number)
    this.#number = number
    response.write(form === 'events' ? frames.event(bytes, json, number) : frames.line(bytes, json))
  }

  ended(): void {
    this.#end('event: end\ndata: {}\n\n', '')
  }

  failed(error: RpcError): void {
    const body = errorBody(error, mostText)
    this.#end(`event: error\ndata: ${body}\n\n`, `{"$error":${body}}\n`)
  }

  /** Nothing was sent for long: proxies, and peers that are gone, are to notice. */
  quiet(): void {
    if (this.#options.form === 'events' && !this.#over) this.#options.response.write(':\n\n')
  }

  #gap(number: number): void {
    const last = this.#number
    if (last === undefined || number <= last + 1) return
    const missed = number - last - 1
    const { form, response } = this.#options
    response.write(form === 'events' ? `event: gap\ndata: {"missed":${missed}}\n\n` : `{"$gap":${missed}}\n`)
  }

  #end(event: string, line: string): void {
    if (this.#over) return
    this.#over = true
    const { form, response, ended } = this.#options
    response.end(form === 'events' ? event : line)
    ended()
  }
}

import type { ClientRequest, IncomingMessage } from 'node:http'
import { type Codec, RpcError } from '@hawser/contract'
import { lostError, numberBytes, numberedHeader, writeNumber } from '@hawser/wire'
import { converted } from '../forms.js'
import { eventsType, linesType } from '../media.js'
import { badFrame, parsed, toldError } from './errors.js'
import { EventReader, type ServerEvent } from './event-reader.js'
import { ItemQueue } from './item-queue.js'
import { RequestCall } from './request.js'
import { Silence } from './silence.js'

const newline = Uint8Array.of(0x0a)

/** A call with items: those of an answer come as server-sent events, those of a request go as lines of JSON. */
export class StreamCall extends RequestCall {
  #number = 0
  #drained: (() => void) | undefined
  #source: AsyncIterator<Uint8Array> | undefined
  #convert: ((json: Uint8Array) => Uint8Array) | undefined
  #silence: Silence | undefined

  get #sendsItems(): boolean {
    return this.call.kind === 'client-stream' || this.call.kind === 'duplex'
  }

  get #getsItems(): boolean {
    return this.call.kind === 'server-stream' || this.call.kind === 'duplex'
  }

  override send(): void {
    const { layouts } = this.calling
    if (this.call.codec !== 'json' && this.#getsItems)
      this.#convert = converted(layouts.codec('json'), layouts.codec(this.call.codec))
    if (this.#getsItems) {
      const { clock, limits } = this.calling.head
      this.#silence = new Silence(clock, limits, (reason) => this.fail(reason))
    }
    super.send()
  }

  protected override body(): Uint8Array | undefined {
    return this.#sendsItems ? undefined : super.body()
  }

  protected override get bodyType(): string {
    return this.#sendsItems ? linesType : super.bodyType
  }

  protected override get accept(): string {
    return this.#getsItems ? eventsType : super.accept
  }

  protected override write(request: ClientRequest): void {
    request.on('drain', () => this.#drained?.())
    request.on('close', () => this.#drained?.())
    this.#sendItems(request).catch((error: unknown) =>
      this.fail(RpcError.from(error, 'aborted', { reason: 'cancelled' })),
    )
  }

  protected override stop(reason: RpcError): void {
    super.stop(reason)
    this.#endSource()
  }

  protected override release(): void {
    super.release()
    this.#silence?.end()
    this.#endSource()
  }

  protected override succeeded(answer: IncomingMessage): void {
    if (!this.#getsItems) {
      super.succeeded(answer)
      return
    }
    if (!answer.headers['content-type']?.startsWith(eventsType)) throw badFrame('The answer is no sequence')
    const { calling } = this
    const queue = new ItemQueue(
      {
        pause: () => {
          this.#silence?.pause()
          answer.pause()
        },
        resume: () => {
          this.#silence?.resume()
          answer.resume()
        },
        stop: () => this.fail(new RpcError('cancelled', 'The consumer stopped', { reason: 'cancelled' })),
      },
      calling.window,
    )
    this.queue = queue
    const numbered = this.call.headers.has(numberedHeader)
    const events = new EventReader(calling.receiveBytes, (event) => this.#event(event, numbered))
    const headers = this.headersOf(answer)
    this.replied(headers ? { headers, output: queue } : { output: queue })
    answer.on('data', (bytes: Uint8Array) => {
      if (!queue.open) return
      this.#silence?.heard()
      try {
        events.push(bytes)
      } catch (error) {
        this.fail(RpcError.from(error, 'internal').with({ executed: 'yes' }))
      }
    })
    // A sequence that is whole says so.
    answer.on('end', () => this.fail(lostError()))
  }

  #event({ name, id, data }: ServerEvent, numbered: boolean): void {
    const { queue } = this
    if (!queue?.open) return
    switch (name) {
      case '':
      case 'message':
        queue.push(this.#item(data, id, numbered))
        break
      case 'end':
        queue.end()
        this.release()
        break
      case 'error':
        this.fail(
          toldError(parsed(data), this.calling.layouts.find(this.call.codec)) ??
            badFrame('The sequence broke'),
        )
        break
      case 'gap':
        // Whoever asked for numbers sees it by them.
        if (!numbered)
          this.fail(
            new RpcError('resource_exhausted', 'This side was too slow: messages were dropped', {
              reason: 'slow_consumer',
              executed: 'yes',
              retryable: true,
            }),
          )
        break
      default:
    }
  }

  #item(json: Uint8Array, id: string, numbered: boolean): Uint8Array {
    const value = this.#convert ? this.#convert(json) : json
    if (!numbered) return value
    this.#number = /^\d{1,15}$/.test(id) ? Number(id) : this.#number + 1
    const item = new Uint8Array(numberBytes + value.length)
    writeNumber(item, this.#number)
    item.set(value, numberBytes)
    return item
  }

  async #sendItems(request: ClientRequest): Promise<void> {
    const { input, codec } = this.call
    const convert = codec === 'json' ? undefined : this.#toJson()
    const source = (input as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
    this.#source = source
    for (;;) {
      const next = await source.next()
      if (this.over) return
      if (next.done) break
      const json = convert ? convert(next.value) : next.value
      if (json.length === 0)
        throw new RpcError('invalid_argument', 'Nothing at all cannot be an item', { reason: 'bad_payload' })
      if (request.write(Buffer.concat([oneLine(json), newline])) || this.over) continue
      await new Promise<void>((resolve) => {
        this.#drained = resolve
      })
    }
    this.#source = undefined
    request.end()
  }

  // A source that is in the middle of something closes when it comes to its end, for which nobody waits.
  #endSource(): void {
    const source = this.#source
    this.#source = undefined
    this.#drained?.()
    try {
      source?.return?.().catch(() => undefined)
    } catch {
      // What a source does on its way out no longer concerns the call.
    }
  }

  #toJson(): (bytes: Uint8Array) => Uint8Array {
    const { layouts } = this.calling
    const from: Codec = layouts.codec(this.call.codec)
    return converted(from, layouts.codec('json'))
  }
}

// Line ends in JSON are white space: in its texts they are escaped.
function oneLine(json: Uint8Array): Uint8Array {
  if (!json.includes(0x0a) && !json.includes(0x0d)) return json
  return json.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte))
}

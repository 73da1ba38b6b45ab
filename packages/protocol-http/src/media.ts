import type { ProtocolContext } from '@hawser/contract'

/** What a body is: a value in a codec, the bytes of a value as they are, or a sequence of values. */
export interface Media {
  readonly kind: 'codec' | 'bin' | 'events' | 'lines'
  /** Of the value, or of each of the sequence. Empty for `bin`. */
  readonly codec: string
  /** What it is called in a reply. */
  readonly type: string
}

/** A media range of an Accept header. */
interface Range {
  readonly type: string
  readonly quality: number
}

export const eventsType = 'text/event-stream'
export const linesType = 'application/x-ndjson'
export const binType = 'application/octet-stream'

const remembered = 64

/** The media types of a stack: those of its codecs, and those that are made of them. */
export class MediaTypes {
  readonly #byType = new Map<string, Media>()
  readonly #byCodec = new Map<string, Media>()
  readonly #ranges = new Map<string, readonly Range[]>()
  /** Bytes as they are. */
  readonly bin: Media = { kind: 'bin', codec: '', type: binType }
  /** What is answered with where nothing is asked for. */
  readonly preferred: Media

  constructor(context: ProtocolContext) {
    for (const codec of context.codecs)
      this.#add(codec, context.codec?.(codec)?.contentType ?? `application/${codec}`)
    this.#byType.set(binType, this.bin)
    if (this.#byCodec.has('json')) {
      this.#byType.set('text/plain', { kind: 'codec', codec: 'json', type: 'text/plain; charset=utf-8' })
      this.#byType.set(eventsType, { kind: 'events', codec: 'json', type: eventsType })
      for (const type of [linesType, 'application/ndjson', 'application/jsonl'])
        this.#byType.set(type, { kind: 'lines', codec: 'json', type })
    }
    if (this.#byCodec.has('msgpack'))
      for (const type of ['application/x-msgpack', 'application/msgpack', 'application/vnd.msgpack'])
        this.#byType.set(type, { kind: 'codec', codec: 'msgpack', type })
    this.preferred = this.#byCodec.get('json') ?? this.#byCodec.get(context.codecs[0]!)!
  }

  /** A type to try, for those who sent none that would do. */
  get hint(): string {
    const { codec, type } = this.preferred
    return codec === 'json' ? `${type}, as curl --json does` : type
  }

  /** What a Content-Type names; undefined where it is none of ours. */
  named(contentType: string): Media | undefined {
    return this.#byType.get(contentType) ?? this.#byType.get(bare(contentType))
  }

  /** The media type of a codec's values. */
  ofCodec(codec: string): Media | undefined {
    return this.#byCodec.get(codec)
  }

  /**
   * What an Accept header asks for, of those that will do, the first as good as any.
   * @returns undefined where none will do
   */
  wanted(accept: string | undefined, usable: readonly Media[]): Media | undefined {
    if (accept === undefined || accept === '*/*') return usable[0]
    let best: Media | undefined
    let quality = 0
    const ranges = this.#rangesOf(accept)
    for (const media of usable) {
      const judged = qualityOf(bare(media.type), ranges)
      if (judged > quality) {
        best = media
        quality = judged
      }
    }
    return best
  }

  /** All that a reply can be. */
  all(): Iterable<Media> {
    return this.#byType.values()
  }

  #add(codec: string, type: string): void {
    const media: Media = { kind: 'codec', codec, type }
    this.#byType.set(bare(type), media)
    this.#byCodec.set(codec, media)
  }

  // Clients send the same few. What a peer makes up anew each time must not be kept.
  #rangesOf(accept: string): readonly Range[] {
    let ranges = this.#ranges.get(accept)
    if (!ranges) {
      ranges = accept.split(',').map(rangeOf)
      if (this.#ranges.size >= remembered) this.#ranges.clear()
      this.#ranges.set(accept, ranges)
    }
    return ranges
  }
}

function bare(type: string): string {
  const end = type.indexOf(';')
  return (end < 0 ? type : type.slice(0, end)).trim().toLowerCase()
}

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';')
  const quality = parameters.map((each) => each.trim()).find((each) => /^q=/i.test(each))
  const number = quality === undefined ? 1 : Number(quality.slice(2))
  return { type: type.trim().toLowerCase(), quality: number >= 0 && number <= 1 ? number : 0 }
}

// The range that says most of a type decides.
function qualityOf(type: string, ranges: readonly Range[]): number {
  const family = `${type.slice(0, type.indexOf('/'))}/*`
  for (const wanted of [type, family, '*/*']) {
    const range = ranges.find((each) => each.type === wanted)
    if (range) return range.quality
  }
  return 0
}

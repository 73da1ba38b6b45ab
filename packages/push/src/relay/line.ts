import type { RelayChannel } from './channel.js'
import { Batch, type Frame, framesOf, Kind } from './frames.js'
import type { RelaySettings } from './settings.js'

// A turn's frames are posted together, unless they grow past this.
const flushBytes = 262_144

/** What a line is told. */
export interface LineOwner {
  frame(line: Line, frame: Frame): void
  /** What came was none of a relay's. */
  malformed(line: Line): void
  /** Less is under way than was. */
  eased(line: Line): void
  closed(line: Line): void
}

/**
 * One side of a channel: collects the frames of a turn, and counts what is under way until the other side says that it has
 * dealt with it.
 */
export class Line {
  readonly #channel: RelayChannel
  readonly #settings: RelaySettings
  readonly #owner: LineOwner
  readonly #batch = new Batch()
  // Bytes of each message under way, the first first.
  #underWay: number[] = []
  #first = 0
  #bytes = 0
  #owed = 0
  #scheduled = false
  #open = true
  #ready: boolean

  /** @param first says that it is there, and sends nothing else before the other side has: who listens first is not known */
  constructor(channel: RelayChannel, settings: RelaySettings, owner: LineOwner, first: number) {
    this.#ready = first === Kind.ready
    this.#channel = channel
    this.#settings = settings
    this.#owner = owner
    channel.start(
      (message) => this.#received(message),
      () => this.#lost(),
    )
    this.greet(first)
  }

  /** Says at once that this side is there. */
  greet(kind: number): void {
    const greeting = new Batch()
    greeting.add(kind, '', 0)
    this.#channel.post(greeting.take())
  }

  get open(): boolean {
    return this.#open
  }

  /** Messages under way. */
  get count(): number {
    return this.#underWay.length - this.#first
  }

  /** Has the other side as much to deal with as it should? */
  get full(): boolean {
    return this.count >= this.#settings.window || this.#bytes >= this.#settings.windowBytes
  }

  /** Has it far more? */
  get overflowing(): boolean {
    const { window, windowBytes } = this.#settings
    return this.count >= 4 * window || this.#bytes >= 4 * windowBytes
  }

  send(kind: number, path: string, number = 0, codec?: string, body?: Uint8Array): void {
    if (!this.#open) return
    if (body) {
      this.#underWay.push(body.length)
      this.#bytes += body.length
    }
    this.#batch.add(kind, path, number, codec, body)
    if (this.#batch.size >= flushBytes) this.#flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      this.#settings.clock.soon(() => {
        this.#scheduled = false
        this.#flush()
      })
    }
  }

  /** A message of the other side will have been dealt with once `settle` is called. */
  owe(): void {
    this.#owed++
  }

  /** What is owed is dealt with. */
  settle(): void {
    const owed = this.#owed
    this.#owed = 0
    if (owed > 0) this.send(Kind.taken, '', owed)
  }

  /** Sends what is left, as soon as the other side is there, and nothing more. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    if (this.#ready) {
      this.#flush()
      this.#channel.stop()
    }
  }

  #flush(): void {
    if (this.#ready && this.#batch.size > 0) this.#channel.post(this.#batch.take())
  }

  #received(message: unknown): void {
    const frames = message instanceof Uint8Array ? framesOf(message, this.#settings.messageBytes) : undefined
    if (!frames) {
      this.#owner.malformed(this)
      return
    }
    for (const frame of frames)
      if (frame.kind === Kind.ready) this.#begin()
      else if (!this.#open) return
      else if (frame.kind === Kind.taken) this.#taken(frame.number)
      else this.#owner.frame(this, frame)
  }

  // The other side is there. One that closed meanwhile has still to send what it had.
  #begin(): void {
    if (this.#ready) return
    this.#ready = true
    this.#flush()
    if (!this.#open) this.#channel.stop()
  }

  #taken(count: number): void {
    if (count > this.count) {
      this.#owner.malformed(this)
      return
    }
    for (let left = count; left > 0; left--) this.#bytes -= this.#underWay[this.#first++]!
    if (this.#first === this.#underWay.length || this.#first >= 1_024) {
      this.#underWay = this.#underWay.slice(this.#first)
      this.#first = 0
    }
    this.#owner.eased(this)
  }

  #lost(): void {
    if (!this.#open) return
    this.#open = false
    this.#owner.closed(this)
  }
}

import type { Clock, RpcError } from '@hawser/contract'
import { type End, type Link, lost } from './end.js'

/** Something that goes wrong in one direction of a connection, when its byte number `at` (from 0) is sent. */
export interface Fault {
  /** So many bytes arrive before it. */
  readonly at: number
  /**
   * `end`: both sides see a clean end. `reset`: both see the connection break. `silence`: nothing arrives any more, and
   * nobody is told. `corrupt`: one bit of that byte is flipped, and all goes on.
   */
  readonly kind: 'end' | 'reset' | 'silence' | 'corrupt'
}

/** The nature of a link. */
export interface LinkNature {
  readonly clock: Clock
  /** Numbers in [0, 1), repeatable. */
  readonly random: () => number
  /** From and to how many milliseconds a delivery takes. Order is kept. */
  readonly delayMs: readonly [number, number]
  /** As it was sent, every byte by itself, or joined and cut at random. */
  readonly split: 'none' | 'bytes' | 'random'
  /** The probability that a send breaks the connection. */
  readonly loss: number
  readonly faults: readonly Fault[]
  readonly boundaries: 'stream' | 'message'
}

interface Parcel {
  readonly at: number
  readonly bytes: Uint8Array | undefined
  readonly error?: RpcError | undefined
  /** Ends the link's twin as well: the cable is cut, not one side done. */
  readonly cut?: boolean
}

/** A link with a distance and with faults. */
export class SimulatedLink implements Link {
  inTransit = 0
  /** The link of the other direction; a cut ends both. */
  twin: SimulatedLink | undefined
  readonly #from: End
  readonly #to: End
  readonly #nature: LinkNature
  readonly #faults: Fault[]
  #parcels: Parcel[] = []
  #offset = 0
  #latest = 0
  #armed = false
  #state: 'carrying' | 'silent' | 'cut' = 'carrying'

  constructor(from: End, to: End, nature: LinkNature) {
    this.#from = from
    this.#to = to
    this.#nature = nature
    this.#faults = [...nature.faults].sort((a, b) => a.at - b.at)
  }

  carry(bytes: Uint8Array): void {
    if (this.#state === 'cut') return
    // Bytes sent into silence are never acknowledged, so they stay queued for their sender.
    this.inTransit += bytes.length
    if (this.#state === 'silent') return
    const start = this.#offset
    this.#offset += bytes.length
    if (this.#nature.loss > 0 && this.#nature.random() < this.#nature.loss)
      this.#faults.unshift({ at: start, kind: 'reset' })
    while (this.#state === 'carrying' && this.#faults.length > 0 && this.#faults[0]!.at < this.#offset) {
      const { at, kind } = this.#faults.shift()!
      const place = Math.max(0, at - start)
      if (kind === 'corrupt') bytes[place]! ^= 1 << Math.floor(this.#nature.random() * 8)
      else this.#breakAt(bytes, place, kind)
    }
    if (this.#state === 'carrying') this.#post({ at: this.#arrival(), bytes })
  }

  end(error?: RpcError): void {
    if (this.#state === 'carrying') this.#post({ at: this.#arrival(), bytes: undefined, error })
  }

  #breakAt(bytes: Uint8Array, place: number, kind: 'end' | 'reset' | 'silence'): void {
    const before = this.#nature.boundaries === 'message' ? 0 : place
    if (before > 0) this.#post({ at: this.#arrival(), bytes: bytes.subarray(0, before) })
    if (kind === 'silence') {
      this.#state = 'silent'
      return
    }
    this.#state = 'cut'
    this.inTransit -= bytes.length - before
    this.#post({
      at: this.#arrival(),
      bytes: undefined,
      error: kind === 'reset' ? lost() : undefined,
      cut: true,
    })
  }

  #arrival(): number {
    const [least, most] = this.#nature.delayMs
    const delay = most > least ? least + this.#nature.random() * (most - least) : least
    this.#latest = Math.max(this.#latest, this.#nature.clock.now() + delay)
    return this.#latest
  }

  #post(parcel: Parcel): void {
    this.#parcels.push(parcel)
    this.#arm()
  }

  #arm(): void {
    const first = this.#parcels[0]
    if (this.#armed || !first) return
    this.#armed = true
    const wait = first.at - this.#nature.clock.now()
    const run = () => {
      this.#armed = false
      this.#unload()
      this.#arm()
    }
    if (wait > 0) this.#nature.clock.timer(wait, run)
    else this.#nature.clock.soon(run)
  }

  #unload(): void {
    const now = this.#nature.clock.now()
    let due = this.#parcels.findIndex((parcel) => parcel.at > now)
    if (due < 0) due = this.#parcels.length
    const arrived = this.#parcels.splice(0, due)
    let run: Uint8Array[] = []
    for (const parcel of arrived) {
      if (parcel.bytes) {
        run.push(parcel.bytes)
        continue
      }
      this.#hand(run)
      run = []
      this.#to.arriveEnd(parcel.error)
      if (parcel.cut) this.#cutTwin(parcel.error)
    }
    this.#hand(run)
  }

  #cutTwin(error: RpcError | undefined): void {
    if (this.twin) {
      this.twin.#state = 'cut'
      this.twin.#parcels = []
      this.twin.inTransit = 0
    }
    this.#from.arriveEnd(error)
  }

  #hand(chunks: readonly Uint8Array[]): void {
    for (const piece of pieces(chunks, this.#nature)) {
      this.inTransit -= piece.length
      this.#to.arrive(piece)
    }
  }
}

function* pieces(chunks: readonly Uint8Array[], { split, random }: LinkNature): Iterable<Uint8Array> {
  if (split === 'none') {
    yield* chunks
    return
  }
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let end = 0
  for (const chunk of chunks) {
    all.set(chunk, end)
    end += chunk.length
  }
  for (let offset = 0; offset < all.length; ) {
    const left = all.length - offset
    // The cube makes short pieces common and long ones possible.
    const length = split === 'bytes' ? 1 : 1 + Math.floor(random() ** 3 * left)
    yield all.subarray(offset, offset + length)
    offset += length
  }
}

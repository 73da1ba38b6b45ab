import { joined } from '@hawser/wire'

/**
 * Some frames, one behind the other, as they go to a socket in one piece. Subscribers that get the same frames share one run,
 * and so its bytes: a message is framed once, and a turn's messages are put together once, whatever the number of subscribers.
 */
export class Run {
  /** In bytes. */
  readonly length: number
  readonly #before: Run | undefined
  readonly #last: Uint8Array
  #bytes: Uint8Array | undefined
  // The run that this one and a further frame make: nearly always the same one for all.
  #longer: Run | undefined

  constructor(frame: Uint8Array, before?: Run) {
    this.#last = frame
    this.#before = before
    this.length = frame.length + (before?.length ?? 0)
  }

  /** This run with one more frame. */
  and(frame: Run): Run {
    const known = this.#longer
    if (known && known.#last === frame.#last) return known
    this.#longer = new Run(frame.#last, this)
    return this.#longer
  }

  /** What was added to it is of no use to others any more: who keeps it need not keep that. */
  end(): void {
    this.#longer = undefined
  }

  get bytes(): Uint8Array {
    this.#bytes ??= this.#before ? joined(this.#frames()) : this.#last
    return this.#bytes
  }

  #frames(): Uint8Array[] {
    const frames: Uint8Array[] = []
    for (let run: Run | undefined = this; run; run = run.#before) frames.push(run.#last)
    return frames.reverse()
  }
}

/** What takes from an {@link Inbox}. */
export interface InboxOwner {
  deliver(bytes: Uint8Array): void
  /** So many bytes more may come. */
  grant(bytes: number): void
  /** All is delivered, and no more comes. */
  inputEnded(): void
}

/** What one end has received: held while it does not read, and counted, so that no more comes than it granted. */
export class Inbox {
  /** Set when the other end has said that no more comes. */
  ended = false
  readonly #owner: InboxOwner
  readonly #windowBytes: number
  readonly #deliver: () => void
  #reading = false
  #opened = false
  #scheduled = false
  #allowed = 0
  #taken = 0
  #pieces: Uint8Array[] = []
  #head = 0

  constructor(owner: InboxOwner, windowBytes: number) {
    this.#owner = owner
    this.#windowBytes = windowBytes
    this.#deliver = () => {
      this.#scheduled = false
      this.#empty()
    }
  }

  /** False when the other end may not send this. */
  arrive(pieces: readonly Uint8Array[]): boolean {
    if (this.ended) return false
    for (const piece of pieces) {
      if (this.#allowed <= 0) return false
      this.#allowed -= piece.length
      this.#pieces.push(piece)
    }
    if (!this.#scheduled) this.#empty()
    return true
  }

  arriveEnd(): void {
    this.ended = true
    if (!this.#scheduled) this.#empty()
  }

  pause(): void {
    this.#reading = false
  }

  // Nothing is granted before somebody reads: until then all stays with its sender.
  resume(): void {
    this.#reading = true
    if (!this.#opened) {
      this.#opened = true
      this.#grant(this.#windowBytes)
    }
    if (this.#scheduled || (this.#pieces.length === 0 && !this.ended)) return
    this.#scheduled = true
    queueMicrotask(this.#deliver)
  }

  drop(): void {
    this.#reading = false
    this.#clear()
  }

  #empty(): void {
    while (this.#reading && this.#head < this.#pieces.length) {
      const piece = this.#pieces[this.#head++]!
      if (this.#head === this.#pieces.length) this.#clear()
      this.#taken += piece.length
      if (2 * this.#taken >= this.#windowBytes && !this.ended) {
        this.#grant(this.#taken)
        this.#taken = 0
      }
      this.#owner.deliver(piece)
    }
    if (!this.#reading || !this.ended || this.#pieces.length > 0) return
    this.#reading = false
    this.#owner.inputEnded()
  }

  #grant(bytes: number): void {
    this.#allowed += bytes
    this.#owner.grant(bytes)
  }

  #clear(): void {
    this.#pieces = []
    this.#head = 0
  }
}

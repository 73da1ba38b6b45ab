import { isGiven } from '@hawser/contract'
import type { PortLike } from './port.js'

// What is smaller is gathered until the jobs of the turn are done, since posting costs more than copying it.
const gatherBytes = 16 * 1024
const gatheredMost = 64 * 1024

/** What one end sends: as much as the other end has granted at once, the rest when it grants more. */
export class Outbox {
  /** Bytes that wait for credit. They are the caller's memory, not copies. */
  queued = 0
  readonly #port: PortLike
  readonly #flush: () => void
  // May fall below zero by one message, so that one larger than every grant gets through.
  #credit = 0
  #waiting: Uint8Array[] = []
  // Where in the list the waiting begins: taking from the front of a long array would move all of it.
  #head = 0
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  #scheduled = false

  constructor(port: PortLike) {
    this.#port = port
    this.#flush = () => {
      this.#scheduled = false
      this.#post()
    }
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (this.#credit > 0) {
      this.#take(bytes)
      return
    }
    this.#waiting.push(bytes)
    this.queued += bytes.length
  }

  /** The other end takes so many bytes more. */
  grant(bytes: number): void {
    this.#credit += bytes
    while (this.#credit > 0 && this.#head < this.#waiting.length) {
      const next = this.#waiting[this.#head++]!
      this.queued -= next.length
      this.#take(next)
    }
    if (this.#head < this.#waiting.length) return
    this.#waiting = []
    this.#head = 0
  }

  /** Posts what is gathered, and a word behind it. */
  say(word: string | number): void {
    this.#post()
    this.#port.postMessage(word, [])
  }

  /** Forgets all that is not posted. */
  drop(): void {
    this.#waiting = []
    this.#head = 0
    this.queued = 0
    this.#gathered = []
    this.#gatheredBytes = 0
  }

  #take(bytes: Uint8Array): void {
    this.#credit -= bytes.length
    if (bytes.length >= gatherBytes) {
      if (!isGiven(bytes) || !this.#give(bytes)) this.#post(bytes)
      return
    }
    this.#gathered.push(exact(bytes))
    this.#gatheredBytes += bytes.length
    if (this.#gatheredBytes >= gatheredMost) this.#post()
    else if (!this.#scheduled) {
      this.#scheduled = true
      queueMicrotask(this.#flush)
    }
  }

  // The other end gets memory of its own, moved there and not cloned: a view would take all that lies around it along, and
  // what the caller gave may be part of a buffer in use. Pieces in one buffer lie side by side, which saves joining them.
  #post(last?: Uint8Array): void {
    const pieces = this.#gathered
    if (pieces.length === 0) {
      if (last) this.#move(exact(last).buffer)
      return
    }
    const size = this.#gatheredBytes + (last?.length ?? 0)
    this.#gathered = []
    this.#gatheredBytes = 0
    if (last) pieces.push(last)
    else if (pieces.length === 1) {
      this.#move(pieces[0]!.buffer)
      return
    }
    const joined = new Uint8Array(size)
    let at = 0
    for (const piece of pieces) {
      joined.set(piece, at)
      at += piece.length
    }
    this.#port.postMessage([joined.buffer, ...pieces.map(({ length }) => length)], [joined.buffer])
  }

  // False for memory that is not all the caller's, or that cannot be moved, as a WebAssembly module's cannot.
  #give(bytes: Uint8Array): boolean {
    if (bytes.length < bytes.buffer.byteLength) return false
    this.#post()
    try {
      this.#move(bytes.buffer)
      return true
    } catch {
      return false
    }
  }

  #move(buffer: ArrayBufferLike): void {
    this.#port.postMessage(buffer, [buffer])
  }
}

/** A copy that fills its buffer. */
function exact(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes.length)
  copy.set(bytes)
  return copy
}

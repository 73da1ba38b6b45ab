import type { ServerResponse } from 'node:http'
import { Body } from './body.js'
import type { PlainRequest } from './plain-request.js'

/** Told when this side waits for the peer, and when it does so no longer. */
export interface ReadingOwner {
  reading(): void
  read(): void
}

const nothing = new Uint8Array(0)

/** How the body of one request is read, once: kept, or thrown away. */
export class Reading {
  /** Has all of it come? */
  done = false
  /** Does the peer wait for a word before it sends it? */
  expected: boolean
  readonly #owner: ReadingOwner
  readonly #request: PlainRequest
  readonly #response: ServerResponse
  #stopped = false

  constructor(owner: ReadingOwner, request: PlainRequest, response: ServerResponse, expected: boolean) {
    this.#owner = owner
    this.#request = request
    this.#response = response
    this.expected = expected
  }

  /**
   * @param length bytes; Infinity where they are not told
   * @param most bytes that are taken
   */
  keep(length: number, most: number, taken: (body: Uint8Array) => void, tooLong: () => void): void {
    if (length === 0) {
      this.#finish()
      taken(nothing)
      return
    }
    this.#owner.reading()
    if (this.expected) this.#response.writeContinue()
    this.expected = false
    const body = new Body()
    const finish = () => {
      if (this.done || this.#stopped) return
      this.#finish()
      taken(body.bytes)
    }
    this.#request.consume({
      piece: (piece) => {
        if (this.done || this.#stopped) return
        body.add(piece)
        if (body.length > most) tooLong()
      },
      ended: finish,
    })
  }

  /** Reads it to its end for nothing. */
  discard(length: number, done: () => void): void {
    if (length === 0 || this.done) {
      this.#finish()
      done()
      return
    }
    this.#owner.reading()
    this.#request.consume({
      piece() {},
      ended: () => {
        if (this.#stopped) return
        this.#finish()
        done()
      },
    })
  }

  /** Whatever still comes does not count. */
  stop(): void {
    this.#stopped = true
  }

  #finish(): void {
    this.done = true
    this.#owner.read()
  }
}

import { numberBytes, readNumber } from '@hawser/wire'
import type { Flushable, Flusher } from './flusher.js'
import type { Form } from './form.js'
import type { Framing } from './framing.js'
import { Run } from './run.js'

/** A message of a topic, ready for sockets. */
export interface Shaped {
  readonly number: number
  /** Its frame, where none is missing before it. */
  readonly run: Run
}

/**
 * Makes frames of the numbered messages of one topic in one form, each once: a topic hands all of its subscribers the same
 * bytes, by which it is known again.
 */
export class Shaper implements Flushable {
  readonly form: Form
  readonly #framing: Framing
  readonly #flusher: Flusher
  readonly #known = new WeakMap<Uint8Array, Shaped>()
  // A message goes to all subscribers before the next does, so that nearly always it is the one asked for before.
  #item: Uint8Array | undefined
  #shaped: Shaped | undefined
  #used: Shaped[] = []
  // Of the round before: who was scheduled behind this shaper may still add to them.
  #before: Shaped[] = []

  constructor(form: Form, framing: Framing, flusher: Flusher) {
    this.form = form
    this.#framing = framing
    this.#flusher = flusher
  }

  /** @throws RpcError for an item without a number */
  shaped(item: Uint8Array): Shaped {
    if (item === this.#item) return this.#shaped!
    let shaped = this.#known.get(item)
    if (!shaped) {
      const number = readNumber(item)
      shaped = { number, run: this.gap(item, number, 0) }
      this.#known.set(item, shaped)
    }
    if (this.#used.push(shaped) === 1 && this.#before.length === 0) this.#flusher.schedule(this)
    this.#item = item
    this.#shaped = shaped
    return shaped
  }

  /** A message of which some before it are missing, and so one subscriber's only. */
  gap(item: Uint8Array, number: number, missed: number): Run {
    return this.alone(item.subarray(numberBytes), number, missed)
  }

  /** An item of a stream that is no topic. */
  alone(value: Uint8Array, number: number, missed: number): Run {
    return new Run(this.#framing.frame(this.form.payload(value, number, missed), this.form.text))
  }

  /** A round is over: messages that wait for slow subscribers hold no more than themselves. */
  flush(): void {
    for (const { run } of this.#before) run.end()
    this.#before = this.#used
    this.#used = []
    this.#item = undefined
    this.#shaped = undefined
    if (this.#before.length > 0) this.#flusher.schedule(this)
  }
}

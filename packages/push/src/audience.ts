import type { Codec } from '@hawser/contract'
import { numberBytes } from '@hawser/wire'
import { Message } from './message.js'
import type { Subscriber } from './subscriber.js'

/** The subscribers who take messages in one codec. */
export class Audience {
  readonly codec: Codec
  #subscribers: (Subscriber | undefined)[] = []
  #size = 0
  #delivering = false

  /** @param codec of the values of the topic */
  constructor(codec: Codec) {
    this.codec = codec
  }

  get size(): number {
    return this.#size
  }

  /** @throws what the codec says of a value that cannot travel */
  encode(value: unknown, number: number): Message {
    return new Message(number, this.codec.encode(value, numberBytes))
  }

  add(subscriber: Subscriber): void {
    subscriber.place = this.#subscribers.push(subscriber) - 1
    this.#size++
  }

  remove(subscriber: Subscriber): void {
    const { place } = subscriber
    if (this.#subscribers[place] !== subscriber) return
    this.#size--
    if (this.#delivering) this.#subscribers[place] = undefined
    else this.#fill(place)
  }

  /** To all who are there when it begins; they may leave meanwhile. */
  deliver(message: Message): void {
    if (this.#size === 0) return
    const subscribers = this.#subscribers
    const { length } = subscribers
    this.#delivering = true
    for (let index = 0; index < length; index++) subscribers[index]?.deliver(message)
    this.#delivering = false
    if (this.#size < subscribers.length)
      for (let index = subscribers.length - 1; index >= 0; index--) if (!subscribers[index]) this.#fill(index)
  }

  all(): Subscriber[] {
    return this.#subscribers.filter((subscriber) => subscriber !== undefined)
  }

  // The last takes the place.
  #fill(place: number): void {
    const last = this.#subscribers.pop()
    if (!last || place === this.#subscribers.length) return
    this.#subscribers[place] = last
    last.place = place
  }
}

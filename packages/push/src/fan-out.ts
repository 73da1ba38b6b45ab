import type { Codec, RpcError, Type } from '@hawser/contract'
import { frameHeadBytes, type MethodLayout, numberBytes, type Runtime } from '@hawser/wire'
import { Audience } from './audience.js'
import { converted } from './convert.js'
import { cannotTravel, tooLarge } from './failures.js'
import { Message } from './message.js'
import type { Subscriber } from './subscriber.js'

/** A message in each codec that somebody takes it in, in the order of the audiences; or why those of one cannot have it. */
export type Round = readonly (Message | RpcError | undefined)[]

/** What the fan-out of a topic works with. */
export interface FanOutOptions {
  readonly path: string
  readonly runtime: Runtime
  readonly layout: MethodLayout
  /** Convert to this, where a value is not of it. */
  readonly convertTo: Type | undefined
}

/** Lays each message out once for each codec, and sends it to all. */
export class FanOut {
  readonly #options: FanOutOptions
  // The first one has the codec that a message has to travel in, whoever listens; the others, those that subscribers chose.
  readonly #audiences: Audience[]
  #rounds: Round[] | undefined

  constructor(options: FanOutOptions) {
    this.#options = options
    const { layout, runtime } = options
    const codec = [...runtime.codecs.values()].find((codec) => layout.fits(codec))
    this.#audiences = [new Audience(layout.of(codec!).output)]
  }

  /** The codec that every message has to travel in. */
  get codec(): Codec {
    return this.#audiences[0]!.codec
  }

  add(subscriber: Subscriber, codec: Codec): void {
    let audience = this.#audiences.find((audience) => audience.codec === codec)
    if (!audience) {
      audience = new Audience(codec)
      this.#audiences.push(audience)
    }
    audience.add(subscriber)
  }

  remove(subscriber: Subscriber): void {
    for (const audience of this.#audiences) audience.remove(subscriber)
  }

  everybody(): Subscriber[] {
    return this.#audiences.flatMap((audience) => audience.all())
  }

  /**
   * A message in the codec that it has to travel in.
   * @throws RpcError where it cannot, or is too large
   */
  lay(value: unknown, number: number): Message {
    const message = this.#encode(this.#audiences[0]!, value, number)
    const { path, runtime } = this.#options
    const most = runtime.limits.sendBytes - frameHeadBytes - numberBytes
    if (message.bytes > most) throw tooLarge(path, message.bytes, most)
    return message
  }

  /** The same message in the codecs of all. */
  round(value: unknown, message: Message): Round {
    if (this.#audiences.length === 1) return [message]
    return this.#audiences.map((audience, index) => {
      if (index === 0) return message
      return audience.size > 0 ? this.#try(audience, value, message.number) : undefined
    })
  }

  /**
   * A message that was laid out elsewhere, in the codecs of all.
   * @param body with its number in front
   */
  relayed(number: number, codec: string, body: Uint8Array): Round {
    let message: Message | undefined
    let decoded: { readonly value: unknown } | undefined | null = null
    return this.#audiences.map((audience) => {
      if (audience.size === 0) return undefined
      if (audience.codec.name === codec) {
        message ??= new Message(number, body)
        return message
      }
      if (decoded === null) decoded = this.#decode(codec, body)
      return decoded && this.#try(audience, decoded.value, number)
    })
  }

  // What is published from inside, by a callback, comes behind what is on its way.
  send(round: Round): void {
    if (this.#rounds) {
      this.#rounds.push(round)
      return
    }
    this.#rounds = [round]
    try {
      for (let next = this.#rounds.shift(); next; next = this.#rounds.shift())
        for (let index = 0; index < next.length; index++) {
          const message = next[index]
          const audience = this.#audiences[index]!
          if (message instanceof Message) audience.deliver(message)
          else if (message) for (const subscriber of audience.all()) subscriber.fail(message)
        }
    } finally {
      this.#rounds = undefined
    }
  }

  #encode(audience: Audience, value: unknown, number: number): Message {
    const { convertTo, runtime } = this.#options
    try {
      return audience.encode(value, number)
    } catch (error) {
      if (!convertTo) throw error
      const other = converted(value, convertTo, runtime.codecs.values())
      if (other === undefined) throw error
      return audience.encode(other, number)
    }
  }

  // What the first codec cannot carry is the publisher's fault; what another cannot is its subscribers', who chose it.
  // They are told when it is their turn: whoever hears that they left may publish.
  #try(audience: Audience, value: unknown, number: number): Message | RpcError {
    try {
      return this.#encode(audience, value, number)
    } catch (error) {
      const failure = cannotTravel(this.#options.path, audience.codec.name, error)
      this.#report('topic_no_codec', failure.message, error)
      return failure
    }
  }

  #decode(name: string, body: Uint8Array): { readonly value: unknown } | undefined {
    const { layout, runtime } = this.#options
    const codec = runtime.codecs.get(name)
    try {
      if (!codec) throw new TypeError(`There is no codec ${name}`)
      return { value: layout.of(codec).output.decode(body.subarray(numberBytes)) }
    } catch (error) {
      this.#report('topic_bad_payload', 'A relayed message cannot be read', error)
      return undefined
    }
  }

  #report(event: string, message: string, error: unknown): void {
    const { path, runtime } = this.#options
    runtime.count(event)
    runtime.log({ level: 'warn', event, message, method: path, error })
  }
}

import type { Call, Cancel, Codec, MethodType, Peer, Reply, RpcError, Type } from '@hawser/contract'
import type { Registration, Server } from '@hawser/server'
import { frameHeadBytes, MethodLayout, numberBytes, type Runtime } from '@hawser/wire'
import { Audience } from './audience.js'
import { converted } from './convert.js'
import {
  cannotTravel,
  closedTopic,
  drainingTopic,
  noCodec,
  noRoom,
  slowError,
  tooLarge,
  tooManySubscriptions,
} from './failures.js'
import type { Message } from './message.js'
import type { TopicOptions, TypedTopicOptions } from './options.js'
import { type Mark, policies } from './policy.js'
import { Room } from './room.js'
import { Subscriber, type SubscriberOwner } from './subscriber.js'
import { type Topics, topicsOf } from './topics.js'

/** A path that messages are published to. Made by {@link topic}. */
export class Topic<T = unknown> implements SubscriberOwner, AsyncDisposable {
  readonly path: string
  readonly mark: Mark
  readonly #runtime: Runtime
  readonly #options: TopicOptions
  readonly #topics: Topics
  readonly #layout: MethodLayout
  // The codec that a message has to travel in, whoever listens; then those that subscribers have chosen.
  readonly #audiences: Audience[]
  readonly #registration: Registration
  readonly #room: Room
  #sequence = 0
  #size = 0
  #rounds: (Message | undefined)[][] | undefined
  #judged: Subscriber[] = []
  #draining = false
  #ended: Promise<void> | undefined
  #allLeft: (() => void) | undefined

  /** @throws TypeError for options that make no topic, or a path that is malformed or taken */
  constructor(server: Server, path: string, options: TopicOptions) {
    const { runtime } = server
    const { limits, clock } = runtime
    const { type, patienceMs = limits.writeStallMs } = options
    checkPath(path, limits.topicTokens)
    this.path = path
    this.mark = markOf(options, limits.subscriberMessages, limits.subscriberBytes)
    this.#runtime = runtime
    this.#options = options
    this.#topics = topicsOf(server)
    const methodType: MethodType = { kind: 'server-stream', ...(type ? { output: type } : { untyped: true }) }
    this.#layout = new MethodLayout(methodType)
    this.#room = new Room({
      clock,
      patienceMs,
      mostWaiters: limits.serverQueue,
      tooLong: (subscriber) => {
        if (this.mark.policy === 'block') subscriber.fail(slowError(path, `no room for ${patienceMs} ms`))
      },
      overflow: () => noRoom(path),
    })
    this.#registration = server.register({
      name: path,
      type: methodType,
      topic: true,
      safe: true,
      form: options.form ?? formOf(type),
      handler: (call) => this.#subscribe(call),
      removed: () => this.#end(closedTopic(path, 'it was removed')),
      closing: () => this.#drain(),
    })
    const codec = [...runtime.codecs.values()].find((codec) => this.#layout.fits(codec))
    this.#audiences = [new Audience(this.#layout.of(codec!).output)]
    this.#topics.byPath.set(path, this)
  }

  /** How many subscribers there are. */
  get size(): number {
    return this.#size
  }

  /** The number of the last message published; the first one has number 1. */
  get sequence(): number {
    return this.#sequence
  }

  /** Is it over? Then nothing can be published any more. */
  get closed(): boolean {
    return this.#ended !== undefined
  }

  /**
   * Sends a message to all who have subscribed: at most once to each, in the order of these calls. Nobody gets one that
   * cannot be laid out.
   * @returns false when somebody has no room for the next one: then {@link ready} tells when everybody has
   * @throws RpcError for a value that cannot travel, or is too large; with the policy `block` also `resource_exhausted` where
   *   somebody has no room. TypeError when the topic is closed.
   */
  publish(value: T): boolean {
    this.#checkOpen()
    if (this.mark.policy === 'block' && !this.#room.free) throw noRoom(this.path)
    const round = this.#lay(value)
    this.#sequence++
    this.#send(round)
    return this.#room.free
  }

  /**
   * Resolves when every subscriber has room for a message. Who has none for `patienceMs` is waited for no longer: the
   * policy decides.
   */
  ready(options: Cancel = {}): Promise<void> {
    return this.#closedOr(() => this.#room.wait(() => undefined, options))
  }

  /**
   * Publishes once every subscriber has room, in the order of these calls. Who has none for `patienceMs` is waited for no
   * longer: the policy decides.
   * @throws as {@link publish}; RpcError `resource_exhausted` when too many wait already
   */
  publishWhenReady(value: T, options: Cancel = {}): Promise<void> {
    return this.#closedOr(() => this.#room.wait(() => void this.publish(value), options))
  }

  /**
   * Removes the topic. Subscribers get what waits for them, then an error that says do not retry. Resolves when all have
   * been told, within 25 s. Idempotent.
   */
  close(reason = 'its publisher closed it'): Promise<void> {
    this.#end(closedTopic(this.path, reason))
    this.#registration.remove()
    return this.#ended!
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // ---- for the subscribers ------------------------------------------------------------------------------------

  dropped(): void {
    this.#runtime.count('topic_dropped')
  }

  full(subscriber: Subscriber, is: boolean): void {
    this.#room.set(subscriber, is)
  }

  judgeLater(subscriber: Subscriber): void {
    if (this.#judged.push(subscriber) > 1) return
    this.#runtime.clock.soon(() => {
      const judged = this.#judged
      this.#judged = []
      for (const each of judged) each.judge()
    })
  }

  missed(subscriber: Subscriber, count: number): unknown {
    const codec = this.#runtime.codecs.get(subscriber.codec)
    return codec && !codec.needsType ? codec.encode({ missed: count }) : undefined
  }

  left(subscriber: Subscriber, reason: RpcError): void {
    this.#size--
    for (const audience of this.#audiences) audience.remove(subscriber)
    if (subscriber.peer) this.#topics.left(subscriber.peer)
    if (reason.reason === 'slow_consumer') this.#runtime.count('topic_slow_consumer')
    this.#tell('onLeave', subscriber.peer, reason)
    if (this.#size === 0) this.#allLeft?.()
  }

  // -------------------------------------------------------------------------------------------------------------

  #subscribe(call: Call): Reply {
    if (this.#draining) throw drainingTopic(this.path).with({ executed: 'no' })
    const name = call.accepts ?? call.codec
    const codec = this.#runtime.codecs.get(name)
    if (!codec || !this.#layout.fits(codec)) throw noCodec(this.path, name)
    const peer = call.connection
    const { subscriptions } = this.#runtime.limits
    if (peer && this.#topics.of(peer) >= subscriptions) {
      this.#runtime.count('topic_subscriptions')
      throw tooManySubscriptions(subscriptions)
    }
    const subscriber = new Subscriber(this, call)
    this.#audienceOf(this.#layout.of(codec).output).add(subscriber)
    this.#size++
    if (peer) this.#topics.joined(peer)
    subscriber.join()
    this.#tell('onJoin', peer)
    return name === call.codec ? { output: subscriber } : { output: subscriber, codec: name }
  }

  #audienceOf(codec: Codec): Audience {
    let audience = this.#audiences.find((audience) => audience.codec === codec)
    if (!audience) {
      audience = new Audience(codec)
      this.#audiences.push(audience)
    }
    return audience
  }

  // The message for each audience. What the first codec cannot carry is the publisher's fault, what another cannot is its
  // subscribers', who chose it.
  #lay(value: unknown): (Message | undefined)[] {
    const number = this.#sequence + 1
    const [first, ...others] = this.#audiences
    const message = this.#encode(first!, value, number)
    const most = this.#runtime.limits.sendBytes - frameHeadBytes - numberBytes
    if (message.bytes > most) throw tooLarge(this.path, message.bytes, most)
    const round: (Message | undefined)[] = [message]
    for (const audience of others)
      round.push(audience.size > 0 ? this.#try(audience, value, number) : undefined)
    return round
  }

  #encode(audience: Audience, value: unknown, number: number): Message {
    const { type, convert } = this.#options
    try {
      return audience.encode(value, number)
    } catch (error) {
      if (!convert || !type) throw error
      const other = converted(value, type, this.#runtime.codecs.values())
      if (other === undefined) throw error
      return audience.encode(other, number)
    }
  }

  #try(audience: Audience, value: unknown, number: number): Message | undefined {
    try {
      return this.#encode(audience, value, number)
    } catch (error) {
      const { name } = audience.codec
      const failure = cannotTravel(this.path, name, error)
      const { count, log } = this.#runtime
      count.call(this.#runtime, 'topic_no_codec')
      log({ level: 'warn', event: 'topic_no_codec', message: failure.message, method: this.path, error })
      for (const subscriber of audience.all()) subscriber.fail(failure)
      return undefined
    }
  }

  // What is published from inside, by a callback, comes behind what is on its way.
  #send(round: (Message | undefined)[]): void {
    if (this.#rounds) {
      this.#rounds.push(round)
      return
    }
    this.#rounds = [round]
    try {
      for (let next = this.#rounds.shift(); next; next = this.#rounds.shift())
        for (let index = 0; index < next.length; index++) {
          const message = next[index]
          if (message) this.#audiences[index]!.deliver(message)
        }
    } finally {
      this.#rounds = undefined
    }
  }

  #drain(): void {
    this.#draining = true
    for (const audience of this.#audiences)
      for (const subscriber of audience.all()) subscriber.finish(drainingTopic(this.path))
  }

  #end(reason: RpcError): void {
    if (this.#ended) return
    this.#ended = new Promise((resolve) => {
      const { clock, limits } = this.#runtime
      const cut = clock.timer(limits.drainMs, () => {
        for (const subscriber of this.#everybody()) subscriber.fail(reason)
      })
      this.#allLeft = () => {
        clock.clear(cut)
        resolve()
      }
    })
    this.#topics.byPath.delete(this.path)
    this.#room.close(closedType(this.path))
    for (const subscriber of this.#everybody()) subscriber.finish(reason)
    if (this.#size === 0) this.#allLeft!()
  }

  #everybody(): Subscriber[] {
    return this.#audiences.flatMap((audience) => audience.all())
  }

  #checkOpen(): void {
    if (this.#ended) throw closedType(this.path)
  }

  async #closedOr<R>(run: () => Promise<R>): Promise<R> {
    this.#checkOpen()
    return run()
  }

  // What a callback of the user's throws is the log's, and nobody else's.
  #tell(hook: 'onJoin' | 'onLeave', peer: Peer | undefined, reason?: RpcError): void {
    try {
      if (reason) this.#options.onLeave?.(peer, reason)
      else this.#options.onJoin?.(peer)
    } catch (error) {
      const message = `${hook} threw`
      this.#runtime.log({ level: 'error', event: 'hook_failed', message, hook, method: this.path, error })
    }
  }
}

/**
 * A topic of a server: what is published to it goes to all who have subscribed to its path.
 * @param path begins with `/` and may have more levels
 * @throws TypeError for options that make no topic, or a path that is malformed or taken
 */
export function topic<S extends Type>(
  server: Server,
  path: string,
  options: TypedTopicOptions<S>,
): Topic<S extends Type<unknown, infer W> ? W : never>
export function topic<T = unknown>(server: Server, path: string, options?: TopicOptions): Topic<T>
export function topic(server: Server, path: string, options: TopicOptions = {}): Topic {
  return new Topic(server, path, options)
}

function checkPath(path: string, most: number): void {
  const levels = typeof path === 'string' ? path.split('/').length - 1 : 0
  if (levels > most) throw new TypeError(`A topic's path has at most ${most} levels, not ${levels}`)
}

function markOf(options: TopicOptions, defaultMessages: number, defaultBytes: number): Mark {
  const {
    policy = 'close',
    highWaterMark = defaultMessages,
    maxBytes = defaultBytes,
    type,
    convert,
  } = options
  if (!policies.includes(policy)) throw new TypeError(`There is no policy ${JSON.stringify(policy)}`)
  for (const [name, mark] of Object.entries({ highWaterMark, maxBytes }))
    if (!Number.isSafeInteger(mark) || mark < 1)
      throw new TypeError(`${name} is a number from 1 up, not ${mark}`)
  if (convert && !type) throw new TypeError('To convert, a topic needs a type')
  return { policy, messages: highWaterMark, bytes: maxBytes }
}

function formOf(type: Type | undefined): 'values' | 'text' | 'bytes' {
  return type?.kind === 'string' ? 'text' : type?.kind === 'bytes' ? 'bytes' : 'values'
}

function closedType(path: string): TypeError {
  return new TypeError(`The topic ${path} is closed`)
}

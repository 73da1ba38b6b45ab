import type { Call, Cancel, MethodType, Peer, Reply, RpcError, Type } from '@hawser/contract'
import type { Registration, Server } from '@hawser/server'
import { MethodLayout, type Runtime } from '@hawser/wire'
import { closedTopic, drainingTopic, noCodec, noRoom, slowError, tooManySubscriptions } from './failures.js'
import { FanOut } from './fan-out.js'
import { checkPath, formOf, markOf } from './mark.js'
import type { TopicOptions, TypedTopicOptions } from './options.js'
import type { Mark } from './policy.js'
import type { RelayedPath, RelayedTopic } from './relay/relay.js'
import { Room } from './room.js'
import { Subscriber, type SubscriberOwner } from './subscriber.js'
import { type Topics, topicsOf } from './topics.js'

/** A path that messages are published to. Made by {@link topic}. */
export class Topic<T = unknown> implements SubscriberOwner, RelayedTopic, AsyncDisposable {
  readonly path: string
  readonly mark: Mark
  readonly #runtime: Runtime
  readonly #options: TopicOptions
  readonly #topics: Topics
  readonly #layout: MethodLayout
  readonly #fanOut: FanOut
  readonly #registration: Registration
  readonly #room: Room
  readonly #relayed: RelayedPath | undefined
  #sequence = 0
  #size = 0
  #judged: Subscriber[] = []
  #draining = false
  #ended: Promise<void> | undefined
  #allLeft: (() => void) | undefined

  /** @throws TypeError for options that make no topic, or a path that is malformed or taken */
  constructor(server: Server, path: string, options: TopicOptions) {
    const { runtime } = server
    const { limits } = runtime
    const { type, relay } = options
    checkPath(path, limits.topicTokens)
    this.path = path
    this.mark = markOf(options, limits.subscriberMessages, limits.subscriberBytes)
    this.#runtime = runtime
    this.#options = options
    this.#topics = topicsOf(server)
    const methodType: MethodType = { kind: 'server-stream', ...(type ? { output: type } : { untyped: true }) }
    this.#layout = new MethodLayout(methodType)
    this.#room = this.#makeRoom(options.patienceMs ?? limits.writeStallMs)
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
    const convertTo = options.convert ? type : undefined
    this.#fanOut = new FanOut({ path, runtime, layout: this.#layout, convertTo })
    if (relay)
      try {
        this.#relayed = relay.join(path, this, () => this.#room.set(relay, false))
      } catch (error) {
        this.#registration.remove()
        throw error
      }
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
    const message = this.#fanOut.lay(value, this.#sequence + 1)
    const { relay } = this.#options
    if (relay) {
      this.#relayed!.publish(this.#fanOut.codec.name, message.numbered)
      if (!this.#relayed!.room) this.#room.set(relay, true)
    } else {
      const round = this.#fanOut.round(value, message)
      this.#sequence++
      this.#fanOut.send(round)
    }
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
    if (this.mark.policy === 'block') this.#relayed?.full(!this.#room.freeBut(this.#options.relay))
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
    this.#fanOut.remove(subscriber)
    if (subscriber.peer) this.#topics.left(subscriber.peer)
    if (reason.reason === 'slow_consumer') this.#runtime.count('topic_slow_consumer')
    this.#tell('onLeave', subscriber.peer, reason)
    if (this.#size === 0) this.#allLeft?.()
  }

  // ---- for the relay ------------------------------------------------------------------------------------------

  joined(sequence: number): void {
    if (sequence <= this.#sequence) return
    this.#sequence = sequence
    for (const subscriber of this.#fanOut.everybody()) subscriber.begins(sequence)
  }

  relayed(number: number, codec: string, body: Uint8Array): void {
    if (number <= this.#sequence || this.#ended) return
    const round = this.#fanOut.relayed(number, codec, body)
    this.#sequence = number
    this.#fanOut.send(round)
  }

  // -------------------------------------------------------------------------------------------------------------

  #makeRoom(patienceMs: number): Room {
    return new Room({
      clock: this.#runtime.clock,
      patienceMs,
      mostWaiters: this.#runtime.limits.serverQueue,
      tooLong: (who) => {
        if (this.mark.policy === 'block' && who instanceof Subscriber)
          who.fail(slowError(this.path, `no room for ${patienceMs} ms`))
      },
      overflow: () => noRoom(this.path),
    })
  }

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
    this.#fanOut.add(subscriber, this.#layout.of(codec).output)
    this.#size++
    if (peer) this.#topics.joined(peer)
    subscriber.join()
    this.#tell('onJoin', peer)
    return name === call.codec ? { output: subscriber } : { output: subscriber, codec: name }
  }

  #drain(): void {
    this.#draining = true
    for (const subscriber of this.#fanOut.everybody()) subscriber.finish(drainingTopic(this.path))
  }

  #end(reason: RpcError): void {
    if (this.#ended) return
    this.#ended = new Promise((resolve) => {
      const { clock, limits } = this.#runtime
      const cut = clock.timer(limits.drainMs, () => {
        for (const subscriber of this.#fanOut.everybody()) subscriber.fail(reason)
      })
      this.#allLeft = () => {
        clock.clear(cut)
        resolve()
      }
    })
    this.#topics.byPath.delete(this.path)
    this.#room.close(closedType(this.path))
    this.#relayed?.leave()
    for (const subscriber of this.#fanOut.everybody()) subscriber.finish(reason)
    if (this.#size === 0) this.#allLeft!()
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

function closedType(path: string): TypeError {
  return new TypeError(`The topic ${path} is closed`)
}

import type { MethodInfo, Peer, RpcError, Type } from '@hawser/contract'
import type { Policy } from './policy.js'
import type { Relay } from './relay/relay.js'

/** What a topic may be told. */
export interface TopicOptions {
  /**
   * Messages that may wait for one subscriber, beyond what its connection has accepted: the next one is judged by the
   * `policy`. Default: the limit `subscriberMessages`, 10.
   */
  readonly highWaterMark?: number | undefined
  /** Bytes that may wait for one subscriber, likewise. Default: the limit `subscriberBytes`, 4 MiB. */
  readonly maxBytes?: number | undefined
  /** What happens to who is too slow. Default `close`. */
  readonly policy?: Policy | undefined
  /**
   * Milliseconds that `ready` and `publishWhenReady` wait for a subscriber at its mark, at most. Then the policy decides;
   * `block` closes it. Default: the limit `writeStallMs`, 10 s.
   */
  readonly patienceMs?: number | undefined
  /** The type of messages: they have its layout, and others are refused. Default: they are laid out by what they are. */
  readonly type?: Type | undefined
  /** Convert what is published to the type, where it is not of it and can be? Default false: it is refused. */
  readonly convert?: boolean | undefined
  /** How plain HTTP carries messages. Default: `text` or `bytes` where that is their type, otherwise `values`. */
  readonly form?: MethodInfo['form'] | undefined
  /**
   * Shares the topic with the same one of other threads or processes: what is published to any of them comes to the
   * subscribers of all, in one order. It comes to those here by way of the hub, too: a little later than `publish` returns.
   */
  readonly relay?: Relay | undefined
  /** Somebody has subscribed. @param peer undefined for a caller in this process */
  onJoin?(peer: Peer | undefined): void
  /** A subscription has ended. @param reason what the subscriber was told, or why it left */
  onLeave?(peer: Peer | undefined, reason: RpcError): void
}

/** The same with a type, which says what may be published. */
export interface TypedTopicOptions<S extends Type> extends TopicOptions {
  readonly type: S
  readonly convert?: false | undefined
}

/**
 * Topics: publish to many subscribers, and pull as one of them.
 *
 * ```ts
 * import { createClient } from '@hawser/client'
 * import { json } from '@hawser/codec-json'
 * import { pull, topic } from '@hawser/push'
 * import { createServer } from '@hawser/server'
 * import { tcp } from '@hawser/transport-tcp'
 *
 * const strands = { transports: [tcp()], codecs: [json()] }
 * const server = createServer(strands)
 * const nagging = topic<string>(server, '/nagging', { onJoin: () => nagging.publish('hello world') })
 * const { address } = await server.listen('tcp://127.0.0.1:0')
 *
 * const client = createClient(strands)
 * for await (const text of pull<string>(client, address, '/nagging')) {
 *   console.info(text) // hello world
 *   break // ends the subscription
 * }
 * await client.close()
 * await server.close()
 * ```
 *
 * @module
 */
export type { TopicOptions, TypedTopicOptions } from './options.js'
export type { Policy } from './policy.js'
export { pull } from './pull.js'
export type { PullClient, Pulled, PullOptions, ReconnectPolicy, TypedPullOptions } from './pull-options.js'
export { type PullCallback, Puller, Pulling, type PullResult } from './puller.js'
export {
  type PortLike,
  type ProcessChannelOptions,
  type ProcessLike,
  portChannel,
  processChannel,
  type RelayChannel,
} from './relay/channel.js'
export { type Hub, relayHub } from './relay/hub.js'
export { type Member, relayMember } from './relay/member.js'
export { type Publisher, type PublisherOptions, publisher } from './relay/publisher.js'
export type { Relay, RelayedPath, RelayedTopic, RelayOptions } from './relay/relay.js'
export { type Topic, topic } from './topic.js'
export { subscribers } from './topics.js'

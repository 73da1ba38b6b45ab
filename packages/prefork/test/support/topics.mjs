// A topic that all processes share.
import { json } from '@hawser/codec-json'
import { portChannel, relayMember, topic } from '@hawser/push'
import { createServer } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'

export default ({ channel }) => {
  const server = createServer({ transports: [tcp()], codecs: [json()], log: () => {} })
  const ticks = topic(server, '/ticks', { relay: relayMember(portChannel(channel)), highWaterMark: 1_000 })
  server.rpc('/publish', (value) => ticks.publish(value))
  server.rpc('/subscribers', () => ticks.size)
  return server
}

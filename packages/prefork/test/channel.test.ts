import { MessageChannel } from 'node:worker_threads'
import { harness } from '@hawser/compliance/harness'
import type { Channel } from '@hawser/prefork'
import t from 'tap'
import { ChannelEnd } from '../src/channel.js'
import { until } from './support/scene.js'

harness(t)

t.test('a channel can stand for a MessagePort', async (t) => {
  const { port1, port2 } = new MessageChannel()
  const posted: unknown[] = []
  const channel = new ChannelEnd((message) => posted.push(message))
  const heard: unknown[] = []
  const listener = (message: unknown) => heard.push(message)
  const ports: Channel[] = [channel, port1 as unknown as Channel]
  for (const port of ports) port.on('message', listener)
  channel.deliver(1)
  port2.postMessage(2)
  await until(() => heard.length === 2)
  for (const port of ports) port.off('message', listener)
  channel.deliver(3)
  t.same(heard, [1, 2], 'who has left hears no more')
  channel.on('message', listener)
  t.same(heard, [1, 2, 3], 'what came meanwhile was kept')
  channel.end()
  channel.postMessage('late')
  t.same(posted, [])
  port1.close()
})

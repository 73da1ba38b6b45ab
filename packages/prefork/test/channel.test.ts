import { MessageChannel } from 'node:worker_threads'
import { harness } from '@hawser/compliance/harness'
import { type Channel, type ChildInfo, models } from '@hawser/prefork'
import t from 'tap'
import { ChannelEnd } from '../src/channel.js'
import { scene, until } from './support/scene.js'

harness(t)

for (const model of models)
  t.test(`${model}: every server has a channel to the main program, both ways`, async (t) => {
    const channels = new Map<number, Channel>()
    const said: [number, unknown][] = []
    let ended = 0
    const onChannel = (channel: Channel, { generation }: ChildInfo) => {
      channels.set(generation, channel)
      channel.on('message', (message) => said.push([generation, message]))
      channel.on('close', () => ended++)
      channel.postMessage({ to: generation, bytes: Uint8Array.of(1, 2) })
    }
    const it = await scene({ model, onChannel })
    const caller = it.client()
    const { generation } = await caller.where()
    await caller.call('/say', 'hello')
    await until(() => said.length > 0)
    t.same(said, [[generation, 'hello']])
    await until(async () => (await caller.call('/heard')) !== null)
    t.match(await caller.call('/heard'), { to: generation })
    await it[Symbol.asyncDispose]()
    t.equal(ended, channels.size)
    channels.get(generation)?.postMessage('nobody is there')
  })

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

import { harness } from '@hawser/compliance/harness'
import { type Channel, type ChildInfo, models } from '@hawser/prefork'
import t from 'tap'
import { scene, until } from './support/scene.js'

harness(t)

for (const model of models)
  t.test(`${model}: the same server answers, has a channel, is replaced, and is closed`, async (t) => {
    const channels = new Map<number, Channel>()
    const said: [number, unknown][] = []
    let ended = 0
    const onChannel = (channel: Channel, { generation }: ChildInfo) => {
      channels.set(generation, channel)
      channel.on('message', (message) => said.push([generation, message]))
      channel.on('close', () => ended++)
      channel.postMessage({ to: generation, bytes: Uint8Array.of(1, 2) })
    }
    await using it = await scene({ model, onChannel })
    t.equal(it.running.model, model)
    const caller = it.client()
    const { generation, pid, threadId, ...where } = await caller.where()
    t.same(where, { model, worker: 0 })
    t.equal(pid === process.pid, !/process|prefork/.test(model))
    t.equal(threadId === 0, !model.startsWith('thread'))
    const text = 'x'.repeat(2_000_000)
    t.equal(await caller.call('/echo', text), text)

    await caller.call('/say', 'hello')
    await until(() => said.length > 0)
    t.same(said, [[generation, 'hello']])
    t.match(await caller.call('/heard'), { to: generation }, 'what was said before it listened')

    const under = caller.call<number>('/slow', 300)
    await caller.where()
    const restarted = it.running.restart()
    t.equal(await under, generation, 'what is under way ends where it began')
    await restarted
    t.ok((await caller.call<number>('/generation')) > generation, 'what comes next is served by a new one')
    t.equal(it.running.size, model.startsWith('prefork') ? 2 : 1)
    t.equal(it.running.children.filter(({ connections }) => connections === 1).length, 1)

    await it.running.close()
    await t.rejects(caller.where(), { code: 'unavailable', executed: 'no' })
    t.equal(it.running.size, 0)
    t.equal(await it.running.closed, undefined)
    t.equal(ended, channels.size)
    channels.get(generation)?.postMessage('nobody is there')
  })

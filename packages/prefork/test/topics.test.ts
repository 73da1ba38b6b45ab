import { harness } from '@hawser/compliance/harness'
import { serve } from '@hawser/prefork'
import { portChannel, pull, relayHub } from '@hawser/push'
import t from 'tap'
import { Caller, until } from './support/scene.js'

harness(t)

const module = new URL('./support/topics.mjs', import.meta.url)

for (const model of ['async', 'thread-per-connection', 'prefork-async'] as const)
  t.test(`${model}: what any server publishes reaches the subscribers of all, in one order`, async (t) => {
    const hub = relayHub()
    await using running = await serve(module, {
      model,
      listen: 'tcp://127.0.0.1:0',
      workers: 2,
      execArgv: [],
      startMs: 60_000,
      log: () => {},
      onChannel: (channel) => hub.attach(portChannel(channel)),
    })
    const callers = Array.from({ length: 2 }, () => new Caller(running.address))
    const count = 50
    const heard = callers.map(async ({ client }) => {
      const values: string[] = []
      for await (const value of pull<string>(client, running.address, '/ticks')) {
        values.push(value)
        if (values.length === callers.length * count) break
      }
      return values
    })
    const inAll = model === 'async' ? 2 : 1
    await until(async () => {
      const sizes = await Promise.all(callers.map((caller) => caller.call<number>('/subscribers')))
      return sizes.every((size) => size === inAll)
    })
    await Promise.all(
      callers.map(async (caller, index) => {
        for (let n = 0; n < count; n++) await caller.call('/publish', `${index}/${n}`)
      }),
    )
    const [first, ...others] = await Promise.all(heard)
    for (const other of others) t.same(other, first)
    for (let index = 0; index < callers.length; index++)
      t.same(
        first!.filter((value) => value.startsWith(`${index}/`)),
        Array.from({ length: count }, (_, n) => `${index}/${n}`),
      )
    await Promise.all(callers.map((caller) => caller.close()))
  })

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { Caller } from './support/scene.js'

harness(t)

const skip = process.platform === 'win32' ? 'there are no signals' : false

async function program(...args: readonly string[]): Promise<{ main: ChildProcess; caller: Caller }> {
  const main = fork(fileURLToPath(new URL('./support/main.mjs', import.meta.url)), args, { execArgv: [] })
  const [{ address }] = (await once(main, 'message')) as [{ address: string }]
  return { main, caller: new Caller(address) }
}

for (const model of ['async', 'prefork-async'])
  t.test(`F8 ${model}: SIGTERM lets calls end, then exits with 0`, { skip }, async (t) => {
    const { main, caller } = await program(model)
    await caller.where()
    const under = caller.call('/slow', 600)
    await caller.where()
    const exited = once(main, 'exit')
    main.kill('SIGTERM')
    t.ok(await under)
    t.same(await exited, [0, null])
    await caller.close()
  })

t.test('F8 calls that do not end in time are cut off', { skip }, async (t) => {
  const { main, caller } = await program('prefork', 'handed', '700')
  await caller.where()
  const failed = t.rejects(caller.call('/slow', 15_000), { code: 'unavailable', executed: 'maybe' })
  await caller.where()
  const exited = once(main, 'exit')
  main.kill('SIGTERM')
  t.same(await exited, [0, null])
  await failed
  await caller.close()
})

t.test('F8 a second signal ends it now, and the exit code says so', { skip }, async (t) => {
  const { main, caller } = await program('prefork-async')
  await caller.where()
  const failed = t.rejects(caller.call('/slow', 15_000), { code: 'unavailable' })
  await caller.where()
  const exited = once(main, 'exit')
  main.kill('SIGTERM')
  await new Promise((resolve) => setTimeout(resolve, 50))
  main.kill('SIGINT')
  t.same(await exited, [130, null])
  await failed
  await caller.close()
})

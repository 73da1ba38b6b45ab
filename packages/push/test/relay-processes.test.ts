import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { processChannel, pull, relayHub } from '../src/index.js'
import { range, take } from './support/stack.js'

harness(t)

interface Child {
  readonly child: ChildProcess
  readonly address: string
  readonly serialization: 'json' | 'advanced'
}

async function child(serialization: 'json' | 'advanced'): Promise<Child> {
  const { TAP, ...env } = process.env
  const started = fork(new URL('./fixtures/serving-process.mjs', import.meta.url), [serialization], {
    execArgv: [],
    serialization,
    env,
  })
  // The relay of the child speaks on the same channel.
  const address = await new Promise<string>((resolve) => {
    started.on('message', (message) => {
      const { address } = message as { address?: string }
      if (address !== undefined) resolve(address)
    })
  })
  return { child: started, address, serialization }
}

t.test('AM-29 processes publish, and all subscribers see one order', async (t) => {
  const hub = relayHub()
  const children = await Promise.all([child('json'), child('advanced')])
  for (const { child, serialization } of children) hub.attach(processChannel(child, { serialization }))
  const client = createClient({ transports: [tcp()], codecs: [msgpack(), json()] })
  const count = 1_000
  const total = 2 * count
  const pulls = children.map(({ address }) => pull<string>(client, address, '/shared', { numbered: true }))
  const taken = pulls.map((pulling) => take(pulling, total))
  for (const { address } of children) while ((await client.remote<() => number>(address, '/size')()) < 1);
  await Promise.all(
    children.map(({ address }, index) =>
      client.remote<(name: string, count: number) => void>(address, '/publish')(`p${index}-`, count),
    ),
  )
  const [first, second] = await Promise.all(taken)
  t.same(first, second, 'subscribers of different processes agree')
  t.same(
    first!.map(({ number }) => number),
    range(1, total),
  )
  for (const index of [0, 1])
    t.same(
      first!.map(({ value }) => value).filter((value) => value.startsWith(`p${index}-`)),
      range(1, count).map((n) => `p${index}-${n}`),
    )
  // One that comes later goes on counting.
  const late = await child('json')
  hub.attach(processChannel(late.child))
  const sequence = client.remote<() => number>(late.address, '/sequence')
  while ((await sequence()) < total);
  t.equal(await sequence(), total)
  await Promise.all(pulls.map((pulling) => pulling.close()))
  await client.close()
  const all = [...children, late]
  const ended = all.map(({ child }) => once(child, 'exit'))
  all[2]!.child.kill('SIGKILL')
  for (const { child } of children) child.send('end')
  await Promise.all(ended)
  t.equal(hub.members, 0, 'those that are gone are forgotten, also one that was killed')
  t.equal(hub.refused, 0)
})

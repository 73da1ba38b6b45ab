import { Worker } from 'node:worker_threads'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { portChannel, pull, relayHub, topic } from '../src/index.js'
import { range, stack, take, until } from './support/stack.js'

harness(t)

interface PublishingData {
  readonly name: string
  readonly path: string
  readonly count: number
  /** Then publish as much as is possible without waiting? */
  readonly flood?: boolean
}

function thread(data: PublishingData): Worker {
  return new Worker(new URL('./fixtures/publishing-thread.mjs', import.meta.url), {
    execArgv: [],
    workerData: data,
  })
}

/** What a thread says when it is done. */
function report(worker: Worker): Promise<{ waits: number; flooded: number; refused?: string }> {
  return new Promise((resolve) => {
    worker.on('message', (message) => {
      if ('waits' in message) resolve(message)
    })
  })
}

t.test('AM-29 threads publish, and all subscribers see one order', async (t) => {
  await using all = await stack()
  const hub = relayHub()
  const nagging = topic<string>(all.server, '/nagging', { relay: hub, highWaterMark: 10_000 })
  const count = 2_000
  const pulls = [
    pull<string>(all.another({ codecs: [json()] }), all.address, '/nagging', { numbered: true }),
    pull<string>(all.another({ codecs: [msgpack()] }), all.address, '/nagging', { numbered: true }),
  ]
  const taken = pulls.map((pulling) => take(pulling, 2 * count + 10))
  await until(() => nagging.size === 2)
  const workers = ['a', 'b'].map((name) => thread({ name, path: '/nagging', count }))
  const reports = workers.map(report)
  for (const worker of workers) hub.attach(portChannel(worker))
  for (const n of range(1, 10)) {
    nagging.publish(`main${n}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const [first, second] = await Promise.all(taken)
  t.same(first, second, 'in the same order, whatever the codec')
  t.same(
    first!.map(({ number }) => number),
    range(1, 2 * count + 10),
  )
  for (const [name, last] of [
    ['a', count],
    ['b', count],
    ['main', 10],
  ] as const)
    t.same(
      first!.map(({ value }) => value).filter((value) => value.replace(/\d+$/, '') === name),
      range(1, last).map((n) => `${name}${n}`),
      `those of ${name} in its order`,
    )
  await Promise.all(reports)
  await Promise.all(workers.map((worker) => worker.terminate()))
  await until(() => hub.members === 0, 1_000)
  t.pass('a port that is gone is forgotten')
  await Promise.all(pulls.map((pulling) => pulling.close()))
})

t.test('F16 a thread that floods is made to wait, and refused when it does not', async (t) => {
  await using all = await stack()
  const hub = relayHub()
  topic<string>(all.server, '/nagging', { relay: hub })
  const worker = thread({ name: 'a', path: '/nagging', count: 10_000, flood: true })
  hub.attach(portChannel(worker))
  const { waits, flooded, refused } = await report(worker)
  t.ok(waits > 5, `it waited ${waits} times`)
  t.match(refused, /under way/)
  t.ok(flooded > 1_000 && flooded < 5_000, `${flooded} are too many`)
  await worker.terminate()
  hub.close()
})

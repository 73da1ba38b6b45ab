import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { createClient } from '@hawser/client'
import type { Tasks } from '../../solo.js'
import type { ConnectOptions } from '../../subject.js'
import { type Echo, type Payload, payloads } from './payload.js'
import { Echoes } from './service.js'
import { strands } from './strands.js'

export async function connect(_address: string, { variant }: ConnectOptions): Promise<Tasks> {
  const thread = new Worker(new URL('./thread.js', import.meta.url), { workerData: variant })
  await once(thread, 'message')
  const echo =
    variant === 'plain' || variant === 'transfer' ? posted(thread, variant) : called(thread, variant)
  return Object.fromEntries(
    Object.entries(payloads).map(([name, make]) => [
      name,
      (milliseconds: number) => rate(milliseconds, make, echo),
    ]),
  )
}

function called(thread: Worker, variant: string): Echo {
  const { transports, bytes, records, given } = strands(variant, { echo: thread })
  const forBytes = createClient({ transports, codecs: [bytes] }).stub(Echoes, 'worker://echo')
  const forRecords = createClient({ transports, codecs: [records] }).stub(Echoes, 'worker://echo')
  return (payload) =>
    payload instanceof Uint8Array
      ? forBytes.bytes(given(payload))
      : forRecords.records({ records: payload }).then(({ records }) => records)
}

function posted(thread: Worker, variant: string): Echo {
  let resolve: ((payload: Payload) => void) | undefined
  thread.on('message', ({ payload }: { payload: Payload }) => resolve?.(payload))
  let id = 0
  return (payload) =>
    new Promise((done) => {
      resolve = done
      const moved =
        variant === 'transfer' && payload instanceof Uint8Array ? [payload.buffer as ArrayBuffer] : []
      thread.postMessage({ id: ++id, payload }, moved)
    })
}

/** What came back is sent again, so that bytes which were given away are there to be given. */
async function rate(milliseconds: number, make: () => Payload, echo: Echo): Promise<number> {
  let payload = make()
  const { length } = payload
  const begin = performance.now()
  let times = 0
  let elapsed = 0
  do {
    payload = await echo(payload)
    if (payload.length !== length) throw new Error('the echo differs')
    times++
    elapsed = performance.now() - begin
  } while (elapsed < milliseconds)
  return (times / elapsed) * 1_000
}

import { type Client, createClient } from '@hawser/client'
import { inBatches } from '../../batches.js'
import { itemsAsEcho } from '../../items.js'
import type { ConnectOptions, EchoClient } from '../../subject.js'
import { Repeat } from './repeat.js'
import { serveAt } from './server.js'
import { addressFor, inOneProcess, strands } from './strands.js'

type Tasks = Record<'calls' | 'cancels' | 'open' | 'openAndClose', (count: number) => Promise<void>>

export async function connect(served: string, { variant }: ConnectOptions): Promise<EchoClient & Tasks> {
  const ours = strands(variant)
  const address = inOneProcess(variant) ? await serveAt(addressFor(variant), ours) : served
  const client = createClient(ours)
  await client.connect(address)
  const echo = client.remote<(text: string) => string>(address, '/echo')
  const untilCancelled = client.remote<() => string>(address, '/until_cancelled')
  const held: Client[] = []

  // A client has one connection per address, so it takes a client for each.
  async function open(): Promise<Client> {
    const another = createClient(strands(variant))
    await another.connect(address)
    return another
  }

  async function cancel(): Promise<void> {
    const controller = new AbortController()
    const call = untilCancelled.with({ signal: controller.signal })()
    setImmediate(() => controller.abort())
    await call.then(
      () => Promise.reject(new Error('a cancelled call was answered')),
      () => {},
    )
  }

  return {
    ...(variant === 'stream' ? itemsAsEcho(client.stub(Repeat, address).repeat) : { echo }),
    calls: (count) => inBatches(count, () => echo('hello'), 64),
    cancels: (count) => inBatches(count, cancel),
    open: (count) =>
      inBatches(count, async () => {
        held.push(await open())
      }),
    openAndClose: (count) =>
      inBatches(count, async () => {
        const another = await open()
        await another.close()
      }),
  }
}

import { harness, heapGrowth } from '@hawser/compliance/harness'
import { RpcError } from '@hawser/contract'
import t from 'tap'
import { ipc } from '../src/index.js'
import { folder } from './support/folder.js'

harness(t)

t.test('F39 listeners, connections and failed dials come and go without a trace', async (t) => {
  const place = folder(t)
  const transport = ipc()
  const round = async () => {
    for (let index = 0; index < 40; index++) {
      const ends: Promise<unknown>[] = []
      const listener = await transport.listen(place.address('a'), (connection) => {
        connection.start((bytes) => connection.send(bytes))
        ends.push(connection.closed)
      })
      const client = await transport.dial(listener.address)
      const echoed = new Promise<void>((resolve) => client.start(() => resolve()))
      client.send(Uint8Array.of(1))
      await echoed
      if (index % 2) await client.close()
      else client.abort(new RpcError('cancelled', 'enough'))
      await Promise.all(ends)
      await transport.listen(listener.address, () => {}).catch(() => {})
      await listener.close()
      await transport.dial(listener.address).catch(() => {})
    }
  }
  const growth = await heapGrowth(round, { rounds: 5, warmUp: 3 })
  t.ok(growth < 500_000, `${growth} bytes after 200 of each`)
  t.same(place.list(), [])
})

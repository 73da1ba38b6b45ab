import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { harness } from '@hawser/compliance/harness'
import type { Connection } from '@hawser/contract'
import t, { type Test } from 'tap'
import { type TcpEvent, tcp } from '../src/index.js'

harness(t)

interface Place {
  /** A client's socket, and what the other side accepted of it. */
  pair(): Promise<[Socket, Socket]>
}

/** Somebody else's server. */
async function place(t: Test): Promise<Place> {
  const server: Server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  return {
    async pair() {
      const near = connect(port, '127.0.0.1').on('error', () => {})
      const [far] = (await once(server, 'connection')) as [Socket]
      return [near, far]
    },
  }
}

t.test('sockets that were accepted elsewhere become connections, and nothing is lost', async (t) => {
  const { pair } = await place(t)
  const accepted: Connection[] = []
  const adoption = tcp().adopt!('tcp://127.0.0.1:1', (connection) => accepted.push(connection))
  const [near, far] = await pair()
  near.write('sent before')
  adoption.take(far)
  const [connection] = accepted
  const received = new Promise<string>((resolve) =>
    connection!.start((bytes) => resolve(Buffer.from(bytes).toString())),
  )
  t.equal(await received, 'sent before')
  t.match(connection!.peer.address, /^tcp:\/\/127\.0\.0\.1:\d+$/)
  near.end()
  await connection!.close()
  await adoption.close()
  near.destroy()
})

t.test('a connection that was detached can be adopted, and both are told of its end, once', async (t) => {
  const events: TcpEvent[] = []
  const transport = tcp({ maxConnectionsPerPeer: 1, count: (event) => events.push(event) })
  const adopted: Connection[] = []
  const adoption = transport.adopt!('tcp://127.0.0.1:1', (connection) => adopted.push(connection))
  const accepted: Connection[] = []
  const listener = await transport.listen('tcp://127.0.0.1:0', (connection) => {
    accepted.push(connection)
    adoption.take(connection.detach!()!)
  })
  // Were the place of the first not given up on either side, there would be none for the second.
  for (let count = 1; count <= 3; count++) {
    const near = connect(Number(new URL(listener.address).port), '127.0.0.1').resume()
    await once(near, 'connect')
    while (adopted.length < count) await new Promise((resolve) => setImmediate(resolve))
    near.end()
    adopted.at(-1)!.start(() => {})
    const ends = await Promise.all([adopted.at(-1)!.closed, accepted.at(-1)!.closed, once(near, 'close')])
    t.same(ends.slice(0, 2), [undefined, undefined])
  }
  t.same(events, [])
  await Promise.all([listener.close(), adoption.close()])
})

t.test('those over a cap, and those that come after closing, are closed', async (t) => {
  const { pair } = await place(t)
  const events: TcpEvent[] = []
  const transport = tcp({ maxConnections: 1, count: (event) => events.push(event) })
  const accepted: Connection[] = []
  const adoption = transport.adopt!('tcp://127.0.0.1:1', (connection) => accepted.push(connection))
  const [first, second, third] = [await pair(), await pair(), await pair()]
  adoption.take(first[1])
  adoption.take(second[1])
  await once(second[0].resume(), 'close')
  t.same(events, ['tcp_drop_connections'])
  await adoption.close()
  adoption.take(third[1])
  await once(third[0].resume(), 'close')
  t.equal(accepted.length, 1)
  t.equal(events.length, 1)
  first[0].destroy()
  accepted[0]!.start(() => {})
  await accepted[0]!.closed
})

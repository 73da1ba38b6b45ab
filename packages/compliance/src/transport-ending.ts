import { type Connection, RpcError } from '@hawser/contract'
import type { TransportSuite } from './transport.js'
import { connect, pass, pattern, sameBytes, type TransportPair } from './transport-pair.js'

const MiB = 1024 * 1024
const enough = () => new RpcError('cancelled', 'enough', { reason: 'cancelled' })

/** Ways a connection may end. Each leaves the client's end ended. */
const endings: readonly (readonly [string, (pair: TransportPair) => Promise<void>])[] = [
  ['its own close', (pair) => pair.client.close()],
  ["its peer's close", (pair) => pair.server.close()],
  ['its own abort', async (pair) => pair.client.abort(enough())],
  ["its peer's abort", async (pair) => pair.server.abort(enough())],
]

/** What may still be asked of an ended connection, and what comes of it. */
const uses: readonly (readonly [string, (connection: Connection) => unknown, unknown])[] = [
  ['send is dropped', (connection) => connection.send(pattern(10)), true],
  ['queued is 0', (connection) => connection.queued, 0],
  ['drained resolves', (connection) => connection.drained(), undefined],
  ['pause does nothing', (connection) => connection.pause(), undefined],
  ['resume does nothing', (connection) => connection.resume(), undefined],
  ['close resolves', (connection) => connection.close(), undefined],
  ['disposal resolves', (connection) => connection[Symbol.asyncDispose](), undefined],
  ['abort does nothing', (connection) => connection.abort(enough()), undefined],
]

/** Close, abort, and what is left after them. */
export function testEnding({ test: parent, create }: TransportSuite): void {
  parent.test('close sends what is queued, then ends both sides cleanly', async (t) => {
    await using pair = await connect(await create())
    const { atClient, atServer } = pair.start()
    const sent = pattern(2 * MiB)
    pair.client.send(sent)
    pair.server.send(sent)
    const closing = pair.client.close()
    pair.client.send(pattern(10))
    await closing
    t.equal(await pair.client.closed, undefined)
    t.equal(await pair.server.closed, undefined)
    t.equal(atServer.total, sent.length, 'and nothing that was sent after the close')
    t.ok(sameBytes(atServer.bytes(), sent))
    t.equal(atClient.total, sent.length, 'what the peer had queued comes, too')
  })

  parent.test('bytes sent right before a close reach a peer that starts late', async (t) => {
    await using pair = await connect(await create())
    pair.client.send(pattern(10))
    const closing = pair.client.close()
    const got = await new Promise<Uint8Array>((resolve) => pair.server.start(resolve))
    t.same(got, pattern(10))
    await closing
    t.equal(await pair.server.closed, undefined)
  })

  parent.test('close is idempotent and equals disposal', async (t) => {
    await using pair = await connect(await create())
    const { client, server } = pair
    pair.start()
    await Promise.all([client.close(), client.close(), client[Symbol.asyncDispose](), server.close()])
    await client.close()
    t.equal(await client.closed, undefined)
    t.equal(await server.closed, undefined)
  })

  parent.test('close cut short by its signal is an abort', async (t) => {
    await using pair = await connect(await create())
    pair.client.send(pattern(8 * MiB))
    const abort = new AbortController()
    const closing = pair.client.close({ signal: abort.signal })
    abort.abort()
    await closing
    t.match(await pair.client.closed, { code: 'cancelled', reason: 'closed' })
    pair.server.start(() => {})
    await pair.server.closed
  })

  parent.test('abort ends at once, drops the queue and keeps its reason', async (t) => {
    await using pair = await connect(await create())
    const { client, server } = pair
    client.start(() => {})
    client.send(pattern(8 * MiB))
    const reason = enough()
    client.abort(reason)
    client.abort(new RpcError('internal', 'second'))
    t.equal(client.queued, 0)
    t.equal(await client.closed, reason)
    let got = 0
    server.start((bytes) => {
      got += bytes.length
    })
    await server.closed
    t.ok(got < 8 * MiB, `${got} bytes had been passed on`)
  })

  parent.test('an abort is noticed by a peer that is sending', async (t) => {
    await using pair = await connect(await create())
    pair.start()
    pair.client.abort(enough())
    let over = false
    void pair.server.closed.then(() => {
      over = true
    })
    while (!over) {
      if (!pair.server.send(pattern(1000))) await pair.server.drained()
      await pass(0)
    }
    const reason = await pair.server.closed
    t.ok(reason === undefined || reason.reason === 'connection_lost', 'clean or lost, as the way of it tells')
  })

  parent.test('a receiver that throws costs its own connection', async (t) => {
    await using pair = await connect(await create())
    const cause = new Error('bad receiver')
    pair.client.start(() => {})
    pair.server.start(() => {
      throw cause
    })
    pair.client.send(pattern(1))
    t.match(await pair.server.closed, { code: 'internal', cause })
    await pair.client.closed
  })

  for (const [ending, end] of endings) {
    parent.test(`after ${ending}`, async (t) => {
      await using pair = await connect(await create())
      const { atClient } = pair.start()
      await end(pair)
      const reason = await pair.client.closed
      const total = atClient.total
      for (const [use, act, expected] of uses) t.equal(await act(pair.client), expected, use)
      t.equal(await pair.client.closed, reason, 'closed stays as it is')
      await pair.server.closed
      t.equal(atClient.total, total, 'nothing is delivered any more')
    })
  }
}

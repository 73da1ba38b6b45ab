import type { Connection } from '@hawser/contract'
import { defaultLimits } from '@hawser/contract'
import type { TransportSuite } from './transport.js'
import { connect, Inbox, pass, pattern, stateOf } from './transport-pair.js'

const KiB = 1024
const MiB = 1024 * KiB
// Whatever lies between the ends takes some in; more than this would be no backpressure.
const mostUnread = 48 * MiB

/** Sends until told to wait; returns how much was taken. */
async function fill(connection: Connection, piece: Uint8Array): Promise<number> {
  let sent = 0
  let full = 0
  // A queue that empties at once was only the system's turn, so it has to be full several times running.
  while (full < 3 && sent < mostUnread) {
    sent += piece.length
    if (connection.send(piece)) continue
    full++
    const waiting = connection.drained()
    await pass(10)
    if ((await stateOf(waiting)) === 'resolved') full = 0
  }
  return sent
}

/** The write queue, and pausing the input. */
export function testBackpressure({ test: parent, create }: TransportSuite): void {
  const piece = pattern(64 * KiB)

  parent.test('a peer that does not read makes send say so, and memory stays bounded', async (t) => {
    await using pair = await connect(await create())
    const { client, server } = pair
    const sent = await fill(client, piece)
    t.ok(sent < mostUnread, `${sent} bytes were taken`)
    t.ok(client.queued >= defaultLimits.writeSoftBytes, `${client.queued} bytes are queued`)
    t.ok(
      client.queued <= defaultLimits.writeSoftBytes + 4 * piece.length,
      'no more than was sent past the limit',
    )
    const drained = client.drained()
    t.equal(await stateOf(drained), 'pending')
    const inbox = new Inbox()
    server.start(inbox.take)
    client.start(() => {})
    await drained
    t.ok(client.queued < defaultLimits.writeSoftBytes)
    t.equal(client.send(pattern(1)), true)
    await inbox.until(sent + 1)
    t.equal(inbox.total, sent + 1)
    t.equal(client.queued, 0)
  })

  parent.test('pause stops the input, resume brings the rest', async (t) => {
    await using pair = await connect(await create())
    const { client, server } = pair
    client.start(() => {})
    const inbox = new Inbox()
    let first = true
    server.start((bytes) => {
      inbox.take(bytes)
      if (first) server.pause()
      first = false
    })
    server.resume()
    client.send(piece)
    await inbox.until(1)
    const sent = piece.length + (await fill(client, piece))
    const before = inbox.total
    await pass(20)
    t.ok(inbox.total <= before, 'nothing comes while paused')
    t.ok(sent - inbox.total >= defaultLimits.writeSoftBytes, 'the rest waits at the sender or on the way')
    server.resume()
    await inbox.until(sent)
    t.equal(inbox.total, sent)
  })

  parent.test('a pause before start is kept to', async (t) => {
    await using pair = await connect(await create())
    const { client, server } = pair
    client.start(() => {})
    const inbox = new Inbox()
    server.pause()
    server.start(inbox.take)
    client.send(pattern(10))
    await pass(20)
    t.equal(inbox.total, 0)
    server.resume()
    await inbox.until(10)
    t.same(inbox.bytes(), pattern(10))
  })

  parent.test('drained resolves at once when nothing waits, and rejects for its signal alone', async (t) => {
    await using pair = await connect(await create())
    const { client, server } = pair
    await client.drained()
    await fill(client, piece)
    const abort = new AbortController()
    const cancelled = client.drained({ signal: abort.signal })
    const other = client.drained()
    const reason = new Error('enough')
    abort.abort(reason)
    await t.rejects(cancelled, reason)
    t.equal(await stateOf(other), 'pending')
    server.start(() => {})
    client.start(() => {})
    await other
  })

  parent.test('a slow direction does not slow the other', async (t) => {
    await using pair = await connect(await create())
    const { client, server } = pair
    const inbox = new Inbox()
    client.start(inbox.take)
    await fill(client, piece)
    server.send(pattern(MiB))
    await inbox.until(MiB)
    t.equal(inbox.total, MiB)
    server.start(() => {})
    await client.drained()
  })
}

import type { TransportSuite } from './transport.js'
import { connect, Inbox, pass, pattern, sameBytes, sendAll } from './transport-pair.js'

const MiB = 1024 * 1024

/** Start, order, sizes and the ownership of bytes. */
export function testDelivery({ test: parent, create }: TransportSuite): void {
  parent.test('a connection tells its boundaries and its peer', async (t) => {
    await using pair = await connect(await create())
    const { client, server, transport } = pair
    pair.start()
    for (const connection of [client, server]) {
      t.equal(connection.boundaries, transport.features.boundaries)
      t.match(connection.peer.address, /^[a-z]+:\/\/./)
      t.equal(connection.queued, 0)
    }
  })

  parent.test('start is for once', async (t) => {
    await using pair = await connect(await create())
    pair.start()
    for (const connection of [pair.client, pair.server]) t.throws(() => connection.start(() => {}), TypeError)
  })

  parent.test('nothing is delivered before start, and nothing is lost', async (t) => {
    await using pair = await connect(await create())
    const { client, server } = pair
    const sent = pattern(10_000)
    for (const connection of [client, server])
      for (let offset = 0; offset < sent.length; offset += 1000)
        connection.send(sent.subarray(offset, offset + 1000))
    server.resume()
    await pass(20)
    for (const connection of [client, server]) {
      const inbox = new Inbox()
      let during = true
      connection.start((bytes) => {
        if (during && connection.boundaries === 'stream') t.equal(bytes.length > 0, true)
        inbox.take(bytes)
      })
      during = false
      await inbox.until(sent.length)
      t.ok(sameBytes(inbox.bytes(), sent))
    }
  })

  parent.test('who has only looked can give it all back', async (t) => {
    await using pair = await connect(await create())
    const { client, server } = pair
    for (const [near, far] of [
      [client, server],
      [server, client],
    ] as const) {
      if (!near.rewind) continue
      const inbox = new Inbox()
      near.start((bytes) => {
        near.rewind!(bytes)
        near.start((bytes) => inbox.take(bytes))
      })
      const sent = pattern(10_000)
      for (let offset = 0; offset < sent.length; offset += 100) far.send(sent.subarray(offset, offset + 100))
      await inbox.until(sent.length)
      t.ok(sameBytes(inbox.bytes(), sent))
      t.throws(() => near.start(() => {}), TypeError, 'once')
    }
  })

  parent.test('nothing is delivered inside a send', async (t) => {
    await using pair = await connect(await create())
    const { atServer } = pair.start()
    pair.client.send(pattern(10))
    t.equal(atServer.total, 0)
    await atServer.until(10)
  })

  parent.test('order is kept in both directions at once', async (t) => {
    await using pair = await connect(await create())
    const { atClient, atServer } = pair.start()
    const up = pattern(MiB, 1)
    const down = pattern(MiB, 2)
    await Promise.all([sendAll(pair.client, up, 1013), sendAll(pair.server, down, 4099)])
    await Promise.all([atServer.until(up.length), atClient.until(down.length)])
    t.ok(sameBytes(atServer.bytes(), up), 'to the server')
    t.ok(sameBytes(atClient.bytes(), down), 'to the client')
  })

  parent.test('big sends arrive whole', async (t) => {
    await using pair = await connect(await create())
    const { atServer } = pair.start()
    const sent = pattern(4 * MiB)
    pair.client.send(sent)
    await atServer.until(sent.length)
    t.ok(sameBytes(atServer.bytes(), sent))
    t.equal(atServer.total, sent.length)
  })

  parent.test('single bytes arrive in order, and empty sends harm nobody', async (t) => {
    await using pair = await connect(await create())
    const { atServer } = pair.start()
    const sent = pattern(5_000)
    for (let index = 0; index < sent.length; index++) {
      if (index % 1000 === 0) pair.client.send(new Uint8Array(0))
      if (!pair.client.send(sent.subarray(index, index + 1))) await pair.client.drained()
    }
    await atServer.until(sent.length)
    t.ok(sameBytes(atServer.bytes(), sent))
  })

  parent.test('a transport with messages keeps their boundaries', async (t) => {
    const subject = await create()
    if (subject.transport.features.boundaries !== 'message') {
      t.pass('it has none')
      return
    }
    await using pair = await connect(subject)
    const { atServer } = pair.start()
    const sizes = [1, 2, 125, 126, 65_535, 65_536, 70_000, 3]
    for (const size of sizes) pair.client.send(pattern(size, size))
    await atServer.until(sizes.reduce((sum, size) => sum + size, 0))
    t.same(
      atServer.chunks.filter((chunk) => chunk.length > 0).map((chunk) => chunk.length),
      sizes,
    )
  })

  parent.test('sent memory is free again when nothing is queued', async (t) => {
    await using pair = await connect(await create())
    const { atServer } = pair.start()
    const memory = new Uint8Array(1000)
    for (let round = 0; round < 20; round++) {
      memory.fill(round)
      pair.client.send(memory)
      while (pair.client.queued > 0) await pass(0)
    }
    await atServer.until(20_000)
    const expected = Uint8Array.from({ length: 20_000 }, (_, index) => Math.floor(index / 1000))
    t.ok(sameBytes(atServer.bytes(), expected))
  })

  parent.test("received memory is the receiver's for good", async (t) => {
    await using pair = await connect(await create())
    const { atServer } = pair.start()
    const sent = pattern(100_000)
    for (let offset = 0; offset < sent.length; offset += 1000) {
      pair.client.send(sent.subarray(offset, offset + 1000))
      await atServer.until(offset + 1000)
    }
    t.ok(sameBytes(atServer.bytes(), sent), 'unchanged by what came later')
    for (const chunk of atServer.chunks) chunk.fill(0)
    pair.client.send(sent)
    await atServer.until(200_000)
    t.ok(sameBytes(atServer.bytes().subarray(100_000), sent), 'and free to be written to')
  })
}

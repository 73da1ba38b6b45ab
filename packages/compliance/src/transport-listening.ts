import { type Connection, RpcError } from '@hawser/contract'
import type { TransportSuite } from './transport.js'
import { connect, Inbox, pass, pattern, sameBytes } from './transport-pair.js'

const refused = { name: 'RpcError', code: 'unavailable', reason: 'unreachable', executed: 'no' }

/** Addresses, dialling and listening. */
export function testListening({ test: parent, create, supports }: TransportSuite): void {
  parent.test('what is no address of the transport is a TypeError', async (t) => {
    const { transport } = await create()
    const scheme = transport.schemes[0]
    for (const address of [
      '',
      scheme!,
      `${scheme}:`,
      `${scheme}://`,
      `${scheme}:// `,
      'other://x',
      'nonsense',
    ]) {
      await t.rejects(transport.dial(address), TypeError, `dial ${address}`)
      await t.rejects(
        transport.listen(address, () => {}),
        TypeError,
        `listen ${address}`,
      )
    }
  })

  parent.test('where nobody listens, dialling fails with what is known', async (t) => {
    const { transport, address } = await create()
    const listener = await transport.listen(address, () => {})
    await listener.close()
    const error: unknown = await transport.dial(listener.address).catch((error: unknown) => error)
    t.match(error, refused)
    t.ok(RpcError.is(error) && error.retryable, 'a listener may come')
  })

  parent.test('an aborted signal stops dialling and listening with its reason', async (t) => {
    const { transport, address } = await create()
    const reason = new Error('no more')
    const signal = AbortSignal.abort(reason)
    await t.rejects(
      transport.listen(address, () => {}, { signal }),
      reason,
    )
    const accepted: Connection[] = []
    const listener = await transport.listen(address, (connection) => {
      connection.start(() => {})
      accepted.push(connection)
    })
    await t.rejects(transport.dial(listener.address, { signal }), reason)

    const abort = new AbortController()
    const dialling = transport.dial(listener.address, { signal: abort.signal })
    abort.abort(reason)
    // A transport that connects without waiting may be done already; then the signal comes too late.
    const outcome = await dialling.then(
      (connection) => connection.close(),
      (error: unknown) => error,
    )
    t.ok(outcome === undefined || outcome === reason)
    await listener.close()
    for (const connection of accepted) await connection.closed
  })

  parent.test('a signal that comes after the connection does not touch it', async (t) => {
    const { transport, address } = await create()
    const abort = new AbortController()
    const { signal } = abort
    const listener = await transport.listen(
      address,
      (connection) => connection.start((bytes) => connection.send(bytes)),
      { signal },
    )
    const connection = await transport.dial(listener.address, { signal })
    abort.abort()
    const inbox = new Inbox()
    connection.start(inbox.take)
    connection.send(pattern(10))
    await inbox.until(10)
    t.same(inbox.bytes(), pattern(10))
    await connection.close()
    await listener.close()
  })

  parent.test('a closed listener takes no more, and what it took lives on', async (t) => {
    await using pair = await connect(await create())
    const { atServer } = pair.start()
    await Promise.all([pair.listener.close(), pair.listener.close()])
    await pair.listener[Symbol.asyncDispose]()
    await t.rejects(pair.transport.dial(pair.listener.address), refused)
    pair.client.send(pattern(10))
    await atServer.until(10)
    t.same(atServer.bytes(), pattern(10))
  })

  parent.test('an address can be listened on once, and again when it is free', async (t) => {
    const { transport, address } = await create()
    // A transport may have to connect to learn that somebody listens already.
    const first = await transport.listen(address, (connection) => connection.start(() => {}))
    await t.rejects(
      transport.listen(first.address, () => {}),
      { name: 'RpcError', executed: 'no' },
    )
    await first.close()
    const second = await transport.listen(first.address, () => {})
    t.equal(second.address, first.address)
    await second.close()
  })

  parent.test('a free address is told', { skip: !supports.freeAddress }, async (t) => {
    const { transport, address } = await create()
    const one = await transport.listen(address, () => {})
    const two = await transport.listen(address, () => {})
    t.not(one.address, address)
    t.not(one.address, two.address)
    await one.close()
    await two.close()
  })

  parent.test('an accept that throws costs that connection alone', async (t) => {
    const { transport, address } = await create()
    let count = 0
    const listener = await transport.listen(address, (connection) => {
      if (count++ === 0) throw new Error('bad accept')
      connection.start((bytes) => connection.send(bytes))
    })
    const first = await transport.dial(listener.address)
    first.start(() => {})
    await first.closed
    const second = await transport.dial(listener.address)
    const inbox = new Inbox()
    second.start(inbox.take)
    second.send(pattern(10))
    await inbox.until(10)
    t.same(inbox.bytes(), pattern(10))
    await second.close()
    await listener.close()
  })

  parent.test('connections do not mix', async (t) => {
    const { transport, address } = await create()
    const accepted: Connection[] = []
    const listener = await transport.listen(address, (connection) => {
      accepted.push(connection)
      connection.start((bytes) => connection.send(bytes))
    })
    const clients = await Promise.all(Array.from({ length: 50 }, () => transport.dial(listener.address)))
    await Promise.all(
      clients.map(async (client, index) => {
        const inbox = new Inbox()
        client.start(inbox.take)
        const sent = pattern(10_000, index)
        client.send(sent)
        await inbox.until(sent.length)
        t.ok(sameBytes(inbox.bytes(), sent))
      }),
    )
    await Promise.all(clients.map((client) => client.close()))
    await Promise.all(accepted.map((connection) => connection.closed))
    await listener.close()
  })

  parent.test('200 connections come and go, each end told once', async (t) => {
    const { transport, address } = await create()
    const accepted: Promise<RpcError | undefined>[] = []
    const listener = await transport.listen(address, (connection) => {
      connection.start(() => {})
      accepted.push(connection.closed)
    })
    for (let round = 0; round < 20; round++) {
      const clients = await Promise.all(Array.from({ length: 10 }, () => transport.dial(listener.address)))
      for (const client of clients) client.start(() => {})
      // A dial may be done before its other end is; one that is aborted then is never accepted.
      while (accepted.length < (round + 1) * clients.length) await pass(1)
      await Promise.all(
        clients.map(async (client, index) => {
          if (index % 2) client.abort(new RpcError('cancelled', 'enough'))
          else await client.close()
          await client.closed
        }),
      )
    }
    await listener.close()
    t.equal((await Promise.all(accepted)).length, 200)
  })
}

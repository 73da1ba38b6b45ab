import { harness } from '@hawser/compliance/harness'
import { type LogEntry, type Peer, RpcError } from '@hawser/contract'
import t from 'tap'
import { stack, transports, until } from '../../client/test/support/stack.js'

harness(t)

interface Ends {
  readonly connected: Peer[]
  readonly closed: [Peer, RpcError | undefined][]
  onConnect(peer: Peer): void
  onClose(peer: Peer, reason: RpcError | undefined): void
}

function ends(): Ends {
  const connected: Peer[] = []
  const closed: [Peer, RpcError | undefined][] = []
  return {
    connected,
    closed,
    onConnect: (peer) => void connected.push(peer),
    onClose: (peer, reason) => void closed.push([peer, reason]),
  }
}

for (const { name, transport, address } of transports()) {
  t.test(
    `FR-36 FR-37 ${name}: both sides hear of a connection's beginning and its end, by its id`,
    async (t) => {
      const server = ends()
      const client = ends()
      {
        await using all = await stack({ transport, address, server, client })
        t.equal(server.connected.length, 0, 'a client connects when it calls')
        const peer = await all.client.connect(all.address)
        await until(() => server.connected.length === 1)
        t.equal(client.connected[0], peer)
        t.match(all.server.connections, [{ id: server.connected[0]!.id }])
        t.equal(all.server.connection(server.connected[0]!.id), server.connected[0])
        t.equal(server.closed.length + client.closed.length, 0)
        await all.client.close()
        await until(() => server.closed.length === 1)
        t.equal(
          all.server.connection(server.connected[0]!.id),
          undefined,
          'FR-30 a stale id is known to be one',
        )
        t.same(all.server.connections, [])
      }
      await until(() => client.closed.length === 1)
      t.equal(client.closed[0]![1], undefined, 'undefined where this side closed')
      t.equal(client.closed[0]![0].id, client.connected[0]!.id)
      t.match(
        server.closed[0]![1],
        { reason: 'closed', retryable: true },
        'where the other did, the peer may come back',
      )
    },
  )

  t.test(`FR-37 ${name}: a server that goes tells its clients that they may come back`, async (t) => {
    const client = ends()
    const server = ends()
    await using all = await stack({ transport, address, server, client })
    await all.client.connect(all.address)
    await all.server.close()
    await until(() => client.closed.length === 1)
    t.match(client.closed[0]![1], { code: 'unavailable', reason: 'closed', retryable: true })
    t.equal(server.closed[0]![1], undefined)
  })
}

t.test('FR-37 a refusal says that trying again makes no sense', async (t) => {
  const client = ends()
  await using all = await stack({
    server: {
      authenticate() {
        throw new RpcError('permission_denied', 'not you', { reason: 'denied' })
      },
    },
    client,
  })
  await t.rejects(all.client.connect(all.address), { code: 'permission_denied', retryable: false })
  t.same(client.connected, [], 'a connection that was refused never began')
})

t.test('FR-38 hooks may wait and may call, and what they throw is logged and harms nothing', async (t) => {
  const log: LogEntry[] = []
  await using all = await stack({
    server: {
      log: (entry) => void log.push(entry),
      onConnect() {
        throw new Error('in onConnect')
      },
      async onNotify() {
        await Promise.resolve()
        throw new Error('in onNotify')
      },
    },
  })
  all.server.rpc('/a', () => 1)
  const peer = await all.client.connect(all.address)
  t.equal(peer.notify('x', null), true)
  t.equal(await all.client.remote(all.address, '/a')(), 1)
  await until(() => log.length > 1)
  t.match(
    log,
    ['onConnect', 'onNotify'].map((hook) => ({ event: 'hook_failed', message: `${hook} threw`, hook })),
    'one that throws does not hide another',
  )
})

t.test('FR-27 FR-30 a handler notifies its client, during the call and after it, in order', async (t) => {
  const got: [string, unknown][] = []
  await using all = await stack({
    client: { onNotify: (type, message) => void got.push([type, message]) },
  })
  let connection: Peer | undefined
  const { currentCall } = await import('@hawser/context')
  all.server.rpc('/subscribe', () => {
    connection = currentCall()!.connection
    t.equal(connection?.notify('tick', { n: 0 }), true)
    return connection?.id
  })
  const id = await all.client.remote<() => string>(all.address, '/subscribe')()
  for (let n = 1; n <= 5; n++) t.equal(all.server.connection(id)?.notify('tick', { n }), true)
  await until(() => got.length === 6)
  t.same(
    got,
    [0, 1, 2, 3, 4, 5].map((n) => ['tick', { n }]),
  )
  await all.client.close()
  await connection!.closed
  t.equal(
    connection!.notify('tick', {}),
    false,
    'a connection that has ended takes nothing, and does not throw',
  )
  await t.rejects(Promise.resolve(connection!.handler({} as never)), { code: 'unavailable', executed: 'no' })
})

t.test('FR-27 clients notify their server; without a taker it is dropped and counted', async (t) => {
  const got: unknown[] = []
  await using all = await stack({
    server: { onNotify: (type, message, connection) => void got.push([type, message, connection.id]) },
  })
  const peer = await all.client.connect(all.address)
  t.equal(peer.notify('hello', ['a', 1]), true)
  await until(() => got.length === 1)
  t.same(got, [['hello', ['a', 1], all.server.connections[0]!.id]])
  t.equal(all.server.connections[0]!.notify('nobody listens', 1), true)
  await until(() => all.client.counters.get('notification_dropped') === 1)
  t.throws(() => peer.notify('', 1), TypeError)
  t.throws(() => peer.notify('x'.repeat(257), 1), TypeError)
  t.throws(() => peer.notify('f', () => {}), { code: 'invalid_argument', reason: 'bad_payload' })
})

t.test('a credential is checked, at once or later, and what it stands for is seen by handlers', async (t) => {
  const { currentCall } = await import('@hawser/context')
  for (const wait of [false, true]) {
    const check = (credential: Uint8Array | undefined) => {
      const text = new TextDecoder().decode(credential)
      if (text !== 'open sesame')
        throw new RpcError('unauthenticated', `not ${text}`, { reason: 'unauthenticated' })
      return { user: 'Ali' }
    }
    let credential = 'open sesame'
    await using all = await stack({
      server: {
        authenticate: wait
          ? async (bytes) => {
              await new Promise((resolve) => setTimeout(resolve, 5))
              return check(bytes)
            }
          : check,
      },
      client: { credential: () => new TextEncoder().encode(credential) },
    })
    all.server.rpc('/who', () => currentCall()!.connection!.identity)
    const who = all.client.remote(all.address, '/who')
    t.same(await who(), { user: 'Ali' })
    await all.server.connections[0]!.close()
    credential = 'open barley'
    await t.rejects(who(), {
      code: 'unauthenticated',
      reason: 'unauthenticated',
      executed: 'no',
      retryable: false,
    })
    t.equal(all.server.counters.get('connection_unauthenticated'), 1)
    t.match(all.log.at(-1), { event: 'connection_unauthenticated', message: 'not open barley' })
    credential = 'open sesame'
    t.same(await who(), { user: 'Ali' }, 'it is asked for anew at each connection')
  }
})

t.test('without a credential where one is asked for, and with one that is too long', async (t) => {
  await using all = await stack({
    server: {
      authenticate(credential) {
        if (!credential) throw new RpcError('unauthenticated', 'none', { reason: 'unauthenticated' })
      },
    },
    client: {},
  })
  await t.rejects(all.client.remote(all.address, '/a')(), { code: 'unauthenticated', executed: 'no' })
  await using long = await stack({ client: { credential: () => new Uint8Array(5_000) } })
  await t.rejects(long.client.remote(long.address, '/a')(), {
    code: 'internal',
    executed: 'no',
    message: /too long/,
  })
  t.equal(long.server.connections.length, 0)
})

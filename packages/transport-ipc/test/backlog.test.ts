import { connect as netConnect, type Socket } from 'node:net'
import { harness } from '@hawser/compliance/harness'
import { type Connection, RpcError, virtualClock } from '@hawser/contract'
import t, { type Test } from 'tap'
import { ipc } from '../src/index.js'
import { folder } from './support/folder.js'
import { kill, message, run } from './support/process.js'

// Elsewhere a full backlog looks as if nobody listened, or makes the system wait.
const skip = process.platform === 'linux' ? false : 'EAGAIN is what Linux says'
harness(t)

t.test('F19 a burst of dials far beyond the backlog gets through, all of it', { skip }, async (t) => {
  const place = folder(t)
  const accepted: Connection[] = []
  const transport = ipc({ backlog: 8 })
  const listener = await transport.listen(place.address('a'), (connection) => {
    connection.start(() => {})
    listener.admitted?.(connection)
    accepted.push(connection)
  })
  const clients = await Promise.all(Array.from({ length: 200 }, () => transport.dial(listener.address)))
  await Promise.all(
    clients.map((client) => {
      client.start(() => {})
      return client.close()
    }),
  )
  await listener.close()
  await Promise.all(accepted.map((connection) => connection.closed))
  t.equal(accepted.length, 200)
})

t.test('F19 5,000 dials at once reach another process that is busy', { skip }, async (t) => {
  const place = folder(t)
  const server = run(t, 'busy-server', [place.address('a')], 12_000)
  await message(server)
  server.send('busy')
  const transport = ipc()
  const clients = await Promise.all(Array.from({ length: 5_000 }, () => transport.dial(place.address('a'))))
  // The last of them may still stand in the backlog: a dial ends there.
  const giveUp = performance.now() + 10_000
  let counted = 0
  while (counted < 5_000 && performance.now() < giveUp) {
    const answer = message<number>(server)
    server.send('count')
    counted = await answer
  }
  t.equal(counted, 5_000)
  const gone = new RpcError('cancelled', 'enough')
  for (const client of clients) client.abort(gone)
  await kill(server)
})

/** A listener that is stopped, and as many sockets as it has room for. */
async function full(t: Test, address: string, path: string): Promise<{ end(): Promise<void> }> {
  const server = run(t, 'busy-server', [address, '1'])
  await message(server)
  server.kill('SIGSTOP')
  const sockets: Socket[] = []
  for (;;) {
    const socket = netConnect(path)
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    if (!connected) break
    sockets.push(socket)
  }
  return {
    async end() {
      for (const socket of sockets) socket.destroy()
      await kill(server)
    },
  }
}

t.test(
  'a listener that stays full is given up in time, typed, and the last cause is told',
  { skip },
  async (t) => {
    const place = folder(t)
    const { end } = await full(t, place.address('a'), place.at('a.sock'))
    const limited = virtualClock()
    let settled = false
    const failing = t.rejects(ipc({ clock: limited, connectTimeoutMs: 2_000 }).dial(place.address('a')), {
      code: 'unavailable',
      reason: 'unreachable',
      executed: 'no',
      retryable: true,
      message: /EAGAIN/,
      cause: { code: 'EAGAIN' },
    })
    void failing.then(() => {
      settled = true
    })
    const begun = limited.now()
    while (!settled) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      await limited.advance(20)
    }
    const took = limited.now() - begun
    t.ok(took > 1_800 && took <= 2_040, `${took} ms`)
    t.equal(limited.pending, 0)

    const clock = virtualClock()
    const abort = new AbortController()
    const reason = new Error('enough')
    const outcome = t.rejects(ipc({ clock }).dial(place.address('a'), { signal: abort.signal }), reason)
    while (clock.pending !== 1) await new Promise((resolve) => setTimeout(resolve, 1))
    await new Promise((resolve) => setTimeout(resolve, 5))
    abort.abort(reason)
    await outcome
    t.equal(clock.pending, 0)

    await t.rejects(
      ipc().listen(place.address('a'), () => {}),
      { code: 'already_exists' },
      'who wants to start there finds that it lives',
    )
    t.same(place.list(), ['a.sock'])
    await end()
  },
)

import { once } from 'node:events'
import { connect, createServer, type Server, Socket } from 'node:net'
import { harness } from '@hawser/compliance/harness'
import { defaultLimits, virtualClock } from '@hawser/contract'
import t from 'tap'
import { establish } from '../src/index.js'

harness(t)

const address = 'test://somewhere'
const peer = () => ({ address })
const phases = [{ event: 'connect', name: 'connection', milliseconds: 1_000 }] as const

async function listening(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (!bound || typeof bound === 'string') throw new TypeError('no port')
  return { server, port: bound.port }
}

t.test('a socket that connects is a connection, and its timer is gone', async (t) => {
  const { server, port } = await listening()
  const clock = virtualClock()
  const around = { clock, limits: defaultLimits }
  const connection = await establish(connect(port, '127.0.0.1'), { address, phases, peer }, around)
  connection.start(() => {})
  t.equal(connection.peer.address, address)
  t.equal(clock.pending, 0)
  await connection.close()
  server.close()
})

t.test('each phase has its own time', async (t) => {
  const clock = virtualClock()
  const socket = new Socket()
  const outcome = t.rejects(
    establish(
      socket,
      {
        address,
        phases: [...phases, { event: 'secureConnect', name: 'handshake', milliseconds: 500 }],
        peer,
      },
      { clock, limits: defaultLimits },
    ),
    { code: 'unavailable', reason: 'unreachable', executed: 'no', message: /no handshake within 500 ms/ },
  )
  await clock.advance(900)
  socket.emit('connect')
  await clock.advance(499)
  t.equal(socket.destroyed, false)
  await clock.advance(1)
  await outcome
  t.equal(socket.destroyed, true)
  t.equal(clock.pending, 0)
})

t.test('whatever ends it on its way leaves nothing', async (t) => {
  const around = { clock: virtualClock(), limits: defaultLimits }
  const reason = new Error('enough')
  const abort = new AbortController()
  for (const [end, expected, signal] of [
    [(socket: Socket) => socket.destroy(), { code: 'unavailable', message: /was closed/ }, undefined],
    [(socket: Socket) => socket.destroy(reason), { code: 'unavailable', cause: reason }, undefined],
    [() => abort.abort(reason), reason, abort.signal],
  ] as const) {
    const socket = new Socket()
    const attempt = establish(socket, { address, phases, peer }, around, { signal })
    end(socket)
    await t.rejects(attempt, expected)
    t.equal(socket.destroyed, true)
    t.equal(around.clock.pending, 0)
  }
  const gone = new Socket()
  const attempt = establish(gone, { address, phases, peer: () => undefined }, around)
  gone.emit('connect')
  await t.rejects(attempt, { code: 'unavailable', message: /was closed/ })
})

import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { ask, post, wire, world } from './support/world.js'

harness(t)

t.test('calls under way are answered before a server closes, and say that it does', async (t) => {
  const { server, port } = await world(t)
  let finish: (() => void) | undefined
  server.rpc(
    '/f',
    () =>
      new Promise((resolve) => {
        finish = () => resolve('done')
      }),
  )
  const line = wire(t, port)
  line.send(post('/f', '[]') + post('/f', '[]'))
  while (!finish) await new Promise((resolve) => setTimeout(resolve, 5))
  const closed = server.close()
  finish()
  await line.closed
  t.match(
    line.text,
    /^HTTP\/1.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*\r\n\r\n"done"$/,
    'the one behind it was not run',
  )
  await closed
})

t.test('a body under way is waited for', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/f', (x: number) => x)
  const line = wire(t, port)
  const request = post('/f', '[12345]')
  line.send(request.slice(0, -3))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const closed = server.close()
  line.send(request.slice(-3))
  await line.closed
  t.match(line.text, /^HTTP\/1.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*\r\n\r\n12345$/)
  await closed
})

t.test('connections without a call end at once', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/f', () => 1)
  const used = wire(t, port)
  used.send(post('/f', '[]'))
  await used.until(/\r\n\r\n1$/)
  const fresh = wire(t, port)
  const begun = wire(t, port)
  begun.send('GET /f HT')
  await new Promise((resolve) => setTimeout(resolve, 50))
  const started = performance.now()
  await server.close()
  await Promise.all([used.closed, fresh.closed, begun.closed])
  t.ok(performance.now() - started < 2_000)
})

t.test('a handler that hangs is cut off at the end of the time to drain', async (t) => {
  const { server, port } = await world(t, { limits: { drainMs: 50 } })
  server.rpc('/f', () => new Promise(() => {}))
  const line = wire(t, port)
  line.send(post('/f', '[]'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const started = performance.now()
  await server.close()
  await line.closed
  t.ok(performance.now() - started < 2_000)
})

t.test('a call whose caller goes is cancelled', async (t) => {
  let reason: Error | undefined
  const { server, port, origin } = await world(t, {
    middleware: [
      (next) => (call) => {
        call.onCancel({
          cancelled(why) {
            reason = why
          },
        })
        return next(call)
      },
    ],
  })
  server.rpc('/hang', () => new Promise(() => {}))
  server.rpc('/f', () => 1)
  const line = wire(t, port)
  line.send(post('/hang', '[]'))
  await new Promise((resolve) => setTimeout(resolve, 30))
  line.socket.destroy()
  for (let round = 0; round < 100 && !reason; round++) await new Promise((resolve) => setTimeout(resolve, 5))
  t.match(reason, { code: 'unavailable', reason: 'connection_lost' })
  t.equal((await ask(`${origin}/f`, { headers: { connection: 'close' } })).text, '1')
})

t.test('connections are told of, and counted while they live', async (t) => {
  const told: string[] = []
  const { server, port } = await world(t, {
    onConnect: () => void told.push('connected'),
    onClose: () => void told.push('closed'),
  })
  server.rpc('/f', () => 1)
  const silent = wire(t, port)
  const line = wire(t, port)
  line.send(post('/f', '[]').repeat(3))
  await line.until(/(1[\s\S]*HTTP[\s\S]*){2}1$/)
  t.equal(server.connections.length, 1)
  line.socket.end()
  await line.closed
  silent.socket.destroy()
  for (let round = 0; round < 100 && told.length < 2; round++)
    await new Promise((resolve) => setTimeout(resolve, 5))
  t.same(told, ['connected', 'closed'])
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import { harness } from '@hawser/compliance/harness'
import type { Connection } from '@hawser/contract'
import t, { type Test } from 'tap'
import { ws, wsUpgrade } from '../src/index.js'
import type { WsAccept } from '../src/upgrade.js'
import { ask } from './support/raw.js'

harness(t)

async function shared(t: Test, accept: WsAccept): Promise<{ address: string; made: Connection[] }> {
  const made: Connection[] = []
  const server = createServer()
  server.on('upgrade', (request, socket, head) => {
    const connection = accept(request, socket, head)
    if (connection) made.push(connection)
    else if (socket.writable) socket.end('HTTP/1.1 404 Elsewhere\r\nContent-Length: 0\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const bound = server.address()
  return { address: `ws://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}`, made }
}

t.test('requests that offer the sub-protocol become connections', async (t) => {
  const { address, made } = await shared(t, wsUpgrade())
  const connection = await ws().dial(`${address}/anywhere`)
  const [accepted] = made
  t.match(accepted?.peer.address, /^ws:\/\/127\.0\.0\.1:\d+$/)
  accepted!.start((bytes) => void accepted!.send(bytes))
  const echoed = new Promise<Uint8Array>((resolve) => connection.start(resolve))
  connection.send(Uint8Array.of(1, 2, 3))
  t.same(new Uint8Array(await echoed), Uint8Array.of(1, 2, 3))
  await connection.close()
  t.equal(await accepted!.closed, undefined)
})

t.test('all others are left alone', async (t) => {
  const { address, made } = await shared(t, wsUpgrade({ path: '/rpc', subprotocols: ['mine'] }))
  const offer = ['Sec-WebSocket-Protocol: mine']
  t.match(await ask(address, { start: 'GET /rpc HTTP/1.1' }), [/ 404 Elsewhere/], 'without an offer')
  t.match(await ask(address, { start: 'GET /other HTTP/1.1', headers: offer }), [/ 404 Elsewhere/])
  t.match(await ask(address, { start: 'GET /rpc HTTP/1.1', headers: ['Sec-WebSocket-Protocol: hawser.1'] }), [
    / 404 Elsewhere/,
  ])
  t.match(
    await ask(address, { start: 'GET /rpc HTTP/1.1', headers: offer, without: ['Sec-WebSocket-Key'] }),
    [/ 400 /],
    'but for those that are malformed',
  )
  t.equal(made.length, 0)
  t.throws(() => wsUpgrade({ subprotocols: [] }), TypeError)
})

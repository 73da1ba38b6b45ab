import { once } from 'node:events'
import { connect, createServer as listen, type Socket } from 'node:net'
import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import type { Codec } from '@hawser/contract'
import { pull, topic } from '@hawser/push'
import { createServer } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'
import t, { type Test } from 'tap'
import { http } from '../src/index.js'

harness(t)

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

// As the defaults, but faster.
const limits = { keepAliveMs: 500, keepAliveTimeoutMs: 900, keepAliveFloorMs: 50 }

function clientIn(t: Test, codec: Codec) {
  const client = createClient({
    transports: [tcp()],
    codecs: [codec],
    protocol: http(),
    limits,
    log: () => {},
  })
  t.teardown(() => client.close())
  return client
}

t.test('a stream whose server takes the request and says nothing ends', async (t) => {
  const sockets: Socket[] = []
  const silent = listen((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.resume()
  }).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    silent.close()
    await once(silent, 'close')
  })
  const { port } = silent.address() as { readonly port: number }
  const items = pull(clientIn(t, json()), `tcp://127.0.0.1:${port}`, '/quiet')
  await t.rejects(items.next(), { code: 'unavailable', reason: 'silent', retryable: true })
})

for (const codec of [json(), msgpack()])
  t.test(`a stream that is only quiet goes on; one whose cable is cut ends (${codec.name})`, async (t) => {
    const server = createServer({
      transports: [tcp()],
      codecs: [codec],
      protocols: [http()],
      limits,
      log: () => {},
    })
    t.teardown(() => server.close({ signal: AbortSignal.timeout(500) }))
    const quiet = topic<string>(server, '/quiet')
    const { address } = await server.listen('tcp://127.0.0.1:0')
    // Passes bytes on, until it is told to keep them.
    let cut = false
    const ends: Socket[] = []
    const between = listen((near) => {
      const far = connect(Number(new URL(address).port), '127.0.0.1')
      ends.push(near, far)
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.on('data', (bytes) => void (cut || to.write(bytes)))
        from.on('error', () => {})
        from.on('close', () => void (cut || to.destroy()))
      }
    }).listen(0, '127.0.0.1')
    await once(between, 'listening')
    t.teardown(async () => {
      for (const socket of ends) socket.destroy()
      between.close()
      await once(between, 'close')
    })
    const { port } = between.address() as { readonly port: number }
    const items = pull<string>(clientIn(t, codec), `tcp://127.0.0.1:${port}`, '/quiet')
    const first = items.next()
    while (quiet.size === 0) await sleep(10)
    await sleep(3_200)
    quiet.publish('still here')
    t.equal((await first).value, 'still here', 'longer than the patience later')
    cut = true
    await t.rejects(items.next(), { code: 'unavailable', reason: 'silent' })
  })

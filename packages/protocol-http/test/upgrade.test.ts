import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { pull, topic } from '@hawser/push'
import { ws, wsUpgrade } from '@hawser/transport-ws'
import { native } from '@hawser/wire'
import t from 'tap'
import { refusal, subscribe, until } from './support/subscriber.js'
import { ask, world } from './support/world.js'

harness(t)

const upgrades = [{ accept: wsUpgrade(), protocol: native() }]

function caller() {
  return createClient({ transports: [ws()], codecs: [msgpack(), json()], log: () => {} })
}

t.test('the native protocol over WebSockets, at the port of HTTP', async (t) => {
  const { server, port, origin } = await world(t, { http: { upgrades } })
  server.rpc('/greet', (name: string) => `Hello ${name}`)
  const nagging = topic<string>(server, '/nagging')
  await using client = caller()
  const address = `ws://127.0.0.1:${port}/any/path`
  t.equal(await client.remote<(name: string) => string>(address, '/greet')('native'), 'Hello native')
  const pulled = pull<string>(client, address, '/nagging')[Symbol.asyncIterator]()
  const first = pulled.next()
  const subscriber = await subscribe(t, `ws://127.0.0.1:${port}/nagging`, 'ecv_amrpc_json')
  await until(() => nagging.size === 2)
  nagging.publish('both')
  t.equal((await first).value, 'both')
  t.same(await subscriber.got(1), ['"both"'])
  const answer = await ask(`${origin}/greet?args=["plain"]`, { headers: { connection: 'close' } })
  t.equal(answer.text, '"Hello plain"')
  await pulled.return?.()
})

t.test('closing the server lets calls over an upgraded connection end, and closes it', async (t) => {
  const { server, port } = await world(t, { http: { upgrades } })
  let answer: (text: string) => void = () => {}
  let asked = false
  server.rpc('/wait', () => {
    asked = true
    return new Promise<string>((resolve) => {
      answer = resolve
    })
  })
  await using client = caller()
  const call = client.remote<() => string>(`ws://127.0.0.1:${port}`, '/wait')()
  await until(() => asked)
  const closing = server.close()
  await new Promise((resolve) => setTimeout(resolve, 20))
  answer('done')
  t.equal(await call, 'done')
  await closing
  t.equal(server.connections.length, 0)
})

t.test('an upgrade that nothing is there for is refused, and its credential counts', async (t) => {
  const { server, port } = await world(t)
  topic(server, '/nagging')
  t.equal((await refusal(`ws://127.0.0.1:${port}/rpc`, ['hawser.1']))[0], 404)
  const { port: other } = await world(t, { http: { upgrades } })
  t.equal(
    (await refusal(`ws://127.0.0.1:${other}/rpc`, ['hawser.1'], { Origin: 'https://evil.example' }))[0],
    403,
    'pages of others are kept from it, too',
  )
  t.equal((await refusal(`ws://127.0.0.1:${other}/rpc`))[0], 404, 'what offers nothing is no native peer')
})

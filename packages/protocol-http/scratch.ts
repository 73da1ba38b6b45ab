import { createServer as createHttp } from 'node:http'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import type { Connection, Feed, Flow, Outlet, Protocol, ProtocolContext } from '@hawser/contract'
import { serverStream } from '@hawser/schema'
import { createServer } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'
import { ServedSession, writeNumber } from '@hawser/wire'
import { WebSocket, WebSocketServer } from 'ws'
import { settingsOf } from './src/options.js'
import { takeUpgrade } from './src/websocket/upgrade.js'

class Host extends ServedSession {
  settings = settingsOf({})
  begun(socket: any) {
    hosts.set(socket, this)
    web.emit('connection', socket)
  }
  get context2() {
    return this.context
  }
  call(parts: any, sink: any) {
    return this.serve(parts, sink)
  }
  up: any
  upgraded(to: any) {
    this.up = to
  }
  protected leaving() {
    this.up?.leave()
  }
  protected override farewell() {}
}
const hosts = new WeakMap<any, Host>()
const web = createHttp((_, r) => r.end())
web.on('upgrade', (request, socket, head) => takeUpgrade(hosts.get(socket) as any, request, socket, head))
const scratch: Protocol = {
  name: 's',
  sniff: () => 'yes',
  open() {
    throw new Error()
  },
  serve(c: Connection, ctx: ProtocolContext) {
    const h = new Host(c, ctx)
    h.begun(c.detach!())
    return h
  },
}

class Topic {
  flows = new Map<Outlet, { on: boolean }>()
  n = 0
  feed(numbered: boolean): Feed {
    const self = this
    return {
      flow(outlet: Outlet): Flow {
        const st = { on: false }
        self.flows.set(outlet, st)
        return {
          resume() {
            st.on = true
          },
          stop() {
            self.flows.delete(outlet)
          },
        }
      },
      [Symbol.asyncIterator]() {
        throw new Error('no')
      },
    } as any
  }
  publish(value: Uint8Array) {
    const b = new Uint8Array(8 + value.length)
    b.set(value, 8)
    writeNumber(b, ++this.n)
    let stalled = 0
    for (const [o, st] of this.flows) {
      if (!st.on) {
        stalled++
        continue
      }
      st.on = o.item(b)
    }
    return stalled
  }
}
const topic = new Topic()
const server = createServer({
  transports: [tcp({ maxConnectionsPerPeer: 5000 })],
  codecs: [json(), msgpack()],
  protocols: [scratch],
  log: console.log,
})
server.register({
  name: '/t',
  topic: true,
  type: { kind: 'server-stream', untyped: true } as any,
  handler: () => ({ output: topic.feed(true) }),
})
const l = await server.listen('tcp://127.0.0.1:0')
const port = Number(l.address.split(':').pop())

// raw clients in the same process would share the loop: count bytes in a child
import { fork } from 'node:child_process'
import { once } from 'node:events'

const N = 1000
async function clients(port: number, path: string, protocol?: string) {
  const child = fork('/tmp/b/clients.mjs', [String(port), path, String(N), protocol ?? ''])
  await once(child, 'message')
  return child
}
const payload = new TextEncoder().encode(JSON.stringify('x'.repeat(98)))
async function run(name: string, child: any, publish: () => unknown, perTurn: number, rounds: number) {
  child.send({ expect: N * perTurn * rounds })
  const t0 = performance.now()
  const c0 = process.cpuUsage()
  for (let r = 0; r < rounds; r++) {
    for (let k = 0; k < perTurn; k++) publish()
    await new Promise((r) => setImmediate(r))
    await drained()
  }
  await once(child, 'message')
  const ms = performance.now() - t0
  const cpu = process.cpuUsage(c0)
  console.log(
    name,
    perTurn,
    `${Math.round((N * perTurn * rounds) / ms)}k msg/s`,
    `cpu/msg ${((cpu.user + cpu.system) / (N * perTurn * rounds)).toFixed(2)} us`,
  )
}
let drained: () => Promise<void>
const ours = await clients(port, '/t', 'ecv_amrpc_json')
drained = async () => {}
const pub = () => topic.publish(payload)
const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
await once(wss, 'listening')
const theirs = await clients((wss.address() as any).port, '/', '')
const buf = Buffer.from(payload)
const loop = () => {
  for (const c of wss.clients) c.send(buf, { binary: false })
}
for (let i = 0; i < 3; i++)
  for (const k of [1, 10]) {
    await run('ours', ours, pub, k, 200 / k)
    await run('ws  ', theirs, loop, k, 200 / k)
  }
ours.kill()
theirs.kill()
wss.close()
process.exit(0)

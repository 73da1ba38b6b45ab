import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { harness, testAuthority } from '@hawser/compliance/harness'
import { models, serve } from '@hawser/prefork'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { Caller } from './support/scene.js'

harness(t)

const services = new URL('./support/services.mjs', import.meta.url)

/** All that comes until the other side is done. */
async function answer(socket: Socket, request: string | Uint8Array, bytes: number): Promise<string> {
  let text = ''
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more
    if (text.length >= bytes) socket.destroy()
  })
  socket.write(request)
  await once(socket, 'close')
  return text
}

function frame(value: unknown): Uint8Array {
  const text = JSON.stringify(value)
  const head = Buffer.alloc(4)
  head.writeUInt32LE(Buffer.byteLength(text))
  return Buffer.concat([head, Buffer.from(text)])
}

const authority = testAuthority()
const { cert, key } = authority.issue('localhost', { hosts: ['localhost', '127.0.0.1'] })

for (const model of models)
  t.test(`${model}: native, length-prefixed JSON and HTTP, over tcp, TLS and ipc`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'prefork-'))
    process.env.TEST_TLS = JSON.stringify({ cert, key })
    t.teardown(() => {
      delete process.env.TEST_TLS
      rmSync(folder, { recursive: true })
    })
    const listen = ['tcp', 'tls', 'tcp+tls'].map((scheme) => `${scheme}://127.0.0.1:0`)
    listen.push(`ipc://${join(folder, 's')}`)
    await using running = await serve(services, {
      model,
      listen,
      workers: 1,
      execArgv: [],
      startMs: 60_000,
      log: () => {},
      // Between threads go bytes, so that this process has to decrypt them.
      transports: model.startsWith('thread') ? [tcp({ tls: { server: { cert, key } } }), ipc()] : undefined,
    })
    t.same(
      running.addresses.map((address) => address.split('://')[0]),
      ['tcp', 'tls', 'tcp+tls', 'ipc'],
    )
    // Each takes a server of its own where that is the model.
    const dialled = model.endsWith('per-connection') ? ['tls', 'ipc'] : ['tls', 'tcp+tls', 'ipc']
    for (const address of running.addresses.filter((each) => dialled.includes(each.split('://')[0]!))) {
      const caller = new Caller(address.replace('tcp+tls', 'tls'), { ca: authority.cert })
      const [peer] = await caller.call<{ address: string; tls?: object }[]>('/peers')
      const encrypted = !address.startsWith('ipc')
      t.match(peer?.address, encrypted ? /^tls:/ : /^ipc:/)
      t.equal(peer?.tls !== undefined, encrypted)
      await caller.close()
    }

    const port = Number(new URL(running.address).port)
    const reply = frame({ out: 'pong', result: 'ireader 0' })
    const request = frame({ in: 'ping', params: 'ireader 0' })
    t.equal(await answer(connect(port, '127.0.0.1'), request, reply.length), Buffer.from(reply).toString())
    const response = await fetch(`http://127.0.0.1:${port}/ping`, {
      method: 'POST',
      body: '["http"]',
      headers: { 'content-type': 'application/json', connection: 'close' },
    })
    t.same([response.status, await response.json()], [200, 'http'])
  })

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
import { Caller, scene } from './support/scene.js'

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

for (const model of models)
  t.test(`${model}: native, length-prefixed JSON and HTTP at one address`, async (t) => {
    await using running = await serve(services, {
      model,
      listen: 'tcp://127.0.0.1:0',
      workers: 1,
      execArgv: [],
      log: () => {},
    })
    const port = Number(new URL(running.address).port)
    const caller = new Caller(running.address)
    t.equal(await caller.call('/ping', 'native'), 'native')
    await caller.close()
    const reply = frame({ out: 'pong', result: 'ireader 0' })
    const got = await answer(
      connect(port, '127.0.0.1'),
      frame({ in: 'ping', params: 'ireader 0' }),
      reply.length,
    )
    t.equal(got, Buffer.from(reply).toString())
    const response = await fetch(`http://127.0.0.1:${port}/ping`, {
      method: 'POST',
      body: '["http"]',
      headers: { 'content-type': 'application/json', connection: 'close' },
    })
    t.same([response.status, await response.json()], [200, 'http'])
  })

const authority = testAuthority()
const { cert, key } = authority.issue('localhost', { hosts: ['localhost', '127.0.0.1'] })

for (const model of models)
  t.test(`${model}: tcp, TLS and ipc at a time`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'prefork-'))
    const server = { cert, key }
    const env = { ...process.env, TEST_TLS: JSON.stringify(server) }
    process.env.TEST_TLS = env.TEST_TLS
    t.teardown(() => {
      delete process.env.TEST_TLS
      rmSync(folder, { recursive: true })
    })
    // Between threads go bytes, so that this process has to decrypt them.
    const transports = model.startsWith('thread') ? [tcp({ tls: { server } }), ipc()] : undefined
    const listen = ['tcp', 'tls', 'tcp+tls'].map((scheme) => `${scheme}://127.0.0.1:0`)
    listen.push(`ipc://${join(folder, 's')}`)
    await using it = await scene({ model, listen, workers: 1, env, transports })
    t.match(
      it.running.addresses.map((address) => address.slice(0, -2)),
      [/^tcp:/, /^tls:/, /^tcp\+tls:/, /^ipc:/],
    )
    for (const [index, scheme] of ['tcp', 'tls', 'tls', 'ipc'].entries()) {
      const address = it.running.addresses[index]!.replace('tcp+tls', 'tls')
      const caller = new Caller(address, { ca: authority.cert })
      const [peer] = await caller.call<{ address: string; tls?: object }[]>('/peers')
      t.equal(peer?.address.split(':')[0], scheme)
      t.equal(peer?.tls !== undefined, scheme === 'tls')
      await caller.close()
    }
  })

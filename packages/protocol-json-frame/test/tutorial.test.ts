import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { jsonFrame } from '../src/index.js'
import { frame, Raw } from './support/raw.js'

harness(t)

interface Served extends AsyncDisposable {
  readonly server: Server
  readonly address: string
}

/** The tutorial's server. */
async function tutorial(options: Partial<ServerOptions> = {}, bigEndian = false): Promise<Served> {
  const server = createServer({ transports: [tcp()], codecs: [json()], log: () => {}, ...options })
  server.rpc('/ping', (params: string) => params)
  const protocols = [jsonFrame({ names: { ping: 'pong' }, bigEndian })]
  const { address } = await server.listen('tcp://127.0.0.1:0', { protocols })
  return { server, address, [Symbol.asyncDispose]: () => server.close() }
}

t.test('PM-01 a length of four bytes, the least first, and a JSON body', async (t) => {
  await using served = await tutorial()
  await using peer = await Raw.dial(served.address)
  const body = Buffer.from('{"in": "ping", "params": "ireader 0"}')
  peer.send(Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]))
  t.same(await peer.next(), { out: 'pong', result: 'ireader 0' })
  peer.send(frame({ in: 'ping', params: 'ü'.repeat(40_000) }))
  t.same(await peer.next(), { out: 'pong', result: 'ü'.repeat(40_000) }, 'whose length is of bytes')
})

t.test('PM-01 the most significant byte first, by option', async (t) => {
  await using served = await tutorial({}, true)
  await using peer = await Raw.dial(served.address, true)
  t.same(await peer.ask({ in: 'ping', params: 'x' }), { out: 'pong', result: 'x' })
})

t.test('PM-02 requests of in and params, answers of out and result', async (t) => {
  await using served = await tutorial()
  const { server } = served
  server.rpc('/args', (...args: unknown[]) => args)
  server.rpc('/nothing', () => undefined)
  server.rpc('/two/levels', () => null)
  server.rpc('/error', () => 'no error')
  await using peer = await Raw.dial(served.address)
  for (const [request, answer] of [
    [
      { in: 'args', params: 'one' },
      { out: 'args', result: ['one'] },
    ],
    [
      { in: 'args', params: { a: 1 } },
      { out: 'args', result: [{ a: 1 }] },
    ],
    [
      { in: 'args', params: null },
      { out: 'args', result: [null] },
    ],
    [
      { in: 'args', params: [1, 2] },
      { out: 'args', result: [1, 2] },
    ],
    [
      { in: 'args', params: [] },
      { out: 'args', result: [] },
    ],
    [{ in: 'args' }, { out: 'args', result: [] }],
    ['{ "x": [1, {}], "params" : [ 3 ] , "in":"\\u0061rgs" }', { out: 'args', result: [3] }],
    [
      { in: '/args', params: 1 },
      { out: '/args', result: [1] },
    ],
    [{ in: 'nothing' }, { out: 'nothing' }],
    [{ in: '/two/levels' }, { out: '/two/levels', result: null }],
    [{ in: 'error' }, { out: '/error', result: 'no error' }],
  ] as const)
    t.same(await peer.ask(request), answer)
})

t.test(
  'PM-03 many requests on one connection, answered in their order however the handlers finish',
  async (t) => {
    await using served = await tutorial()
    const ends = new Map<number, (value: number) => void>()
    served.server.rpc('/later', (number: number) => new Promise((resolve) => ends.set(number, resolve)))
    await using peer = await Raw.dial(served.address)
    peer.send(...Array.from({ length: 5 }, (_, number) => ({ in: 'later', params: number })), {
      in: 'ping',
      params: 5,
    })
    while (ends.size < 5) await new Promise((resolve) => setImmediate(resolve))
    for (const number of [3, 1, 4, 2, 0]) {
      ends.get(number)?.(number)
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (let number = 0; number < 5; number++) t.same(await peer.next(), { out: 'later', result: number })
    t.same(await peer.next(), { out: 'pong', result: 5 })
    for (let number = 0; number < 10; number++)
      t.same(await peer.ask({ in: 'ping', params: `ireader ${number}` }), {
        out: 'pong',
        result: `ireader ${number}`,
      })
  },
)

t.test(
  'PM-04 handlers are looked up by name; one that is not there is an error, and the connection goes on',
  async (t) => {
    await using served = await tutorial()
    served.server.rpc('/fail', () => {
      throw new Error('out of ink')
    })
    await using peer = await Raw.dial(served.address)
    for (const name of ['pong', 'toString', 'constructor', '__proto__', '/', 'a.Service/method'])
      t.match(await peer.ask({ in: name, params: 1 }), {
        out: 'error',
        result: {
          code: 'unimplemented',
          reason: 'no_method',
          executed: 'no',
          retryable: false,
          message: /no method/,
        },
      })
    t.match(await peer.ask({ in: 'fail' }), {
      out: 'error',
      result: { code: 'internal', reason: 'handler_failed', executed: 'yes', message: 'out of ink' },
    })
    t.same(await peer.ask({ in: 'ping', params: 1 }), { out: 'pong', result: 1 })
  },
)

t.test('PM-05 a peer that closes is let go in peace, and told of', async (t) => {
  const lines: string[] = []
  const reasons: unknown[] = []
  await using served = await tutorial({
    onConnect: ({ info }) => void lines.push(`hello ${info.address}`),
    onClose: ({ info }, reason) => {
      lines.push(`bye ${info.address}`)
      reasons.push(reason)
    },
  })
  for (let round = 0; round < 2; round++) {
    const peer = await Raw.dial(served.address)
    const from = `tcp://127.0.0.1:${peer.socket.localPort}`
    // The last request and the end come together; its answer is still sent.
    peer.send({ in: 'ping', params: 'last' })
    peer.socket.end()
    t.same(await peer.next(), { out: 'pong', result: 'last' })
    t.equal(await peer.next(), undefined)
    while (served.server.connections.length > 0) await new Promise((resolve) => setImmediate(resolve))
    t.same(lines.splice(0), [`hello ${from}`, `bye ${from}`])
    t.match(reasons.splice(0), [{ code: 'unavailable', reason: 'closed' }])
  }
  // In the middle of a message, it has not closed in peace.
  const peer = await Raw.dial(served.address)
  await peer.ask({ in: 'ping', params: 1 })
  peer.socket.end(Buffer.from([20, 0, 0, 0, 0x7b]))
  t.equal(await peer.next(), undefined)
  while (reasons.length === 0) await new Promise((resolve) => setImmediate(resolve))
  t.match(reasons, [{ reason: 'connection_lost' }])
})

t.test('PM-06 its address can be listened on again at once, with a backlog of its own', async (t) => {
  const first = await tutorial()
  const peer = await Raw.dial(first.address)
  await peer.ask({ in: 'ping', params: 1 })
  await first.server.close()
  t.equal(await peer.next(), undefined)
  const server = createServer({ transports: [tcp({ backlog: 1 })], codecs: [json()] })
  server.rpc('/ping', (params: string) => params)
  await server.listen(first.address, { protocols: [jsonFrame()] })
  await using again = await Raw.dial(first.address)
  t.same(await again.ask({ in: 'ping', params: 2 }), { out: 'ping', result: 2 })
  await again[Symbol.asyncDispose]()
  await server.close()
})

t.test('PM-07 messages that come a byte at a time, or many at once, are the same messages', async (t) => {
  await using served = await tutorial()
  const said = Buffer.concat(
    ['ireader 0', 'ü', { deep: [[1]] }].map((params) => frame({ in: 'ping', params })),
  )
  for (const size of [1, 3, 5, said.length]) {
    await using peer = await Raw.dial(served.address)
    for (let at = 0; at < said.length; at += size) {
      peer.socket.write(said.subarray(at, at + size))
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const result of ['ireader 0', 'ü', { deep: [[1]] }])
      t.same(await peer.next(), { out: 'pong', result })
  }
})

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { RpcError } from '@hawser/contract'
import { pull } from '@hawser/push'
import { tcp } from '@hawser/transport-tcp'
import t, { type Test } from 'tap'
import { http } from '../src/index.js'

harness(t)

const answer = (body: string, more = '') =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`

/** A server that does what it is told at each request, or at each connection. */
async function server(
  t: Test,
  asked: (socket: Socket, request: string, number: number) => void,
  came: (socket: Socket) => void = () => {},
): Promise<string> {
  const sockets = new Set<Socket>()
  let number = 0
  const listening: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.on('data', (bytes) => asked(socket, bytes.toString('latin1'), ++number))
    came(socket)
  })
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    listening.close()
    await once(listening, 'close')
  })
  const bound = listening.address()
  return `tcp://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}`
}

function caller(t: Test) {
  const client = createClient({
    transports: [tcp()],
    codecs: [json()],
    protocol: http(),
    log: () => {},
    limits: { receiveBytes: 100_000 },
  })
  t.teardown(() => client.close())
  return client
}

const failure = async (call: Promise<unknown>): Promise<RpcError> => {
  try {
    await call
  } catch (error) {
    if (RpcError.is(error)) return error
    throw error
  }
  throw new Error('It did not fail')
}

const answers: Record<string, readonly [said: string, expected: Record<string, unknown>]> = {
  'headers without end': [
    `HTTP/1.1 200 OK\r\n${'X-More: 0123456789\r\n'.repeat(5_000)}`,
    { code: 'resource_exhausted', reason: 'too_large' },
  ],
  'a body that is declared too large': [
    'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n[',
    { code: 'resource_exhausted', reason: 'too_large' },
  ],
  'a body that turns out too large': [
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${`2710\r\n${'1'.repeat(10_000)}\r\n`.repeat(20)}`,
    { code: 'resource_exhausted', reason: 'too_large' },
  ],
  'no HTTP': ['SSH-2.0-OpenSSH_9.6\r\n', { code: 'internal', reason: 'bad_frame' }],
  'two lengths': [
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n11',
    { code: 'internal', reason: 'bad_frame' },
  ],
  'a length and chunks': [
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n',
    { code: 'internal', reason: 'bad_frame' },
  ],
  'chunks that are none': [
    'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
    { code: 'internal', reason: 'bad_frame' },
  ],
  'interim answers without end': [
    'HTTP/1.1 102 Processing\r\n\r\n'.repeat(1_000),
    { code: 'unavailable', reason: 'abuse' },
  ],
  'another protocol': [
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    { code: 'internal', reason: 'bad_frame' },
  ],
  'a page': [
    'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>',
    { code: 'internal', reason: 'bad_payload' },
  ],
  'a redirection': [
    'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
    { code: 'unimplemented' },
  ],
  'an error that is none of ours': [
    'HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy',
    { code: 'unavailable', reason: 'overloaded', message: /^Busy: busy$/, retryAfterMs: 7_000 },
  ],
  'the hint of a port of another protocol': [
    'HTTP/1.1 400 Bad Request\r\nContent-Length: 36\r\n\r\nThis port speaks hawser/1, not HTTP\n',
    { code: 'invalid_argument', message: /^Bad Request: This port speaks hawser\/1, not HTTP$/ },
  ],
  'an error with a page': [
    'HTTP/1.1 500 No\r\nContent-Length: 6\r\n\r\n<html>',
    { code: 'unknown', message: /^No$/ },
  ],
  'an error with more than a line': [
    'HTTP/1.1 500 No\r\nContent-Length: 3\r\n\r\na\x1bb',
    { code: 'unknown', message: /^No$/ },
  ],
  'an error made of other things': [
    answer('{"code":"__proto__","message":[],"executed":9,"retryable":"yes"}').replace('200 OK', '500 No'),
    { code: 'unknown', message: 'No' },
  ],
  'JSON that is none': [answer('{"a":'), { reason: 'bad_payload' }],
}

t.test('whatever a server answers, the call fails with what it was', async (t) => {
  for (const [name, [said, expected]] of Object.entries(answers)) {
    const address = await server(t, (socket) => socket.write(said))
    const error = await failure(caller(t).remote(address, '/x')())
    t.match(error, expected, name)
    t.ok(error.message.length < 500)
  }
})

t.test('an answer that never ends ends with the call', async (t) => {
  const address = await server(t, (socket) => {
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n',
    )
  })
  const error = await failure(caller(t).remote(address, '/x').with({ timeoutMs: 100 })())
  t.match(error, { code: 'deadline_exceeded' })
})

t.test('an answer that comes before its request is nobody’s', async (t) => {
  let connections = 0
  const address = await server(
    t,
    (socket) => socket.write(answer('"right"')),
    (socket) => {
      if (connections++ === 0) socket.write(answer('"wrong"'))
    },
  )
  const client = caller(t)
  await client.connect(address)
  await new Promise((resolve) => setTimeout(resolve, 30))
  t.equal(await client.remote(address, '/x')(), 'right')
  t.equal(connections, 2)
})

t.test('what comes behind an answer is not the next one', async (t) => {
  const address = await server(t, (socket, _, number) => {
    socket.write(answer(`${number}`))
    if (number === 1) setTimeout(() => socket.write(answer('"smuggled"')), 10)
    if (number === 2) socket.write(answer('"smuggled"'))
  })
  const call = caller(t).remote(address, '/x')
  t.equal(await call(), 1)
  await new Promise((resolve) => setTimeout(resolve, 40))
  t.equal(await call(), 2)
  t.equal(await call(), 3)
})

t.test('a server that ends the connection with each answer is called again all the same', async (t) => {
  let connections = 0
  const address = await server(
    t,
    (socket, _, number) => socket.end(answer(`${number}`, 'Connection: close\r\n')),
    () => void connections++,
  )
  const call = caller(t).remote(address, '/x')
  for (let number = 1; number <= 5; number++) t.equal(await call(), number)
  t.equal(connections, 5)
})

t.test('a server that hangs up leaves no call waiting', async (t) => {
  const address = await server(t, (socket) => socket.destroy())
  t.match(await failure(caller(t).remote(address, '/x')()), {
    code: 'unavailable',
    reason: 'connection_lost',
    executed: 'maybe',
  })
})

t.test('what goes into a request cannot break out of it', async (t) => {
  const address = await server(t, (socket) => socket.write(answer('1')))
  const client = caller(t)
  const evil = new Map([['x', 'a\r\nInjected: 1']])
  const remote = client.remote(address, '/x')
  t.match(await failure(remote.with({ headers: evil as never })()), { executed: 'no' })
  for (const path of ['/a b', '/a?b=1', '/a#b', '/a\r\nX: 1'])
    t.match(await failure(client.remote(address, path)()), { executed: 'no' }, path)
})

const opening = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n'
const streams: Record<string, readonly [said: string, expected: Record<string, unknown>]> = {
  'a line without end': [`${opening}data: ${'1'.repeat(300_000)}`, { reason: 'too_large' }],
  'an event of many lines': [
    `${opening}${`data: ${'1'.repeat(900)}\n`.repeat(300)}`,
    { reason: 'too_large' },
  ],
  'an event of short lines': [`${opening}${'data:\n'.repeat(5_000)}`, { reason: 'too_large' }],
  'an error': [
    `${opening}event: error\ndata: {"code":"aborted","message":"no more","retryable":true}\n\n`,
    { code: 'aborted', message: 'no more', retryable: true },
  ],
  'an error that is none': [`${opening}event: error\ndata: 7\n\n`, { reason: 'bad_frame' }],
  'no events': [answer('1'), { reason: 'bad_frame' }],
  'items that are none': [`${opening}data: {"a\n\n`, { reason: 'bad_payload' }],
}

t.test('whatever a server streams, the consumer hears of it', async (t) => {
  for (const [name, [said, expected]] of Object.entries(streams)) {
    const address = await server(t, (socket) => socket.write(said))
    const items = pull(caller(t), address, '/x')[Symbol.asyncIterator]()
    t.match(await failure(items.next()), expected, name)
  }
  const address = await server(t, (socket) => socket.end(`${opening}id: 1\ndata: 1\n\n`))
  const items = pull(caller(t), address, '/x')[Symbol.asyncIterator]()
  t.equal((await items.next()).value, 1)
  t.match(await failure(items.next()), { reason: 'connection_lost' }, 'and an end that was not said is none')
})

t.test('events may come in any pieces', async (t) => {
  const text = `${opening}: a comment\r\n\r\nid: 1\r\ndata: {"a":\r\ndata: 1}\r\n\r\nid:2\ndata:"ü"\n\nevent: end\ndata: {}\n\n`
  const address = await server(t, async (socket) => {
    for (const byte of Buffer.from(text)) {
      socket.write(Uint8Array.of(byte))
      if (byte % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  })
  const got: unknown[] = []
  for await (const item of pull(caller(t), address, '/x')) got.push(item)
  t.same(got, [{ a: 1 }, 'ü'])
})

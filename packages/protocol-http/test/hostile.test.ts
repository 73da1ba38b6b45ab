import { connect } from 'node:net'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { ask, exchange, post, wire, world } from './support/world.js'

harness(t)

t.test('requests whose framing is open to doubt are answered 400, and nothing runs', async (t) => {
  const { server, port, logs } = await world(t)
  let calls = 0
  server.rpc('/f', () => ++calls)
  const head = 'POST /f HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
  const hidden = 'GET /f HTTP/1.1\r\nHost: a\r\n\r\n'
  const doubtful: Record<string, string> = {
    'length and chunks': `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    'chunks and length': `${head}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n${hidden}`,
    'two lengths': `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]${hidden}`,
    'the same length twice': `${head}Content-Length: 2\r\nContent-Length: 2\r\n\r\n[]`,
    'a list of lengths': `${head}Content-Length: 2, 2\r\n\r\n[]`,
    'a signed length': `${head}Content-Length: +2\r\n\r\n[]`,
    'a length in hex': `${head}Content-Length: 0x2\r\n\r\n[]`,
    'a length beyond numbers': `${head}Content-Length: 99999999999999999999\r\n\r\n[]`,
    'chunks that are not last': `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
    'an encoding that is none': `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    'a folded header': `POST /f HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n`,
    'bare line feeds': 'POST /f HTTP/1.1\nHost: a\nContent-Length: 0\n\n',
    'a bare line feed among headers': 'POST /f HTTP/1.1\r\nHost: a\nContent-Length: 0\r\n\r\n',
    'a carriage return in a value': 'POST /f HTTP/1.1\r\nHost: a\r\nX-A: b\rc\r\n\r\n',
    'a NUL in a value': 'POST /f HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n',
    'a space before the colon': 'POST /f HTTP/1.1\r\nHost: a\r\nContent-Length : 2\r\n\r\n[]',
    'a header without a name': 'POST /f HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n',
    'no Host': 'GET /f HTTP/1.1\r\n\r\n',
    'two Hosts': 'GET /f HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'two types': `${head}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n[]`,
    'a chunk of no hex': `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n`,
    'a chunk size beyond numbers': `${head}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n`,
    'a chunk without its end': `${head}Transfer-Encoding: chunked\r\n\r\n2\r\n[]x\r\n0\r\n\r\n`,
    'a space in the path': 'GET /f g HTTP/1.1\r\nHost: a\r\n\r\n',
    'an unknown version': 'GET /f HTTP/3.7\r\nHost: a\r\n\r\n',
    'an unknown verb': 'BREW /f HTTP/1.1\r\nHost: a\r\n\r\n',
    'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'no HTTP': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  }
  for (const [name, request] of Object.entries(doubtful)) {
    const before = calls
    const text = await Promise.race([
      exchange(t, port, request),
      new Promise<string>((resolve) => setTimeout(resolve, 1_500, 'not closed')),
    ])
    const statuses = text.match(/HTTP\/1\.1 \d+/g) ?? []
    t.same(statuses, ['HTTP/1.1 400'], `${name}: ${text.slice(0, 60)}`)
    t.equal(calls, before, `${name}: not run`)
    t.match(text, /Connection: close/i, name)
  }
  t.ok(
    logs.some(({ event }) => event === 'connection_bad_frame'),
    'it is logged',
  )
})

t.test('a flood of chunk extensions is refused', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/f', () => 1)
  const text = await exchange(
    t,
    port,
    `POST /f HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(40_000)}\r\n[\r\n`,
  )
  t.match(text, /^HTTP\/1.1 413 /)
})

t.test('__proto__ and constructor are names of headers like any other', async (t) => {
  const seen: unknown[] = []
  const { server, port } = await world(t, {
    middleware: [
      (next) => (call) => {
        seen.push(...['__proto__', 'constructor', 'tostring'].map((name) => call.headers.get(name)))
        return next(call)
      },
    ],
  })
  server.rpc('/f', () => Reflect.get({}, 'polluted') ?? 'clean')
  const text = await exchange(
    t,
    port,
    'GET /f HTTP/1.1\r\nHost: a\r\n__proto__: polluted\r\nConstructor: c\r\ntoString: t\r\nConnection: close\r\n\r\n',
  )
  t.match(text, /\r\n\r\n"clean"$/)
  t.same(seen, ['polluted', 'c', 't'])
})

t.test('what is echoed into headers cannot break out of its line', async (t) => {
  const values = ['a\r\nX-Evil: 1', 'a\nb', 'a\0b', 'a\rb']
  const { server, origin } = await world(t, {
    middleware: [
      (next) => async (call) => {
        const reply = await next(call)
        const value = values[Number(call.headers.get('x-which'))]!
        return { ...reply, headers: new Map([['x-back', value]]) }
      },
    ],
  })
  server.rpc('/f', () => 1)
  for (const which of values.keys()) {
    const answer = await ask(`${origin}/f`, { headers: { 'x-which': String(which), connection: 'close' } })
    t.equal(answer.status, 500)
    t.equal(answer.headers.get('x-evil'), null)
    t.equal(answer.headers.get('x-back'), null)
    t.match(JSON.parse(answer.text), { reason: 'bad_header', executed: 'yes' })
  }
})

t.test('what frames a reply is not for handlers to say', async (t) => {
  const { server, port } = await world(t, {
    middleware: [
      (next) => async (call) => ({
        ...(await next(call)),
        headers: new Map([
          ['content-length', '0'],
          ['transfer-encoding', 'chunked'],
          ['connection', 'close'],
          ['x-fine', '1'],
        ]),
      }),
    ],
  })
  server.rpc('/f', () => 'body')
  const text = await exchange(t, port, 'GET /f HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  t.match(text, /^HTTP\/1.1 200 OK\r\n[\s\S]*Content-Length: 6\r\n[\s\S]*x-fine: 1\r\n[\s\S]*\r\n\r\n"body"$/)
  t.notMatch(text, /chunked/)
})

t.test('encoded bodies are refused', async (t) => {
  const { server, origin, port } = await world(t)
  server.rpc('/f', () => 1)
  for (const encoding of ['gzip', 'br', 'deflate, gzip', 'gzip, gzip, gzip', 'x']) {
    const answer = await ask(`${origin}/f`, {
      method: 'POST',
      body: '[]',
      headers: { 'content-type': 'application/json', 'content-encoding': encoding, connection: 'close' },
    })
    t.equal(answer.status, 415, encoding)
  }
  t.match(
    await exchange(t, port, post('/f', '[]', 'Content-Encoding: identity\r\nConnection: close\r\n')),
    /\r\n\r\n1$/,
  )
})

t.test('bytes behind a request that are none end the connection, behind its answer', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/f', (ms: number) => new Promise((resolve) => setTimeout(resolve, ms, 'done')))
  for (const ms of [0, 30]) {
    const text = await exchange(t, port, `${post('/f', `[${ms}]`)}surplus\r\n\r\n`)
    t.match(text, /^HTTP\/1.1 200 OK\r\n[\s\S]*"done"/)
    t.equal(text.split('HTTP/1.1 200').length, 2)
    t.notMatch(text, /HTTP\/1.1 400[\s\S]*HTTP\/1.1 200/, 'nothing goes in front of the answer')
  }
  const idle = wire(t, port)
  idle.send(post('/f', '[0]'))
  await idle.until(/"done"/)
  idle.send('\0\0\0')
  await idle.closed
  t.match(idle.text, /"done"HTTP\/1.1 400 /)
})

t.test('paths are taken byte for byte', async (t) => {
  const { server, port } = await world(t)
  let calls = 0
  server.rpc('/a/b', () => ++calls)
  server.rpc('/f', () => ++calls)
  for (const path of [
    '//a/b',
    '/a//b',
    '/a/b/',
    '/a%2Fb',
    '/a%2fb',
    '/%61/b',
    '/x/../a/b',
    '/a/./b',
    '/a/b/..',
    '/a\\b',
    '/A/b',
    '/a/b;x',
    '/a/b%00',
    '/a/b%20',
    '/',
    '*',
    'a/b',
    'http://a/a/b',
    'http://a/f',
    `/${'x'.repeat(3_000)}`,
    '/__proto__',
    '/constructor',
    '/debug/../a/b',
  ]) {
    const text = await exchange(t, port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    t.match(text, /^HTTP\/1.1 (404|400) /, path)
  }
  t.equal(calls, 0)
})

t.test('headers are limited in size and number, each with 431', async (t) => {
  const { server, port } = await world(t, {
    limits: { headerBytes: 1_000, headerCount: 10, headerKeyBytes: 20, headerValueBytes: 100 },
  })
  server.rpc('/f', () => 'fine')
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: y\r\n`).join('')
  const try_ = (more: string) =>
    exchange(t, port, `GET /f HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${more}\r\n`)
  t.match(await try_(lines(8)), /^HTTP\/1.1 200/)
  t.match(await try_(lines(9)), /^HTTP\/1.1 431/)
  // Host, its value, Connection and its value are 20 characters.
  const sized = (size: number) => `Cookie: ${'c'.repeat(size - 20 - 6)}\r\n`
  t.match(await try_(sized(999)), /^HTTP\/1.1 200/)
  t.match(await try_(sized(1_000)), /^HTTP\/1.1 200/)
  t.match(await try_(sized(1_001)), /^HTTP\/1.1 431/)
  t.match(await try_(sized(5_000)), /^HTTP\/1.1 431/, 'Node gives up on its own')
  t.match(await try_(`X: ${'v'.repeat(100)}\r\n`), /^HTTP\/1.1 200/)
  t.match(await try_(`X: ${'v'.repeat(101)}\r\n`), /^HTTP\/1.1 431/)
  t.match(await try_(`${'k'.repeat(20)}: v\r\n`), /^HTTP\/1.1 200/)
  t.match(await try_(`${'k'.repeat(21)}: v\r\n`), /^HTTP\/1.1 431/)
})

t.test('a body beyond the limit is refused before it is read', async (t) => {
  const { server, port } = await world(t, { limits: { receiveBytes: 1_000 } })
  server.rpc('/f', (text: string) => text.length)
  const body = (size: number) => JSON.stringify(['x'.repeat(size - 4)])
  const close = 'Connection: close\r\n'
  t.match(await exchange(t, port, post('/f', body(999), close)), /\r\n\r\n995$/)
  t.match(await exchange(t, port, post('/f', body(1_000), close)), /\r\n\r\n996$/)
  t.match(await exchange(t, port, post('/f', body(1_001), close)), /^HTTP\/1.1 413 [\s\S]*too_large/)
  const unsent = wire(t, port)
  unsent.send('POST /f HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1001\r\n\r\n')
  await unsent.until(/^HTTP\/1.1 413 /)
  await unsent.closed
  const waits = wire(t, port)
  waits.send(
    'POST /f HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n',
  )
  await waits.until(/^HTTP\/1.1 413 /)
  const chunked = wire(t, port)
  chunked.send(
    'POST /f HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
  )
  for (let index = 0; index < 11; index++) chunked.send(`64\r\n${'x'.repeat(100)}\r\n`)
  await chunked.until(/^HTTP\/1.1 413 /)
  await chunked.closed
})

t.test('who asks first is told to go on', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/f', (x: number) => x)
  const line = wire(t, port)
  line.send(
    'POST /f HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n',
  )
  await line.until(/^HTTP\/1.1 100 Continue\r\n\r\n$/)
  line.send('[77]')
  await line.until(/\r\n\r\n77$/)
})

t.test('a result beyond the limit is an error', async (t) => {
  const { server, origin } = await world(t, { limits: { sendBytes: 1_000 } })
  server.rpc('/f', (size: number) => 'x'.repeat(size - 2))
  const get = (size: number) => ask(`${origin}/f?args=[${size}]`, { headers: { connection: 'close' } })
  t.equal((await get(1_000)).status, 200)
  const answer = await get(1_001)
  t.equal(answer.status, 429)
  t.match(JSON.parse(answer.text), { reason: 'too_large', executed: 'yes' })
})

t.test('proxying is not offered', async (t) => {
  const { port } = await world(t)
  t.match(await exchange(t, port, 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n'), /^HTTP\/1.1 405 /)
})

t.test('thousands of requests at once on one connection are abuse', async (t) => {
  const { server, port } = await world(t)
  let calls = 0
  server.rpc('/f', () => {
    calls++
    return new Promise((resolve) => setTimeout(resolve, 50))
  })
  const flood = wire(t, port)
  flood.send('GET /f HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5_000))
  await flood.closed
  t.equal(calls, 1, 'one at a time')
})

t.test('a connection that is reset in the middle harms nobody', async (t) => {
  const { server, port, origin } = await world(t)
  const cancelled: unknown[] = []
  server.rpc('/hang', () => new Promise((resolve) => setTimeout(resolve, 100)))
  server.rpc('/f', () => 1)
  for (const sent of [
    'G',
    'GET /hang HTTP/1.1\r\nHost',
    post('/hang', '[]'),
    post('/hang', '[1,2').slice(0, -1),
  ]) {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', (error) => cancelled.push(error))
    socket.write(sent)
    await new Promise((resolve) => setTimeout(resolve, 10))
    socket.resetAndDestroy()
  }
  t.equal((await ask(`${origin}/f`, { headers: { connection: 'close' } })).text, '1')
  t.same(cancelled, [])
})

import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { RpcError } from '@hawser/contract'
import { exception, field, i64, service, string, struct, unary } from '@hawser/schema'
import t from 'tap'
import { ask, exchange, post, wire, world } from './support/world.js'

harness(t)

const closing = { connection: 'close' }
const jsonBody = (value: unknown, headers: Record<string, string> = {}) => ({
  method: 'POST',
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json', ...closing, ...headers },
})
const get = { headers: closing }

t.test('AM-03 AM-40 AM-47 a call is a request to the path of its method', async (t) => {
  const { server, origin } = await world(t)
  server.rpc('/to_string', (number: number) => String(number))
  server.rpc('/deep/er/add', (a: number, b: number) => a + b)
  const answer = await ask(`${origin}/to_string`, jsonBody([123]))
  t.equal(answer.status, 200)
  t.equal(answer.type, 'application/json')
  t.equal(answer.text, '"123"')
  t.equal((await ask(`${origin}/deep/er/add`, jsonBody([1, 2]))).text, '3')
})

t.test("a service's method takes its request as it is", async (t) => {
  const Ask = struct('shop.Ask', { id: field(1, i64) })
  const Shop = service('shop.Shop', { name: unary(Ask, string), none: unary(Ask, string) })
  const { server, origin } = await world(t)
  server.implement(Shop, { name: ({ id }) => `item ${id}`, none: () => '' })
  t.equal((await ask(`${origin}/shop.Shop/name`, jsonBody({ id: '7' }))).text, '"item 7"')
  t.equal(
    (await ask(`${origin}/shop.Shop/name?args=${encodeURIComponent('{"id":"8"}')}`, get)).text,
    '"item 8"',
  )
  t.equal((await ask(`${origin}//shop.Shop/name`, get)).status, 404)
})

t.test('AM-48 the verb is of no account, and a body is read whatever it is', async (t) => {
  const { server, port, origin } = await world(t)
  server.rpc('/twice', (number: number) => 2 * number)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'REPORT', 'OPTIONS'])
    t.equal((await ask(`${origin}/twice`, { ...jsonBody([4]), method })).text, '8', method)
  t.match(
    await exchange(t, port, post('/twice', '[5]', 'Connection: close\r\n').replace('POST', 'GET')),
    /\r\n\r\n10$/,
  )
  t.match(
    await exchange(t, port, post('/twice', '[5]', 'Connection: close\r\n').replace('POST', 'HEAD')),
    /^HTTP\/1.1 200 OK\r\n[\s\S]*Content-Length: 2\r\n[\s\S]*\r\n\r\n$/,
  )
})

t.test('AM-48 where it is asked for, GET runs safe methods only', async (t) => {
  const { server, origin } = await world(t, { http: { guardVerbs: true } })
  server.rpc('/read', () => 1, { safe: true })
  server.rpc('/write', () => 1)
  t.equal((await ask(`${origin}/read`, get)).text, '1')
  const refused = await ask(`${origin}/write`, get)
  t.equal(refused.status, 405)
  t.equal(refused.headers.get('allow'), 'POST')
  t.equal((await ask(`${origin}/write`, jsonBody([]))).text, '1')
})

t.test('§7.4 arguments may stand in the query where there is no body', async (t) => {
  const { server, origin } = await world(t)
  server.rpc('/join', (...parts: string[]) => parts.join('+'))
  t.equal((await ask(`${origin}/join?args=${encodeURIComponent('["a","ü b"]')}`, get)).text, '"a+ü b"')
  t.equal((await ask(`${origin}/join?x=1&args=[%22c+d%22]&y`, get)).text, '"c d"')
  t.equal(
    (await ask(`${origin}/join?args=[%22q%22]`, jsonBody(['body']))).text,
    '"body"',
    'a body counts first',
  )
  t.equal((await ask(`${origin}/join?args=%ff`, get)).status, 400)
  t.equal((await ask(`${origin}/join?args=[1`, get)).status, 400)
  t.equal((await ask(`${origin}/join?args=1`, get)).status, 400)
  t.equal((await ask(`${origin}/join?args=`, get)).text, '""', 'none are none')
})

t.test('AM-49 Content-Type is what comes, Accept is what goes', async (t) => {
  const { server, origin } = await world(t)
  server.rpc('/same', (value: unknown) => value)
  for (const [accept, type] of [
    ['application/json', 'application/json'],
    ['application/x-msgpack', 'application/x-msgpack'],
    ['application/msgpack', 'application/msgpack'],
    ['text/plain', 'text/plain; charset=utf-8'],
    ['application/octet-stream', 'application/octet-stream'],
    ['*/*', 'application/json'],
    ['text/*', 'text/plain; charset=utf-8'],
    ['application/x-msgpack;q=0.5, application/json;q=0.4', 'application/x-msgpack'],
    ['image/png, */*;q=0.1', 'application/json'],
    ['application/json;q=0, application/*', 'application/x-msgpack'],
  ] as const) {
    const answer = await ask(`${origin}/same`, jsonBody([1], { accept }))
    t.equal(answer.status, 200, accept)
    t.equal(answer.type, type, accept)
  }
  t.equal((await ask(`${origin}/same`, jsonBody([1], { accept: 'image/png' }))).status, 406)
  const plain = await ask(`${origin}/same`, { method: 'POST', body: '[1]', headers: closing })
  t.equal(plain.status, 200, 'fetch calls a text text/plain')
})

t.test('a body without a type, or of an unknown one, is refused with a hint', async (t) => {
  const { server, origin, port } = await world(t)
  let calls = 0
  server.rpc('/count', () => ++calls)
  for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/html', 'image/png']) {
    const answer = await ask(`${origin}/count`, {
      method: 'POST',
      body: '[]',
      headers: { 'content-type': type, ...closing },
    })
    t.equal(answer.status, 415, type)
    t.match(answer.text, 'curl --json')
  }
  const bare = await exchange(
    t,
    port,
    'POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]',
  )
  t.match(bare, /^HTTP\/1.1 415 [\s\S]*curl --json/)
  t.equal(calls, 0)
})

t.test('where JSON is not spoken, hints name what is', async (t) => {
  const { server, origin } = await world(t, { codecs: [msgpack()] })
  server.rpc('/count', () => 1)
  const answer = await ask(`${origin}/count`, jsonBody([]))
  t.equal(answer.status, 415)
  t.match(JSON.parse(answer.text), { message: /not taken: try application\/(x-)?msgpack$/ })
  const init = { headers: { accept: 'application/json', ...closing } }
  const refused = await ask(`${origin}/count`, init)
  t.equal(refused.status, 406)
  t.match(JSON.parse(refused.text), { message: /but as application\/(x-)?msgpack, / })
})

t.test('AM-52 arguments are an array, and a bare value is a clear 400', async (t) => {
  const { server, origin } = await world(t)
  server.rpc('/f', (x: unknown) => x)
  const answer = await ask(`${origin}/f`, jsonBody(123))
  t.equal(answer.status, 400)
  t.match(JSON.parse(answer.text), {
    code: 'invalid_argument',
    reason: 'bad_arguments',
    message: /are no array/,
    executed: 'no',
  })
  t.equal((await ask(`${origin}/f`, jsonBody([123]))).text, '123')
  t.equal((await ask(`${origin}/f`, { ...jsonBody([]), body: '[1' })).status, 400)
  t.equal((await ask(`${origin}/f`, { ...jsonBody([]), body: '[{"__proto__":1}]' })).status, 400)
})

t.test('AM-19 AM-53 what a handler throws is a 500 with the error in JSON, and never a stack', async (t) => {
  const { server, origin } = await world(t)
  server.rpc('/throw', () => {
    throw new TypeError('no such thing')
  })
  const answer = await ask(`${origin}/throw`, jsonBody([]))
  t.equal(answer.status, 500)
  t.equal(answer.headers.get('hawser-executed'), 'yes')
  t.equal(answer.headers.get('hawser-retryable'), 'false')
  t.same(JSON.parse(answer.text), {
    code: 'internal',
    reason: 'handler_failed',
    message: 'no such thing',
    executed: 'yes',
    retryable: false,
  })
})

t.test('every code has its status', async (t) => {
  const { server, origin } = await world(t)
  server.rpc('/fail', (code: RpcError['code']) => {
    throw new RpcError(code, code, { details: { at: [1, 'x'] }, retryAfterMs: 1_500 })
  })
  for (const [code, status] of [
    ['cancelled', 499],
    ['unknown', 500],
    ['invalid_argument', 400],
    ['deadline_exceeded', 504],
    ['not_found', 404],
    ['already_exists', 409],
    ['permission_denied', 403],
    ['resource_exhausted', 429],
    ['failed_precondition', 400],
    ['aborted', 409],
    ['out_of_range', 400],
    ['unimplemented', 501],
    ['internal', 500],
    ['unavailable', 503],
    ['data_loss', 500],
    ['unauthenticated', 401],
  ] as const) {
    for (const accept of ['application/json', 'application/x-msgpack']) {
      const answer = await ask(`${origin}/fail`, jsonBody([code], { accept }))
      t.equal(answer.status, status, code)
      t.equal(answer.type, 'application/json')
      t.equal(answer.headers.get('retry-after'), '2')
      t.match(JSON.parse(answer.text), {
        code,
        executed: 'yes',
        details: { at: [1, 'x'] },
        retryAfterMs: 1_500,
      })
    }
  }
})

t.test('a declared error carries its fields', async (t) => {
  const Gone = exception('shop.Gone', { id: field(1, i64) }, { code: 'not_found' })
  const Shop = service('shop.Shop', { get: unary(i64, string, { errors: { 1: Gone } }) })
  const { server, origin } = await world(t)
  server.implement(Shop, {
    get: (id) => {
      throw new Gone({ id })
    },
  })
  for (const accept of ['application/json', 'application/x-msgpack']) {
    const answer = await ask(`${origin}/shop.Shop/get`, jsonBody('9', { accept }))
    t.equal(answer.status, 404)
    t.match(JSON.parse(answer.text), {
      code: 'not_found',
      reason: 'declared',
      details: { Gone_1: { id: '9' } },
    })
  }
})

t.test('no such method, and no such kind of call', async (t) => {
  const { server, origin } = await world(t)
  server.rpc('/f', () => 1)
  const answer = await ask(`${origin}/g`, jsonBody([]))
  t.equal(answer.status, 404)
  t.match(JSON.parse(answer.text), { code: 'unimplemented', reason: 'no_method', executed: 'no' })
  t.equal((await ask(`${origin}/f`, jsonBody([], { accept: 'text/event-stream' }))).status, 406)
})

t.test('a method without a result answers 204', async (t) => {
  const { server, origin } = await world(t)
  server.rpc('/nothing', () => undefined)
  server.rpc('/null', () => null)
  const answer = await ask(`${origin}/nothing`, jsonBody([]))
  t.equal(answer.status, 204)
  t.equal(answer.text, '')
  t.equal((await ask(`${origin}/null`, jsonBody([]))).text, 'null')
})

t.test('amrpc_check_enabled asks without running', async (t) => {
  for (const profile of ['default', 'amrpc'] as const) {
    const { server, origin } = await world(t, { http: { profile } })
    let calls = 0
    server.rpc('/f', () => ++calls)
    const headers = { amrpc_check_enabled: '1', ...closing }
    t.equal((await ask(`${origin}/f`, { headers })).status, 200)
    t.equal((await ask(`${origin}/g`, { headers })).status, 404)
    t.equal(
      (await ask(`${origin}/f`, { ...jsonBody([]), headers: { ...headers, 'content-type': 'x/y' } })).status,
      200,
    )
    t.equal(calls, 0)
  }
})

t.test('a deadline comes by header, and is kept', async (t) => {
  const { server, origin, port } = await world(t, { http: { timeoutMs: 20 } })
  server.rpc('/hang', () => new Promise((resolve) => setTimeout(resolve, 200)))
  const answer = await ask(`${origin}/hang`, jsonBody([], { 'timeout-ms': '10' }))
  t.equal(answer.status, 504)
  t.match(JSON.parse(answer.text), { code: 'deadline_exceeded', executed: 'maybe' })
  t.equal((await ask(`${origin}/hang`, jsonBody([]))).status, 504, 'the option is the default')
  const none = await ask(`${origin}/hang`, jsonBody([], { 'timeout-ms': '0' }))
  t.match(JSON.parse(none.text), { code: 'deadline_exceeded', executed: 'no' })
  for (const bad of ['1s', '-1', '1e3', '99999999999'])
    t.equal((await ask(`${origin}/hang`, jsonBody([], { 'timeout-ms': bad }))).status, 400, bad)
  t.match(
    await exchange(t, port, post('/hang', '[]', 'timeout-ms: 1\r\ntimeout-ms: 2\r\nConnection: close\r\n')),
    /^HTTP\/1.1 400/,
  )
})

t.test('headers reach the handler, and none of what is between browser and server', async (t) => {
  const { server, origin } = await world(t, {
    middleware: [
      (next) => async (call) => {
        const reply = await next(call)
        return { ...reply, headers: new Map([...call.headers, ['x-back', 'ü']]) }
      },
    ],
  })
  server.rpc('/f', () => 1)
  const { headers } = await ask(`${origin}/f`, {
    ...jsonBody([], {
      'x-trace': 'ab',
      authorization: 'Bearer t',
      cookie: 'a=b',
      'hawser-numbered': '1',
      'x!y': '1',
    }),
  })
  t.equal(headers.get('x-trace'), 'ab')
  t.equal(headers.get('authorization'), 'Bearer t')
  t.equal(Buffer.from(headers.get('x-back')!, 'latin1').toString(), 'ü')
  for (const name of ['cookie', 'host', 'hawser-numbered', 'x!y', 'accept-language'])
    t.equal(headers.get(name), null, name)
})

t.test('AM-51 a connection is kept, and closed where that is asked for', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/f', (x: number) => x)
  const line = wire(t, port)
  for (const number of [11, 22, 33]) {
    line.send(post('/f', `[${number}]`))
    await line.until(new RegExp(`\r\n\r\n${number}$`))
  }
  t.notMatch(line.text, /Connection: close/)
  line.send(post('/f', '[44]', 'Connection: close\r\n'))
  await line.closed
  t.match(line.text, /Connection: close\r\n\r\n44$/)
  const old = await exchange(t, port, 'GET /f?args=[5] HTTP/1.0\r\n\r\n')
  t.match(old, /\r\n\r\n5$/, 'HTTP/1.0 closes')
})

t.test('requests in a row are answered in their order, one at a time', async (t) => {
  const { server, port } = await world(t)
  let running = 0
  let most = 0
  server.rpc('/f', async (ms: number) => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, ms))
    running--
    return `<${ms}>`
  })
  const line = wire(t, port)
  const waits = [20, 1, 10, 0, 5, ...Array.from({ length: 60 }, (_, index) => index % 2)]
  line.send(waits.map((ms) => post('/f', `[${ms}]`)).join(''))
  await line.until(new RegExp(waits.map((ms) => `<${ms}>`).join('[^<]*')))
  t.equal(most, 1)
})

t.test('requests cut anywhere are requests all the same', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/f', (text: string) => text.length)
  const line = wire(t, port)
  const chunked = `POST /f HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n["a\r\n4\r\nbc"]\r\n0\r\n\r\n`
  const bytes = Buffer.from(post('/f', '["ü€𝄞"]') + chunked, 'utf8')
  for (const byte of bytes) {
    line.send(Uint8Array.of(byte))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await line.until(/\r\n\r\n4HTTP[\s\S]*\r\n\r\n3$/)
})

t.test('§7.12 in the AMRPC profile every failure is 500, with its text behind the status', async (t) => {
  const { server, origin } = await world(t, { http: { profile: 'amrpc' } })
  server.rpc('/throw', (text: string) => {
    throw new RpcError('not_found', text)
  })
  const amrpc = jsonBody(['no\r\nX-Evil: 1 – a'], { accept: 'application/json' })
  const answer = await ask(`${origin}/throw`, amrpc)
  t.equal(answer.status, 500)
  t.equal(answer.headers.get('x-evil'), null)
  t.equal(answer.phrase, 'no X-Evil: 1   a')
  t.match(JSON.parse(answer.text), { code: 'not_found', executed: 'yes' })
  const bad = await ask(`${origin}/throw`, { ...amrpc, body: '12' })
  t.match(bad, { status: 500, phrase: /^bad rpc request: / })
  const long = await ask(`${origin}/throw`, { ...amrpc, body: JSON.stringify(['x'.repeat(5_000)]) })
  t.equal(long.phrase.length, 256)
  const absent = await ask(`${origin}/absent`, amrpc)
  t.equal(absent.status, 404)
  t.equal(absent.phrase, 'remote method not found')
})

t.test('a call that is not waited for is accepted', async (t) => {
  const { server, origin } = await world(t)
  let heard: unknown
  server.rpc('/tell', (x: unknown) => {
    heard = x
  })
  const answer = await ask(`${origin}/tell`, jsonBody([1], { prefer: 'respond-async' }))
  t.equal(answer.status, 202)
  t.equal(heard, 1)
})

import { harness } from '@hawser/compliance/harness'
import { type Reply, RpcError } from '@hawser/contract'
import { topic } from '@hawser/push'
import { clientStream, duplex, i32, serverStream, service, string } from '@hawser/schema'
import { numberBytes, numberedHeader, writeNumber } from '@hawser/wire'
import t, { type Test } from 'tap'
import { ask, type Wire, wire, world } from './support/world.js'

harness(t)

const Demo = service('demo.Demo', {
  count: serverStream(i32, i32),
  words: serverStream(i32, string),
  sum: clientStream(i32, i32),
  twice: duplex(i32, i32),
  endless: serverStream(i32, i32),
})

const body = (value: string, headers: Record<string, string>) => ({
  method: 'POST',
  body: value,
  headers: { connection: 'close', 'content-type': 'application/json', ...headers },
})
const events = { accept: 'text/event-stream' }
const lines = { accept: 'application/x-ndjson' }

async function demo(t: Test) {
  const made = await world(t)
  let ended = 0
  made.server.implement(Demo, {
    async *count(most) {
      for (let at = 1; at <= most; at++) yield at
      if (most === 2) throw new RpcError('out_of_range', 'two is odd')
    },
    async *words() {
      yield 'a\nb\r\nc'
      yield ''
    },
    async sum(numbers) {
      let sum = 0
      for await (const number of numbers) sum += number
      return sum
    },
    async *twice(numbers) {
      for await (const number of numbers) yield 2 * number
    },
    async *endless() {
      try {
        for (let at = 0; ; at++) {
          yield at
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
      } finally {
        ended++
      }
    },
  })
  return { ...made, ended: () => ended }
}

t.test('a stream as server-sent events: numbered, and with an end', async (t) => {
  const { origin } = await demo(t)
  const answer = await ask(`${origin}/demo.Demo/count`, body('3', events))
  t.equal(answer.type, 'text/event-stream')
  t.equal(answer.headers.get('cache-control'), 'no-store')
  t.equal(answer.text, 'id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\nevent: end\ndata: {}\n\n')
  t.equal(
    (await ask(`${origin}/demo.Demo/words`, body('3', events))).text,
    'id: 1\ndata: "a\\nb\\r\\nc"\n\nid: 2\ndata: ""\n\nevent: end\ndata: {}\n\n',
  )
})

t.test('a stream as lines of JSON, which it is where nothing else is asked for', async (t) => {
  const { origin } = await demo(t)
  for (const headers of [lines, { accept: '*/*' }])
    t.equal((await ask(`${origin}/demo.Demo/count`, body('3', headers))).text, '1\n2\n3\n')
  t.equal((await ask(`${origin}/demo.Demo/count?args=1`, { headers: { connection: 'close' } })).text, '1\n')
  t.equal((await ask(`${origin}/demo.Demo/count`, body('3', { accept: 'application/json' }))).status, 406)
})

t.test('a stream that breaks says so', async (t) => {
  const { origin } = await demo(t)
  const broken = await ask(`${origin}/demo.Demo/count`, body('2', events))
  t.match(
    broken.text,
    /data: 2\n\nevent: error\ndata: {"code":"out_of_range",.*"message":"two is odd".*}\n\n$/,
  )
  const line = await ask(`${origin}/demo.Demo/count`, body('2', lines))
  t.match(line.text, /^1\n2\n{"\$error":{"code":"out_of_range",.*}}\n$/)
})

t.test('sequences come as lines', async (t) => {
  const { origin } = await demo(t)
  const sent = (text: string, accept = '*/*') =>
    body(text, { 'content-type': 'application/x-ndjson', accept })
  t.equal((await ask(`${origin}/demo.Demo/sum`, sent('1\n2\r\n\n39'))).text, '42')
  t.equal((await ask(`${origin}/demo.Demo/twice`, sent('1\n2\n'))).text, '2\n4\n')
  t.equal((await ask(`${origin}/demo.Demo/twice`, sent('1\nx\n'))).text.split('\n')[0], '2')
  t.equal((await ask(`${origin}/demo.Demo/sum`, body('[1]', {}))).status, 415)
  t.equal((await ask(`${origin}/demo.Demo/count`, sent('1'))).status, 415)
})

t.test('HEAD of a stream begins none', async (t) => {
  const { origin, ended } = await demo(t)
  const answer = await ask(`${origin}/demo.Demo/endless?args=1`, {
    method: 'HEAD',
    headers: { connection: 'close' },
  })
  t.equal(answer.status, 200)
  t.equal(answer.type, 'application/x-ndjson')
  t.equal(ended(), 0)
})

t.test('AM-20 a stream whose reader goes is ended', async (t) => {
  const { port, ended } = await demo(t)
  const line = wire(t, port)
  line.send('GET /demo.Demo/endless?args=1 HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n')
  await line.until(/data: 5\n/)
  line.socket.destroy()
  for (let round = 0; round < 100 && ended() === 0; round++)
    await new Promise((resolve) => setTimeout(resolve, 5))
  t.equal(ended(), 1)
})

t.test('a reader that does not read stalls its stream', async (t) => {
  const { server, port } = await world(t)
  let made = 0
  const item = 'x'.repeat(10_000)
  server.implement(service('demo.Big', { all: serverStream(i32, string) }), {
    async *all() {
      for (; made < 2_000; made++) yield item
    },
  })
  const line = wire(t, port)
  line.socket.pause()
  line.send(
    'GET /demo.Big/all?args=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept: application/x-ndjson\r\n\r\n',
  )
  let before = -1
  while (made === 0 || made !== before) {
    before = made
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  t.ok(made < 2_000, `${made} made`)
  line.socket.resume()
  await line.closed
  t.ok(line.text.endsWith('\r\n0\r\n\r\n'))
  t.equal(made, 2_000)
})

const encoder = new TextEncoder()

/** A topic whose messages are given, each with its number. */
function topicOf(messages: readonly (readonly [number: number, json: string])[], end: Promise<void>) {
  return {
    name: '/news',
    topic: true,
    safe: true,
    type: { kind: 'server-stream', untyped: true },
    handler: (call: { readonly headers: ReadonlyMap<string, string> }): Reply => ({
      output: (async function* () {
        if (call.headers.get(numberedHeader) !== '1') throw new Error('not numbered')
        for (const [number, json] of messages) {
          const item = new Uint8Array(numberBytes + json.length)
          writeNumber(item, number)
          item.set(encoder.encode(json), numberBytes)
          yield item
        }
        await end
      })(),
    }),
  } as const
}

const subscribe = (line: Wire, accept: string, more = '') =>
  line.send(`GET /news HTTP/1.1\r\nHost: a\r\nAccept: ${accept}\r\n${more}\r\n`)

t.test('a topic has its own numbers, and gaps are announced', async (t) => {
  const { server, port } = await world(t)
  let end = () => {}
  server.register(
    topicOf(
      [
        [7, '"a"'],
        [8, '"b"'],
        [11, '{"x":\n1}'],
      ],
      new Promise((resolve) => {
        end = resolve
      }),
    ),
  )
  const first = wire(t, port)
  subscribe(first, 'text/event-stream')
  await first.until(
    /id: 7\ndata: "a"\n\n[\s\S]*id: 8\ndata: "b"\n\n[\s\S]*event: gap\ndata: {"missed":2}\n\n[\s\S]*id: 11\ndata: {"x": 1}\n\n/,
  )
  const again = wire(t, port)
  subscribe(again, 'text/event-stream', 'Last-Event-ID: 3\r\n')
  await again.until(/event: gap\ndata: {"missed":3}\n\n[\s\S]*id: 7\n/)
  const lines = wire(t, port)
  subscribe(lines, 'application/x-ndjson')
  await lines.until(/"a"\n[\s\S]*"b"\n[\s\S]*{"\$gap":2}\n[\s\S]*{"x": 1}\n/)
  end()
  await first.until(/event: end/)
})

t.test('who subscribes to a topic is told when the server goes', async (t) => {
  const { server, port } = await world(t)
  server.register(topicOf([[1, '1']], new Promise(() => {})))
  const line = wire(t, port)
  subscribe(line, 'text/event-stream')
  await line.until(/data: 1\n/)
  const closed = server.close()
  await line.until(/event: error\ndata: {"code":"unavailable","reason":"draining",.*"retryable":true}\n\n/)
  await line.closed
  await closed
})

t.test('AM-20 AM-32 a topic has its subscribers, as events and as lines, and counts them', async (t) => {
  const { server, port } = await world(t)
  const news = topic<{ n: number }>(server, '/nagging')
  const all = Array.from({ length: 4 }, () => wire(t, port))
  for (const [index, line] of all.entries())
    line.send(
      `GET /nagging HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0\r\nAccept: ${index % 2 === 0 ? 'text/event-stream' : '*/*'}\r\n\r\n`,
    )
  await Promise.all(all.map((line) => line.until(/\r\n\r\n/)))
  t.equal(news.size, 4)
  for (let n = 1; n <= 3; n++) news.publish({ n })
  for (const [index, line] of all.entries())
    await line.until(
      index % 2 === 0
        ? /id: 1\ndata: {"n":1}\n\n[\s\S]*id: 3\ndata: {"n":3}\n\n/
        : /{"n":1}\n[\s\S]*{"n":3}\n/,
    )
  all[0]?.socket.destroy()
  for (let round = 0; round < 100 && news.size > 3; round++)
    await new Promise((resolve) => setTimeout(resolve, 5))
  t.equal(news.size, 3)
  news.close('gone for good')
  await all[2]?.until(/event: error\ndata: {.*"message":"[^"]*gone for good[^"]*".*"retryable":false}\n\n/)
  await all[1]?.until(/{"\$error":{.*gone for good.*}}\n/)
})

t.test('a burst that the connection takes closes no subscriber', async (t) => {
  const { server, port } = await world(t)
  const news = topic<{ n: number; text: string }>(server, '/news')
  const [events, lines] = [wire(t, port), wire(t, port)]
  subscribe(events, 'text/event-stream')
  subscribe(lines, 'application/x-ndjson')
  await Promise.all([events, lines].map((line) => line.until(/\r\n\r\n/)))
  const text = 'x'.repeat(100)
  for (let n = 1; n <= 300; n++) news.publish({ n, text })
  await events.until(/data: {"n":300,/)
  await lines.until(/{"n":300,/)
  t.equal(news.size, 2)
})

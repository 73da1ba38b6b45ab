import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { topic } from '@hawser/push'
import { bytes, service } from '@hawser/schema'
import t from 'tap'
import { type Message, refusal, subscribe, until } from './support/subscriber.js'
import { wire, world } from './support/world.js'

harness(t)

const handshake = (path: string, more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`
const plain = (message: Message | undefined) =>
  message instanceof Uint8Array ? msgpack().decode(message) : message
const countdown = service('test.Countdown', { run: { kind: 'server-stream', untyped: true } })

t.test('AM-54 AM-55 each sub-protocol has the messages of a topic in its own form', async (t) => {
  const { server, port } = await world(t)
  const nagging = topic<unknown>(server, '/nagging')
  const url = `ws://127.0.0.1:${port}/nagging`
  const kinds = ['ecv_amrpc_json', 'ecv_amrpc_text', 'ecv_amrpc_msgpack', 'ecv_amrpc_bin']
  const subscribers = await Promise.all(kinds.map((kind) => subscribe(t, url, kind)))
  t.same(
    subscribers.map(({ ws }) => ws.protocol),
    kinds,
    'the chosen one is repeated',
  )
  nagging.publish({ n: 1, text: 'ä' })
  nagging.publish('two')
  const all = await Promise.all(subscribers.map((each) => each.got(2)))
  t.same(all[0], ['{"n":1,"text":"ä"}', '"two"'])
  t.same(all[1], all[0], 'json is text')
  t.same(all[2]?.map(plain), [{ n: 1, text: 'ä' }, 'two'])
  t.same(all[3], all[2], 'bin is what is stored: msgpack')
})

t.test('AM-56 any other sub-protocol, and none, stand for bin', async (t) => {
  for (const profile of ['default', 'amrpc'] as const) {
    const { server, port } = await world(t, { http: { profile } })
    const nagging = topic<string>(server, '/nagging')
    const url = `ws://127.0.0.1:${port}/nagging`
    const other = await subscribe(t, url, ['chat', 'superchat'])
    const none = await subscribe(t, url)
    t.equal(other.ws.protocol, 'chat', 'repeated, or a browser would not take it')
    t.equal(none.ws.protocol, '')
    nagging.publish('x')
    for (const each of [other, none]) t.same((await each.got(1)).map(plain), ['x'])
    const known = await subscribe(t, url, ['chat', 'ecv_amrpc_json'])
    t.equal(known.ws.protocol, 'ecv_amrpc_json', 'one that says something goes first')
  }
})

t.test('AM-56 without msgpack, bin is what the first codec makes', async (t) => {
  const { server, port } = await world(t, { codecs: [json()] })
  const nagging = topic<string>(server, '/nagging')
  const url = `ws://127.0.0.1:${port}/nagging`
  const subscriber = await subscribe(t, url)
  nagging.publish('x')
  t.same(await subscriber.got(1), [new TextEncoder().encode('"x"')])
  t.equal((await refusal(url, ['ecv_amrpc_msgpack']))[0], 406)
})

t.test('the handshake is answered with the media type of the messages', async (t) => {
  const { server, port } = await world(t)
  topic(server, '/nagging')
  for (const [kind, type] of [
    ['ecv_amrpc_json', 'application/json'],
    ['ecv_amrpc_text', 'text/plain'],
    ['ecv_amrpc_msgpack', 'application/x-msgpack'],
    ['ecv_amrpc_bin', 'application/octet-stream'],
  ]) {
    const line = wire(t, port)
    line.send(handshake('/nagging', `Sec-WebSocket-Protocol: ${kind}\r\n`))
    await line.until(/\r\n\r\n/)
    t.match(line.text, new RegExp(`^HTTP/1.1 101 [^]*\r\nAccept: ${type}\r\n`, 'i'))
  }
})

t.test('text as it is, bytes as they are, and no way from bytes to anything else', async (t) => {
  const { server, port } = await world(t)
  const text = topic<string>(server, '/text', { form: 'text' })
  const raw = topic(server, '/raw', { type: bytes })
  const url = (path: string) => `ws://127.0.0.1:${port}${path}`
  const asText = await subscribe(t, url('/text'), 'ecv_amrpc_json')
  const asBin = await subscribe(t, url('/text'))
  const values = await subscribe(t, url('/text'), 'hawser.json')
  const rawBin = await subscribe(t, url('/raw'), 'ecv_amrpc_bin')
  text.publish('plain "text"')
  raw.publish(Uint8Array.of(0, 255))
  t.same(await asText.got(1), ['plain "text"'])
  t.same(await asBin.got(1), [new TextEncoder().encode('plain "text"')])
  t.same(JSON.parse((await values.got(1))[0] as string), {
    number: 1,
    missed: 0,
    value: 'plain "text"',
  })
  t.same(await rawBin.got(1), [Uint8Array.of(0, 255)])
  for (const kind of ['ecv_amrpc_json', 'ecv_amrpc_text', 'ecv_amrpc_msgpack']) {
    const [status, body] = await refusal(url('/raw'), [kind])
    t.equal(status, 406, kind)
    t.match(body, /Data cannot be converted/)
  }
  const amrpc = await world(t, { http: { profile: 'amrpc' } })
  topic(amrpc.server, '/raw', { type: bytes })
  t.equal((await refusal(`ws://127.0.0.1:${amrpc.port}/raw`, ['ecv_amrpc_json']))[0], 500)
})

t.test('AM-26 what is no topic is refused before the upgrade', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/greet', (name: string) => `Hello ${name}`)
  topic(server, '/nagging')
  const [status, body] = await refusal(`ws://127.0.0.1:${port}/other`)
  t.equal(status, 404)
  t.match(JSON.parse(body), { code: 'unimplemented', reason: 'no_method', retryable: false })
  t.equal((await refusal(`ws://127.0.0.1:${port}/nagging/`))[0], 404, 'byte for byte')
  t.equal((await refusal(`ws://127.0.0.1:${port}/greet`))[0], 405)
  t.equal((await refusal(`ws://127.0.0.1:${port}/nagging`, [], { Origin: 'https://evil.example' }))[0], 403)
  t.ok(await subscribe(t, `ws://127.0.0.1:${port}/nagging`, [], { Origin: `http://127.0.0.1:${port}` }))
  t.equal(server.counters.get('pull_refused'), 3)
})

t.test('a subscriber that may not is refused with the status of the error', async (t) => {
  const { server, port } = await world(t, {
    authenticate: (credential) => {
      if (credential === undefined) throw new Error('nobody')
      return 'somebody'
    },
  })
  topic(server, '/nagging')
  t.equal((await refusal(`ws://127.0.0.1:${port}/nagging`))[0], 401)
  t.ok(await subscribe(t, `ws://127.0.0.1:${port}/nagging`, [], { Authorization: 'Bearer abc' }))
})

t.test('AM-20 joining and leaving are noticed at once', async (t) => {
  const { server, port } = await world(t)
  const events: string[] = []
  const nagging = topic<string>(server, '/nagging', {
    onJoin: () => void events.push('join'),
    onLeave: () => void events.push('leave'),
  })
  const url = `ws://127.0.0.1:${port}/nagging`
  const [first, second] = [await subscribe(t, url), await subscribe(t, url)]
  t.equal(nagging.size, 2)
  first.ws.close()
  await until(() => nagging.size === 1)
  second.ws.terminate()
  await until(() => nagging.size === 0)
  t.same(events, ['join', 'join', 'leave', 'leave'])
})

t.test('anything a subscriber says ends its stream', async (t) => {
  const { server, port } = await world(t)
  const nagging = topic<string>(server, '/nagging')
  for (const said of ['hello', new Uint8Array(0)]) {
    const subscriber = await subscribe(t, `ws://127.0.0.1:${port}/nagging`)
    subscriber.ws.send(said)
    t.same(await subscriber.closed, [1003, 'Nothing is to be sent here; do not retry'])
    await until(() => nagging.size === 0)
  }
  t.equal(server.counters.get('pull_spoken'), 2)
})

t.test('AM-24 AM-34 a topic that is closed says that there is no use in trying again', async (t) => {
  const { server, port } = await world(t)
  const nagging = topic<string>(server, '/nagging')
  const subscriber = await subscribe(t, `ws://127.0.0.1:${port}/nagging`, 'ecv_amrpc_json')
  nagging.publish('last')
  void nagging.close()
  const [code, reason] = await subscriber.closed
  t.same(subscriber.messages, ['"last"'], 'what was published before still comes')
  t.equal(code, 4014)
  t.match(reason, /^unavailable\/closed: .*; do not retry$/)
  t.equal((await refusal(`ws://127.0.0.1:${port}/nagging`))[0], 404)
})

t.test('AM-24 a server that goes away says that another try makes sense', async (t) => {
  const { server, port } = await world(t)
  topic<string>(server, '/nagging')
  const subscriber = await subscribe(t, `ws://127.0.0.1:${port}/nagging`)
  const closing = server.close()
  const [code, reason] = await subscriber.closed
  t.equal(code, 1001)
  t.match(reason, /^unavailable\/draining: .*; retry$/)
  await closing
})

t.test('AM-27 AM-28 a subscriber that does not read is closed at its mark, and others are not', async (t) => {
  const { server, port } = await world(t, { limits: { writeSoftBytes: 64 * 1024 } })
  const nagging = topic<string>(server, '/nagging')
  const url = `ws://127.0.0.1:${port}/nagging`
  const stalled = await subscribe(t, url, 'ecv_amrpc_json')
  const live = await subscribe(t, url, 'ecv_amrpc_json')
  stalled.ws.pause()
  const message = 'x'.repeat(64 * 1024)
  let published = 0
  while (nagging.size === 2 && published < 1_000) {
    nagging.publish(message)
    published++
    await live.got(published)
  }
  t.equal(nagging.size, 1)
  t.ok(published > 10, `${published} messages were published`)
  stalled.ws.resume()
  const [code, reason] = await stalled.closed
  t.ok(stalled.messages.length < published, 'it had what its connection took')
  t.equal(code, 1013)
  t.match(reason, /slow_consumer: .*; retry$/)
  nagging.publish('still')
  t.equal((await live.got(published + 1)).at(-1), '"still"')
})

t.test('messages that were dropped are announced where there is a place for that', async (t) => {
  const { server, port } = await world(t)
  const nagging = topic<string>(server, '/nagging', { policy: 'latest', highWaterMark: 1 })
  const url = `ws://127.0.0.1:${port}/nagging`
  const own = await Promise.all([subscribe(t, url, 'hawser.json'), subscribe(t, url, 'hawser.msgpack')])
  const amrpc = await subscribe(t, url, 'ecv_amrpc_json')
  for (const { ws } of [...own, amrpc]) ws.pause()
  const message = 'x'.repeat(512 * 1024)
  for (let number = 1; number <= 60; number++) {
    nagging.publish(message)
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (const { ws } of [...own, amrpc]) ws.resume()
  const [code, reason] = await amrpc.closed
  t.equal(code, 1013, 'and where there is none, the stream ends')
  t.match(reason, /messages were dropped; retry$/)
  const numbersOf = (messages: readonly Message[]) =>
    messages.map((each) => {
      const told = (typeof each === 'string' ? JSON.parse(each) : plain(each)) as Record<string, unknown>
      t.same(Object.keys(told), ['number', 'missed', 'value'])
      return [told.number, told.missed] as const
    })
  for (const each of own) {
    await until(() => (numbersOf(each.messages.slice(-1))[0]?.[0] ?? 0) === 60)
    let last = 0
    let gaps = 0
    for (const [number, missed] of numbersOf(each.messages) as readonly (readonly [number, number])[]) {
      t.equal(number, last + 1 + missed, 'every gap is announced')
      last = number
      if (missed > 0) gaps++
    }
    t.ok(gaps > 0)
  }
})

t.test('AM-30 messages come in the order they were published in, however many in a turn', async (t) => {
  const { server, port } = await world(t)
  const nagging = topic<number>(server, '/nagging', { highWaterMark: 10_000 })
  const subscribers = await Promise.all(
    Array.from({ length: 20 }, () => subscribe(t, `ws://127.0.0.1:${port}/nagging`, 'ecv_amrpc_json')),
  )
  const numbers = Array.from({ length: 2_000 }, (_, number) => number)
  for (const number of numbers) {
    nagging.publish(number)
    if (number % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  for (const each of subscribers) t.same((await each.got(2_000)).map(Number), numbers)
})

t.test('a stream of a service can be pulled where it needs no request', async (t) => {
  const { server, port } = await world(t)
  server.implement(countdown, {
    *run() {
      yield 2
      yield 1
    },
  })
  const url = `ws://127.0.0.1:${port}/test.Countdown/run`
  const subscriber = await subscribe(t, url, 'hawser.json')
  t.same(await subscriber.closed, [1000, 'The stream has ended; do not retry'])
  t.same(
    subscriber.messages.map((each) => JSON.parse(each as string)),
    [
      { number: 1, missed: 0, value: 2 },
      { number: 2, missed: 0, value: 1 },
    ],
  )
})

t.test('a subscriber that is gone without a word is found by pings', async (t) => {
  const { server, port } = await world(t, { limits: { keepAliveMs: 30, keepAliveTimeoutMs: 60 } })
  const nagging = topic<string>(server, '/nagging')
  const alive = await subscribe(t, `ws://127.0.0.1:${port}/nagging`)
  const dead = wire(t, port)
  dead.send(handshake('/nagging'))
  await dead.closed
  t.equal(server.counters.get('pull_silent'), 1)
  t.equal(nagging.size, 1)
  t.equal(alive.ws.readyState, alive.ws.OPEN)
})

t.test('one that takes nothing for too long is dropped', async (t) => {
  const { server, port } = await world(t, { limits: { writeStallMs: 100 } })
  const nagging = topic<string>(server, '/nagging', { policy: 'latest' })
  const stalled = wire(t, port)
  stalled.send(handshake('/nagging'))
  await stalled.until(/\r\n\r\n/)
  stalled.socket.pause()
  while (!server.counters.has('pull_slow_consumer')) {
    nagging.publish('x'.repeat(1024 * 1024))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await until(() => nagging.size === 0)
  t.pass()
})

t.test('AMRPC clients find behind the status why a subscription is refused', async (t) => {
  const { server, port } = await world(t, { http: { profile: 'amrpc' } })
  topic<Uint8Array>(server, '/raw', { form: 'bytes' })
  server.rpc('/call', () => 1)
  for (const [path, line] of [
    ['/raw', /^HTTP\/1.1 500 bytes -> ecv_amrpc_json error: Data cannot be converted\r\n/],
    ['/call', /^HTTP\/1.1 500 \/call is no stream\r\n/],
    ['/other', /^HTTP\/1.1 404 remote method not found\r\n/],
  ] as const) {
    const refused = wire(t, port)
    refused.send(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ecv_amrpc_json\r\n\r\n`,
    )
    await refused.closed
    t.match(refused.text, line)
    t.match(refused.text, /\r\n\r\n{"code":"unimplemented"/)
  }
})

import { binary } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { type Codec, virtualClock } from '@hawser/contract'
import { bytes, enumeration, field, i32, i64, list, string, struct } from '@hawser/schema'
import { createServer } from '@hawser/server'
import t from 'tap'
import { type Topic, topic } from '../src/index.js'
import { ManualOutlet } from './support/manual.js'
import { range } from './support/stack.js'

harness(t)

/** A codec, and how often it was asked to encode. */
function counting(codec: Codec): { readonly codec: Codec; readonly count: () => number } {
  let count = 0
  return {
    codec: {
      ...codec,
      name: codec.name,
      contentType: codec.contentType,
      encode(value, headroom) {
        count++
        return codec.encode(value, headroom)
      },
      decode: (bytes) => codec.decode(bytes),
    },
    count: () => count,
  }
}

const quiet = { log: () => undefined }

t.test('one encode per codec and message, whatever the number and form of subscribers', async (t) => {
  const first = counting(json())
  const second = counting(msgpack())
  const server = createServer({ codecs: [first.codec, second.codec], ...quiet })
  const numbers = topic<number>(server, '/numbers')
  const outlets = range(1, 40).map((n) => {
    const options = { room: Infinity, codec: n % 4 < 2 ? 'json' : 'msgpack', numbered: n % 2 === 0 }
    return new ManualOutlet(server, '/numbers', options).begin()
  })
  for (const n of range(1, 10)) numbers.publish(n)
  t.equal(first.count(), 10)
  t.equal(second.count(), 10)
  for (const form of [0, 1, 2, 3]) {
    const same = outlets.filter((_, index) => (index + 1) % 4 === form)
    for (const [index, item] of same[0]!.items.entries())
      for (const outlet of same) t.equal(outlet.items[index], item, 'the very same bytes')
  }
})

t.test('a reply may be in another codec than the call', async (t) => {
  const server = createServer({ codecs: [json(), msgpack()], ...quiet })
  const numbers = topic<number>(server, '/numbers')
  const outlet = new ManualOutlet(server, '/numbers', { room: 5, codec: 'json', accepts: 'msgpack' }).begin()
  t.equal(outlet.reply.codec, 'msgpack')
  numbers.publish(5)
  t.equal(msgpack().decode(outlet.items[0]!.subarray(8)), 5)
  t.throws(() => new ManualOutlet(server, '/numbers', { accepts: 'none' }), {
    name: 'RpcError',
    reason: 'no_codec',
  })
})

t.test('what cannot travel is the publisher’s to know, before anybody gets anything', async (t) => {
  const server = createServer({ codecs: [json(), msgpack()], limits: { sendBytes: 1_000 }, ...quiet })
  const loose = topic(server, '/loose')
  const outlet = new ManualOutlet(server, '/loose', { room: Infinity }).begin()
  for (const bad of [() => 1, { deep: Symbol('x') }, Number.NaN])
    t.throws(() => loose.publish(bad), { code: 'invalid_argument', reason: 'bad_payload' })
  t.doesNotThrow(() => loose.publish('x'.repeat(1_000 - 12 - 8 - 2)))
  t.throws(() => loose.publish('x'.repeat(1_000 - 12 - 8 - 1)), {
    name: 'RpcError',
    reason: 'too_large',
    executed: 'no',
  })
  await t.rejects(
    loose.publishWhenReady(() => 1),
    { name: 'RpcError', reason: 'bad_payload' },
  )
  t.equal(loose.sequence, 1)
  t.same(outlet.numbers, [1])
})

t.test('what only some codecs cannot carry ends those who chose them', async (t) => {
  const server = createServer({ codecs: [msgpack(), json()], ...quiet })
  const loose = topic(server, '/loose')
  const good = new ManualOutlet(server, '/loose', { room: Infinity, codec: 'msgpack' }).begin()
  const bad = new ManualOutlet(server, '/loose', { room: Infinity, codec: 'json' }).begin()
  loose.publish('both')
  loose.publish(Number.NaN)
  loose.publish('one')
  t.same(good.numbers.length, 3)
  t.same(bad.numbers, [1])
  t.match(bad.error, { code: 'unimplemented', reason: 'no_codec', retryable: false })
  t.equal(server.counters.get('topic_no_codec'), 1)
  t.equal(loose.size, 1)
})

t.test('whoever publishes when one is ended by a message comes behind that message', async (t) => {
  const server = createServer({ codecs: [msgpack(), json()], ...quiet })
  const loose = topic(server, '/loose', { onLeave: () => void loose.publish('told') })
  const good = new ManualOutlet(server, '/loose', { room: Infinity, codec: 'msgpack' }).begin()
  const bad = new ManualOutlet(server, '/loose', { room: Infinity, codec: 'json' }).begin()
  loose.publish('both')
  loose.publish(Number.NaN)
  loose.publish('one')
  t.same(bad.numbers, [1])
  t.same(good.numbers, [1, 2, 3, 4])
  const { decode } = msgpack()
  t.same(
    good.items.map((item) => decode(item.subarray(8))),
    ['both', Number.NaN, 'told', 'one'],
  )
})

const Colour = enumeration('test.Colour', { red: 1, green: 2 })
const Point = struct('test.Point', { x: field(1, i32), raw: field(2, bytes), colour: field(3, Colour) })

t.test('AM-31 strict: only values of the type are published', async (t) => {
  const server = createServer({ codecs: [json(), msgpack(), binary()], ...quiet })
  const points = topic(server, '/points', { type: Point })
  const outlets = ['json', 'msgpack', 'binary'].map((codec) =>
    new ManualOutlet(server, '/points', { room: Infinity, codec }).begin(),
  )
  points.publish({ x: 1, raw: Uint8Array.of(1, 2), colour: 2 })
  for (const outlet of outlets) t.same(outlet.numbers, [1])
  t.throws(() => points.publish({ x: 'text' } as never), { name: 'RpcError', reason: 'bad_payload' })
  t.throws(() => points.publish('text' as never), { name: 'RpcError', reason: 'bad_payload' })
  t.equal(points.sequence, 1)
  const info = server.directory.get('/points')!
  t.match(info, { topic: true, kind: 'server-stream', form: 'values', safe: true })
  topic(server, '/texts', { type: string })
  topic(server, '/bytes', { type: bytes })
  t.equal(server.directory.get('/texts')!.form, 'text')
  t.equal(server.directory.get('/bytes')!.form, 'bytes')
})

t.test('AM-31 loose: a topic with a type converts what it is given, if so wished', async (t) => {
  const server = createServer({ codecs: [json(), msgpack()], ...quiet })
  const published = <T>(made: Topic<T>, value: unknown) => {
    const outlet = new ManualOutlet(server, made.path, { room: 1 }).begin()
    try {
      made.publish(value as T)
      return json().decode(outlet.items[0]!.subarray(8))
    } catch {
      return 'refused'
    } finally {
      outlet.flow!.stop()
    }
  }
  const texts = topic(server, '/texts', { type: string, convert: true })
  t.same(
    ['as it is', 5, 5n, true, { no: 1 }].map((value) => published(texts, value)),
    ['as it is', '5', '5', 'true', 'refused'],
  )
  const wholes = topic(server, '/wholes', { type: i32, convert: true })
  t.same(
    [7, '8', 9n, '1.5', 'x', 1.5, 2 ** 40].map((value) => published(wholes, value)),
    [7, 8, 9, 'refused', 'refused', 'refused', 'refused'],
  )
  const longs = topic(server, '/longs', { type: i64, convert: true })
  t.same(
    [7n, '8', 9, '99999999999999999999'].map((value) => String(published(longs, value))),
    ['7', '8', '9', 'refused'],
  )
  const points = topic(server, '/points', { type: list(Point), convert: true })
  t.match(published(points, [{ x: 1, raw: 'AQI=', colour: 'green' }]), [{ x: 1, raw: 'AQI=' }])
  t.equal(published(points, [{ x: 'far' }]), 'refused')
})

t.test('AM-30 what is published from inside a callback comes behind what is on its way', async (t) => {
  const server = createServer({ codecs: [json()], ...quiet })
  const events: Topic<string> = topic<string>(server, '/events', {
    highWaterMark: 1,
    onJoin: () => events.publish('joined'),
    onLeave: (_, { reason }) => void events.publish(`left: ${reason}`),
  })
  const outlets = range(1, 3).map(() => new ManualOutlet(server, '/events', { room: Infinity }).begin())
  const slow = new ManualOutlet(server, '/events').begin()
  const last = new ManualOutlet(server, '/events', { room: Infinity }).begin()
  t.equal(slow.error?.reason, 'slow_consumer')
  t.same(outlets[0]!.texts, [
    '"joined"',
    '"joined"',
    '"joined"',
    '"joined"',
    '"joined"',
    '"left: slow_consumer"',
  ])
  t.same(outlets[0]!.numbers, range(1, 6))
  t.same(last.numbers, [5, 6])
  t.equal(events.size, 4)
})

t.test('a callback that throws harms nothing', async (t) => {
  const log: unknown[] = []
  const clock = virtualClock()
  const server = createServer({ codecs: [json()], clock, log: (entry) => void log.push(entry) })
  const events = topic<string>(server, '/events', {
    onJoin: () => {
      throw new Error('join')
    },
    onLeave: () => {
      throw new Error('leave')
    },
  })
  const outlet = new ManualOutlet(server, '/events', { room: Infinity }).begin()
  events.publish('x')
  await clock.advance(1_000)
  outlet.flow!.stop()
  t.equal(outlet.items.length, 1)
  t.match(log, [{ hook: 'onJoin' }, { hook: 'onLeave' }])
})

t.test('subscribers may leave while a message is on its way', async (t) => {
  const server = createServer({ codecs: [json()], ...quiet })
  const events = topic<number>(server, '/events')
  const outlets = range(1, 9).map(() => new ManualOutlet(server, '/events', { room: Infinity }).begin())
  for (const [index, outlet] of outlets.entries()) {
    const taken = outlet.item.bind(outlet)
    if (index % 2 === 0)
      outlet.item = (bytes) => {
        taken(bytes)
        outlet.flow!.stop()
        outlets[index + 1]?.flow?.stop()
        return false
      }
  }
  events.publish(1)
  t.same(
    outlets.map(({ items }) => items.length),
    [1, 0, 1, 0, 1, 0, 1, 0, 1],
  )
  t.equal(events.size, 0)
  const fresh = new ManualOutlet(server, '/events', { room: Infinity }).begin()
  events.publish(2)
  t.same(fresh.numbers, [2])
})

t.test('messages that wait do not keep the memory of others', async (t) => {
  const server = createServer({ codecs: [json()], ...quiet })
  const events = topic<string>(server, '/events', { policy: 'drop-new' })
  const outlet = new ManualOutlet(server, '/events').begin()
  for (const n of range(1, 5)) events.publish(`message ${n}`)
  outlet.take(5)
  for (const item of outlet.items) t.ok(item.buffer.byteLength < 100, `${item.buffer.byteLength} bytes`)
  t.same(outlet.numbers, range(1, 5))
})

import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { type Call, RpcError } from '@hawser/contract'
import {
  bytes,
  exception,
  field,
  i64,
  oneway,
  serverStream,
  service,
  string,
  struct,
  unary,
} from '@hawser/schema'
import t from 'tap'
import { jsonFrame } from '../src/index.js'
import { framed } from './support/raw.js'
import { virtual } from './support/virtual.js'

harness(t)

const badPayload = {
  out: 'error',
  result: { code: 'invalid_argument', reason: 'bad_payload', executed: 'no' },
}

t.test('a body that is no sense is answered with an error, and the connection goes on', async (t) => {
  await using world = await virtual()
  const hand = await world.dial()
  await hand.ask({ in: 'ping' })
  const bodies: readonly (string | Uint8Array)[] = [
    '{',
    '{}',
    '{"in"}',
    '{"in":}',
    '{"in":1}',
    '{"in":null,"params":1}',
    '{"params":1}',
    '{"in":"ping","params":1,}',
    '{"in":"ping" "params":1}',
    '{"in":"ping","params":1} {}',
    '{"in":"ping","in":"ping"}',
    '{"in":"ping","params":1,"params":2}',
    '{"in":"ping","\\u0069n":"ping"}',
    '{"in":"ping","params":@}',
    '{"in":"ping","params":[}}',
    '{"in":"ping","params":[1,2}',
    '{"in":"ping","params":nul}',
    '{"in":"ping","params":1 2}',
    '{"in":"ping","params":12345678901234567890}',
    '{"in":"ping","params":1e999}',
    '{"in":"ping","params":"\\ud800"}',
    '{"in":"ping","params":{"__proto__":1}}',
    '{"in":"ping","params":{"a":1,"a":2}}',
    '{"in":"ping","else":tru}',
    '{"in":"ping","else":"',
    `{"in":"${'x'.repeat(300)}"}`,
    Buffer.from([...Buffer.from('{"in":"'), 0xff, ...Buffer.from('"}')]),
    Buffer.from([...Buffer.from('{"in":"ping","params":"'), 0xc3, ...Buffer.from('"}')]),
    Buffer.from([...Buffer.from('{"in":"ping","else":"'), 0xc3, ...Buffer.from('"}')]),
  ]
  for (const body of bodies)
    t.match(
      await hand.ask(typeof body === 'string' ? body : framed(body)),
      badPayload,
      String(body).slice(0, 60),
    )
  for (const depth of [70, 100_000]) {
    const params = '['.repeat(depth) + ']'.repeat(depth)
    t.match(await hand.ask(`{"in":"ping","params":${params}}`), { result: { reason: 'too_deep' } })
  }
  t.same(await hand.ask({ in: 'ping', params: 'fine' }), { out: 'ping', result: 'fine' })
  t.equal(world.server.connections.length, 1)
})

t.test('what is no message at all ends the connection, after a word to who was one of us', async (t) => {
  const cases: Record<string, readonly [Uint8Array, reason: string]> = {
    'a length of zero': [Buffer.alloc(4), 'bad_frame'],
    'a length of 2^32 - 1': [Buffer.alloc(4, 0xff), 'too_large'],
    'a list': [framed(Buffer.from('[1]')), 'bad_frame'],
    'a number': [framed(Buffer.from('12')), 'bad_frame'],
    zeros: [Buffer.alloc(1_000), 'bad_frame'],
  }
  for (const [name, [bytes, reason]] of Object.entries(cases))
    for (const known of [false, true]) {
      await using world = await virtual()
      const hand = await world.dial()
      if (known) await hand.ask({ in: 'ping' })
      await hand.send(bytes)
      if (known) t.match(hand.answers(), [{ out: 'error', result: { reason } }], name)
      else t.equal(hand.heard.length, 0, name)
      await world.clock.advance(1)
      t.equal(hand.ended, true)
      t.equal(world.server.counters.get(`connection_${reason}`), 1)
      t.equal(world.log.length, 1)
    }
})

t.test('strangers are told what is spoken here, in words they can read', async (t) => {
  await using world = await virtual()
  for (const [said, told] of [
    ['GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 .*This port speaks json-frame, not HTTP\n$/s],
    ['hello\r\n', /^This port speaks json-frame\n$/],
  ] as const)
    for (const pieces of [[said], [...said]]) {
      const hand = await world.dial()
      for (const piece of pieces) await hand.send(Buffer.from(piece))
      t.match(hand.heard.toString(), told)
      await world.clock.advance(1)
      t.equal(hand.ended, true)
    }
})

t.test('a message over the limit is refused unread, and the connection goes on', async (t) => {
  await using world = await virtual({ limits: { receiveBytes: 20_000 } })
  const hand = await world.dial()
  const large = { in: 'ping', params: 'x'.repeat(30_000) }
  t.match(await hand.ask(large), { out: 'error', result: { reason: 'too_large', executed: 'no' } })
  t.same(await hand.ask({ in: 'ping', params: 1 }), { out: 'ping', result: 1 })
})

t.test('who says nothing in time, or too slowly, is cut off', async (t) => {
  await using world = await virtual()
  const silent = await world.dial()
  const slow = await world.dial()
  const first = framed(Buffer.from('{"in":"ping"}'))
  for (let second = 0; second < 6; second++) {
    t.equal(slow.ended, second > 5)
    await slow.send(first.subarray(second, second + 1))
    await world.clock.advance(second < 5 ? 990 : 100)
  }
  t.same([silent.ended, slow.ended], [true, true])
  t.equal(world.server.counters.get('connection_handshake_timeout'), 2)
  // A first message that is large takes its time, and gets it.
  const large = await world.dial()
  const upload = framed(Buffer.from(`{"in":"ping","params":"${'x'.repeat(20_000)}"}`))
  for (let at = 0; at < upload.length; at += 2_000) {
    await large.send(upload.subarray(at, at + 2_000))
    await world.clock.advance(1_000)
  }
  t.match(large.answers(), [{ out: 'ping' }])
  // Once known, it has the time of every message to go on with one that it has begun.
  await large.send(first.subarray(0, 5))
  await world.clock.advance(10_000)
  t.equal(large.ended, false)
  await world.clock.advance(1_000)
  t.equal(large.ended, true)
  t.equal(world.server.counters.get('connection_bad_frame'), 1)
})

t.test('a connection that is not in use is closed in peace, one that is waited on is not', async (t) => {
  let answer: (value: string) => void = () => {}
  const reasons: unknown[] = []
  await using world = await virtual({ onClose: (_, reason) => void reasons.push(reason) })
  world.server.rpc('/later', () => new Promise((resolve) => (answer = resolve)))
  const idle = await world.dial()
  await idle.ask({ in: 'ping' })
  const waiting = await world.dial()
  await waiting.ask({ in: 'later' })
  await world.clock.advance(991_000)
  t.same([idle.ended, waiting.ended], [true, false])
  t.match(reasons, [{ reason: 'idle' }])
  answer('at last')
  await world.clock.settle()
  t.same(waiting.answers(), [{ out: 'later', result: 'at last' }])
})

t.test(
  'no more is read than may run, and answers that wait for earlier ones have a limit, too',
  async (t) => {
    const ends: ((value: unknown) => void)[] = []
    let ran = 0
    const options = { limits: { inFlight: 4 } }
    await using world = await virtual(options)
    world.server.rpc('/later', () => {
      ran++
      return new Promise((resolve) => ends.push(resolve))
    })
    const hand = await world.dial()
    await hand.send(...Array.from({ length: 20 }, () => ({ in: 'later' })))
    t.equal(ran, 4)
    for (const end of ends.splice(1)) end('second to fourth')
    await world.clock.settle()
    t.equal(ran, 4, 'their answers still wait for the first')
    t.same(hand.answers(), [])
    ends.shift()!('first')
    await world.clock.settle()
    t.equal(hand.answers().length, 4)
    while (ends.length > 0) {
      for (const end of ends.splice(0)) end('later')
      await world.clock.settle()
    }
    t.equal(ran, 20)
    t.equal(hand.answers().length, 16)

    world.server.rpc('/large', () => {
      ran++
      return 'x'.repeat(40_000)
    })
    ran = 0
    const slow = await world.dial()
    await slow.send({ in: 'later' }, ...Array.from({ length: 3 }, () => ({ in: 'large' })))
    t.equal(ran, 3, 'with 80,000 bytes of answers, the last is not asked for')
    ends.shift()!('now')
    await world.clock.settle()
    t.equal(slow.answers().length, 4)
  },
)

t.test('a peer that does not read is not read from', async (t) => {
  let ran = 0
  await using world = await virtual()
  world.server.rpc('/large', () => {
    ran++
    return 'x'.repeat(60_000)
  })
  const hand = await world.dial()
  hand.connection.pause()
  for (let round = 0; round < 50; round++) await hand.send({ in: 'large' })
  const ahead = ran
  t.ok(ahead < 20, `${ahead} answers ahead`)
  hand.connection.resume()
  await world.clock.advance(100)
  t.equal(hand.answers().length, 50)
})

t.test('a server that closes answers what runs, and refuses what comes', async (t) => {
  let answer: (value: string) => void = () => {}
  await using world = await virtual()
  world.server.rpc('/later', () => new Promise((resolve) => (answer = resolve)))
  const hand = await world.dial()
  await hand.send({ in: 'later' })
  const closing = world.server.close()
  await world.clock.settle()
  await hand.send({ in: 'ping', params: 1 })
  t.same(hand.answers(), [], 'in order, also now')
  answer('done')
  await world.clock.settle()
  t.match(hand.answers(), [
    { out: 'later', result: 'done' },
    { out: 'error', result: { code: 'unavailable', reason: 'draining', executed: 'no', retryable: true } },
  ])
  await world.clock.advance(1)
  t.equal(hand.ended, true)
  await closing
})

t.test('a server that asks who is there is answered by what the transport knows', async (t) => {
  let trusted = true
  await using world = await virtual({
    async authenticate(credential, info) {
      await Promise.resolve()
      if (!trusted) throw new RpcError('unauthenticated', 'not you', { reason: 'unauthenticated' })
      return { credential, address: info.address }
    },
  })
  let identity: unknown
  world.server.implement(service('a.Who', { am: unary<unknown, boolean>() }), {
    am: (_, call) => {
      identity = call.connection?.identity
      return true
    },
  })
  const hand = await world.dial()
  t.match(await hand.ask({ in: 'a.Who/am', params: {} }), { result: true })
  t.match(identity, { credential: undefined, address: /^memory:/ })
  trusted = false
  const stranger = await world.dial()
  await stranger.send({ in: 'ping', params: 1 })
  await world.clock.advance(1)
  t.match(stranger.answers(), [{ out: 'error', result: { code: 'unauthenticated', message: 'not you' } }])
  t.equal(stranger.ended, true)
  t.equal(world.server.counters.get('connection_unauthenticated'), 1)
  t.match(world.log, [{ event: 'connection_unauthenticated' }])
})

const Note = struct('a.Note', { id: field(1, i64), text: field(2, string), data: field(3, bytes) })
const NotFound = exception('a.NotFound', { id: field(1, i64) }, { code: 'not_found' })
const Notes = service('a.Notes', {
  get: unary(i64, Note, { errors: { 1: NotFound } }),
  put: unary(Note, i64),
  drop: oneway(Note),
  watch: serverStream(i64, Note),
})

t.test('methods that have types are called with their request, be it what it may', async (t) => {
  const dropped: unknown[] = []
  await using world = await virtual()
  world.server.implement(Notes, {
    get(id) {
      if (id === 404n) throw new NotFound({ id })
      return { id, text: 'note', data: Uint8Array.of(1, 2, 3) }
    },
    put: ({ id }) => id + 1n,
    drop: (note) => void dropped.push(note),
    async *watch() {},
  })
  const hand = await world.dial()
  const note = { id: '9007199254740993', text: 'note', data: 'AQID' }
  t.same(await hand.ask({ in: 'a.Notes/get', params: note.id }), { out: 'a.Notes/get', result: note })
  t.same(await hand.ask({ in: 'a.Notes/put', params: note }), {
    out: 'a.Notes/put',
    result: '9007199254740994',
  })
  t.same(await hand.ask({ in: 'a.Notes/drop', params: note }), { out: 'a.Notes/drop' })
  t.match(dropped, [{ id: 9007199254740993n }])
  t.match(await hand.ask({ in: 'a.Notes/put', params: { id: 'x' } }), badPayload)
  t.match(await hand.ask({ in: 'a.Notes/get', params: '404' }), {
    out: 'error',
    result: { code: 'not_found', reason: 'declared', executed: 'yes', details: {} },
  })
  t.match(await hand.ask({ in: 'a.Notes/watch', params: '1' }), {
    result: { code: 'unimplemented', reason: 'wrong_kind', executed: 'no' },
  })
})

t.test('an error says all that is known of it, cut to its limit', async (t) => {
  await using world = await virtual()
  const thrown = {
    code: 'unavailable',
    reason: 'overloaded',
    message: 'come "back"\n',
    executed: 'yes',
    retryable: true,
    retryAfterMs: 1_500,
    details: { at: [1] },
  } as const
  world.server.rpc('/fail', (never: boolean) => {
    const { code, message, ...facts } = thrown
    throw new RpcError(code, message, { ...facts, ...(never && { retryAfterMs: Infinity }) })
  })
  world.server.rpc('/long', () => {
    throw new Error('ü'.repeat(5_000))
  })
  const hand = await world.dial()
  t.same(await hand.ask({ in: 'fail', params: false }), { out: 'error', result: thrown })
  t.match(await hand.ask({ in: 'fail', params: true }), { result: { retryAfterMs: -1, retryable: false } })
  const long = (await hand.ask({ in: 'long' })) as { result: { message: string } }
  t.equal(long.result.message, 'ü'.repeat(512))
})

t.test('a result that is no JSON, or too much of it, fails its call alone', async (t) => {
  await using world = await virtual({ limits: { sendBytes: 20_000 } })
  const text = (value: string) => new TextEncoder().encode(value)
  const outputs: Record<string, Uint8Array> = {
    'a.Raw/more': text('1,"out":"x"'),
    'a.Raw/less': text('[1'),
    'a.Raw/large': text(`"${'x'.repeat(20_000)}"`),
  }
  for (const [name, output] of Object.entries(outputs))
    world.server.register({ name, type: { kind: 'unary' }, handler: () => ({ output }) })
  world.server.register({
    name: 'a.Raw/items',
    type: { kind: 'unary' },
    handler: () => ({ output: (async function* () {})() }),
  })
  const hand = await world.dial()
  const cannot = { out: 'error', result: { code: 'internal', executed: 'yes', message: /cannot travel/ } }
  t.match(await hand.ask({ in: 'a.Raw/more' }), cannot)
  t.match(await hand.ask({ in: 'a.Raw/less' }), cannot)
  t.match(await hand.ask({ in: 'a.Raw/large' }), { result: { code: 'resource_exhausted', executed: 'yes' } })
  t.match(await hand.ask({ in: 'a.Raw/items' }), { result: { reason: 'wrong_kind' } })
  t.same(await hand.ask({ in: 'ping', params: 1 }), { out: 'ping', result: 1 })
})

t.test('handlers know where a call came from, and when it went away', async (t) => {
  const calls: Call[] = []
  await using world = await virtual({
    middleware: [
      (next) => (call) => {
        calls.push(call)
        return next(call)
      },
    ],
  })
  world.server.rpc('/never', () => new Promise(() => {}))
  const hand = await world.dial()
  await hand.send({ in: 'never', params: 1 })
  t.match(calls, [{ method: '/never', kind: 'unary', codec: 'json', deadline: Infinity, probe: false }])
  t.equal(calls[0]!.connection, world.server.connections[0])
  hand.connection.abort(new RpcError('cancelled', 'gone'))
  await world.clock.settle()
  t.match(calls[0]!.cancelReason, { code: 'unavailable', reason: 'connection_lost' })
})

t.test('without the codec json, every call is refused', async (t) => {
  await using world = await virtual({ codecs: [msgpack()] })
  const hand = await world.dial()
  t.match(await hand.ask({ in: 'ping', params: 1 }), {
    result: { code: 'unimplemented', reason: 'no_codec' },
  })
})

t.test('an answer cannot be called an error', async (t) => {
  t.throws(() => jsonFrame({ names: { ping: 'error' } }), TypeError)
  await using world = await virtual({}, { names: { ping: 'pong', constructor: 'made' } })
  const hand = await world.dial()
  t.same(await hand.ask({ in: 'ping', params: 1 }), { out: 'pong', result: 1 })
  t.same(await hand.ask({ in: '/ping', params: 1 }), { out: '/ping', result: 1 })
})

import { type Handler, type Reply, reasons } from '@hawser/contract'
import fc from 'fast-check'
import t from 'tap'
import {
  acceptorHello,
  encode,
  type Frame,
  hexBytes,
  hexText,
  limitsOption,
  openerHello,
  preface,
} from './support/frame.js'
import { concat } from './support/pair.js'
import { raw } from './support/raw.js'
import { textOf, utf8 } from './support/world.js'

const echo: Handler = (call) => ({ output: call.input })
const never: Handler = () => new Promise<Reply>(() => {})
const request = (id: number, more: Partial<Frame> = {}): Frame => ({
  kind: 'request',
  flags: 1,
  id,
  name: '/x',
  ...more,
})
const bytes = (size: number) => '00'.repeat(size)

t.test('what does not begin with the preface is closed, without a word of ours', async (t) => {
  const cases: Record<string, [bytes: Uint8Array, hint: RegExp]> = {
    'HTTP GET': [utf8('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /speaks HTTP$/],
    'HTTP answer': [utf8('HTTP/1.1 404 Not Found\r\n'), /speaks HTTP$/],
    'HTTP/2': [utf8('PRI * HTTP/2.0\r\n'), /speaks HTTP\/2/],
    TLS: [hexBytes('16030100f4010000f0'), /speaks TLS/],
    'a wrong version of the magic': [hexBytes('f86861777365720b'), /began with f86861777365720b$/],
    'a huge length': [hexBytes('ffffffff'), /began with ffffffff$/],
    zeros: [new Uint8Array(1_000), /began with (00){32}$/],
  }
  for (const [name, [sent, hint]] of Object.entries(cases)) {
    for (const role of ['acceptor', 'opener'] as const) {
      const peer = raw(role)
      await peer.send(sent)
      t.match(peer.ended, {}, `${name}: closed`)
      if (role === 'opener' || !/HTTP|TLS/.test(name)) t.same(peer.frames(), [], 'without a word')
      t.match(peer.side.logs, [{ event: 'connection_bad_frame', message: hint }])
      t.equal(peer.side.counts.get('connection_bad_frame'), 1)
      t.match(await peer.session.closed, { reason: 'bad_frame' })
      await peer.end(t)
    }
  }
})

t.test('before the hello, only a hello; what is none is closed without a word', async (t) => {
  const good = openerHello()
  const [codecs, announced] = good.options!
  const cases: Record<string, Frame | Uint8Array> = {
    'a request': request(1),
    'a ping': { kind: 'ping' },
    'a goaway': { kind: 'goaway' },
    'an unknown kind': { kind: 99 },
    'a frame of no bytes': hexBytes('00000000'),
    'a frame shorter than its head': hexBytes('0000000701000000'),
    'a length of 2^32 - 1': hexBytes('ffffffff'),
    'a length of 2^31': hexBytes('80000000'),
    'a hello over 4 KiB': openerHello(['raw'], {}, bytes(4_096)),
    'a hello with a flag': { ...good, flags: 1 },
    'a hello of version 0': { ...good, version: 0 },
    'seventeen options': {
      ...good,
      options: [codecs!, announced!, ...Array.from({ length: 15 }, (_, id) => ({ id: id + 9, value: '' }))],
    },
    'an option twice': { ...good, options: [codecs!, announced!, announced!] },
  }
  for (const [name, sent] of Object.entries(cases)) {
    const peer = raw('acceptor', { handler: () => t.fail('a handler ran') as never })
    await peer.send(preface, sent)
    t.match(peer.ended, {}, name)
    t.same(peer.frames(true), [])
    await peer.end(t)
  }
})

t.test('a hello of exactly 4 KiB is taken', async (t) => {
  const room = 4_096 - 12 - 2 - 7 - 15 - 3
  for (const [size, taken] of [
    [room, true],
    [room + 1, false],
  ] as const) {
    const peer = raw('acceptor')
    await peer.send(preface, openerHello(['raw'], {}, bytes(size)))
    t.equal(peer.side.opened.length, taken ? 1 : 0)
    await peer.end(t)
  }
})

t.test('no codec in common: a goaway instead of the hello, early calls or not', async (t) => {
  for (const early of [[], [request(1), request(3)]]) {
    const peer = raw('acceptor', { handler: () => t.fail('a handler ran') as never })
    await peer.send(preface, openerHello(['other']), ...early)
    t.match(peer.frames(true), [{ kind: 'goaway', id: 0, detail: reasons.unsupported, message: '' }])
    t.match(peer.ended, {})
    t.match(await peer.session.closed, { code: 'unimplemented', reason: 'unsupported' })
    await peer.end(t)
  }
})

t.test('an opener that is not let in fails its calls, not executed', async (t) => {
  for (const [detail, error] of [
    [reasons.unauthenticated, { code: 'unauthenticated', reason: 'unauthenticated', retryable: false }],
    [reasons.unsupported, { code: 'unimplemented', reason: 'unsupported' }],
    [reasons.overloaded, { code: 'resource_exhausted', reason: 'overloaded', retryable: true }],
    [250, { code: 'unavailable', reason: 'draining' }],
  ] as const) {
    const peer = raw('opener')
    const made = peer.call('/x')
    const large = peer.call('/x', { input: new Uint8Array(100_000) })
    await peer.send(preface, { kind: 'goaway', detail })
    t.match(
      [made.error, large.error],
      [
        { ...error, executed: 'no' },
        { ...error, executed: 'no' },
      ],
    )
    t.equal(peer.session.open, false)
    const late = peer.call('/x')
    t.match(late.error, { ...error, executed: 'no' })
    peer.close()
    await peer.clock.settle()
    t.match(await peer.session.closed, error)
    await peer.end(t)
  }
})

t.test('an acceptor’s hello that was not asked for so', async (t) => {
  for (const hello of [
    acceptorHello([1]),
    acceptorHello([0, 0]),
    { ...acceptorHello(), version: 2 },
    { ...acceptorHello(), options: [{ id: 2, value: limitsOption() }] },
  ]) {
    const peer = raw('opener')
    const made = peer.call('/x')
    await peer.send(preface, hello)
    t.match(peer.ended, {})
    t.match(made.error, { code: 'unavailable', reason: 'connection_lost' })
    await peer.end(t)
  }
})

/** What a session that is greeted answers to one frame with. */
type Row = [sent: (Frame | Uint8Array)[], message: RegExp]
const faults: Record<string, Row> = {
  'a second hello': [[openerHello()], /second hello/],
  'an unknown kind from 128 up': [[{ kind: 128 }], /unknown kind 128/],
  'kind 0': [[{ kind: 0 }, { kind: 255 }], /unknown kind 255/],
  'a frame shorter than its head': [[hexBytes('0000000702000000')], /frame of 11 bytes/],
  'a flag that its kind has not': [[request(1, { flags: 9 })], /flags 9/],
  'a flag on a ping': [[{ kind: 'ping', flags: 1 }], /flags 1/],
  'a request that is too short': [[hexBytes('0000000d0200000000000001ffffffffff')], /too short/],
  'an unknown call kind': [[request(1, { detail: 5 })], /unknown kind 5/],
  'an even id': [[request(2)], /id 2/],
  'the id 0': [[request(0)], /id 0/],
  'an id twice': [[request(1), request(1)], /id 1/],
  'an id that falls': [[request(5), request(3)], /id 3/],
  'a method that was never named': [[request(1, { flags: 0, index: 0 })], /never named/],
  'the index for no index, without a name': [[request(1, { flags: 0 })], /never named/],
  'an index that is not the next': [[request(1, { index: 1 })], /not the next/],
  'an index defined twice': [[request(1, { index: 0 }), request(3, { index: 0 })], /not the next/],
  'an empty name': [[request(1, { name: '' })], /wrong length/],
  'a name of 257 bytes': [[request(1, { name: 'm'.repeat(257) })], /wrong length/],
  'a name past the end': [[hexBytes('000000100201000000000001ffffffffffff0009')], /wrong length/],
  'a name that is not UTF-8': [[hexBytes('00000011020100000000000100 00ffffffff0001ff')], /UTF-8/],
  'headers past the end': [[hexBytes('0000001002020000000000010000ffffffff0009')], /./],
  'a codec that was not offered': [[request(1, { codec: 1 })], /codec 1/],
  'a notification without a type': [[{ kind: 'notify', name: '' }], /wrong length/],
  'a notification that is too short': [[{ kind: 'notify', name: 'n'.repeat(257) }], /wrong length/],
  'a notification in a codec not offered': [[{ kind: 'notify', name: 'n', codec: 7 }], /codec 7/],
  'a credit of 3 bytes': [[hexBytes('0000000b0700000000000001000000')], /credit/],
  'a credit of 5 bytes': [[{ kind: 'credit', id: 1, granted: 1, body: '00' }], /credit/],
  'an error without its head': [[hexBytes('0000000a0400000000000002 0d00')], /error/],
  'an error with a message past the end': [[hexBytes('0000000d04000000000000020d00000009')], /error/],
  'a reply with headers past the end': [[hexBytes('0000000a03020000000000020009')], /Headers/],
  'a stream reply with a body': [[{ kind: 'reply', flags: 8, id: 2, body: '00' }], /body and items/],
  'an item in another codec': [
    [request(1, { detail: 1, flags: 1 }), { kind: 'item', id: 1, codec: 1, body: '00' }],
    /another codec/,
  ],
  'a frame far over the limit': [[hexBytes('ffffffff')], /far over the limit/],
  'a ping of 5 MB': [[{ kind: 'ping', body: bytes(5_000_000) }], /kind 10/],
  'a critical kind of 5 MB': [[{ kind: 200, body: bytes(5_000_000) }], /kind 200/],
}

t.test('each fault of framing ends the connection with a goaway, and settles what is pending', async (t) => {
  for (const [name, [sent, message]] of Object.entries(faults)) {
    const peer = raw('acceptor', { handler: never })
    await peer.greet()
    const pending = peer.call('/pending')
    await peer.clock.settle()
    peer.frames()
    await peer.send(...sent, { kind: 'ping', id: 77 })
    const went = peer.frames().filter(({ kind }) => kind === 'goaway' || kind === 'pong')
    const tooLarge = name === 'a frame far over the limit'
    t.match(went, [{ kind: 'goaway', detail: tooLarge ? reasons.too_large : reasons.bad_frame }], name)
    t.ok(utf8(went[0]?.message ?? '').length <= 64, 'in 64 bytes at most')
    t.match(went[0]?.message, message)
    t.match(peer.ended, {})
    t.equal(pending.settled, 1)
    t.match(pending.error, { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' })
    t.equal(peer.session.active <= 2, true)
    t.equal(peer.side.logs.length, 1, 'one line of the log')
    await peer.end(t)
  }
})

t.test('a fault of one call is answered to that call, and the connection kept', async (t) => {
  const bad = { code: 3, reason: reasons.bad_header, facts: 0 }
  const cases: Record<string, [Partial<Frame>, Partial<Frame>]> = {
    'a header key': [{ flags: 3, headers: [['BAD', '']] }, bad],
    'a header twice': [
      {
        flags: 3,
        headers: [
          ['a', ''],
          ['a', ''],
        ],
      },
      bad,
    ],
    'a header value with a line end': [{ flags: 3, headers: [['a', 'x\r\ny']] }, bad],
    'too many headers': [
      { flags: 3, headers: Array.from({ length: 65 }, (_, key) => [`k${key}`, ''] as const) },
      bad,
    ],
    'a header value over the limit': [{ flags: 3, headers: [['a', 'v'.repeat(4_097)]] }, bad],
    'no time left': [{ timeoutMs: 0 }, { code: 4, reason: reasons.deadline, facts: 0 }],
    'a message over the limit': [
      { body: bytes(4 * 1024 * 1024) },
      { code: 8, reason: reasons.too_large, facts: 0 },
    ],
  }
  for (const [name, [fields, error]] of Object.entries(cases)) {
    const peer = raw('acceptor', { handler: echo })
    await peer.greet()
    await peer.send(request(1, { index: 0, ...fields }), request(3, { flags: 0, index: 0, body: 'aa' }))
    t.match(
      peer.frames(),
      [
        { kind: 'error', id: 1, ...error },
        { kind: 'reply', id: 3, body: 'aa' },
      ],
      `${name}; its name is known all the same`,
    )
    t.equal(peer.ended, undefined)
    await peer.end(t)
  }
})

t.test('a codec that was offered and not taken fails the call', async (t) => {
  const peer = raw('acceptor', { handler: echo })
  await peer.send(preface, openerHello(['other', 'raw']))
  await peer.send(request(1, { codec: 0 }), request(3, { codec: 1, body: 'bb' }))
  t.match(peer.frames(), [
    { kind: 'error', id: 1, codec: 0, code: 12, reason: reasons.no_codec, facts: 0 },
    { kind: 'reply', id: 3, codec: 1, body: 'bb' },
  ])
  await peer.send({ kind: 'notify', codec: 0, name: 'n' })
  t.match(peer.frames(), [{ kind: 'goaway', detail: reasons.bad_frame }])
  await peer.end(t)
})

t.test('F38 unknown kinds below 128 are skipped, of any size up to the limit for skipping', async (t) => {
  const peer = raw('acceptor', { handler: echo })
  await peer.greet()
  await peer.send(
    { kind: 0, flags: 255, codec: 255, detail: 255, id: 2 ** 32 - 1 },
    { kind: 13, body: bytes(100) },
    { kind: 127, body: bytes(5_000_000) },
    request(1, { body: 'cc' }),
  )
  t.match(peer.frames(), [{ kind: 'reply', id: 1, body: 'cc' }])
  t.equal(peer.side.counts.get('frame_skipped'), 2)
  await peer.end(t)
})

t.test('F38 a later version in the hello is answered with version 1', async (t) => {
  const peer = raw('acceptor')
  await peer.send(preface, { ...openerHello(), version: 3 })
  t.match(peer.frames(true), [{ kind: 'hello', version: 1 }])
  await peer.end(t)
})

t.test('a hostile acceptor: 16 stray frames are ignored and counted, the 17th is abuse', async (t) => {
  const strays: Frame[] = [
    { kind: 'reply', id: 99 },
    { kind: 'error', id: 99, code: 1 },
    { kind: 'item', id: 99 },
    { kind: 'end', id: 99 },
    { kind: 'credit', id: 99, granted: 1 },
    { kind: 'cancel', id: 99 },
    { kind: 'reply', id: 99, flags: 8 },
    { kind: 'cancel', id: 4 },
    { kind: 'item', id: 4 },
  ]
  const peer = raw('opener')
  await peer.greet()
  const made = peer.call('/x')
  await peer.clock.settle()
  const sixteen = Array.from({ length: 16 }, (_, index) => strays[index % strays.length]!)
  await peer.send(...sixteen)
  t.equal(peer.side.counts.get('frame_stray'), 16)
  t.equal(peer.ended, undefined)
  await peer.send({ kind: 'reply', id: 1, body: hexText('ok') })
  t.equal(textOf(made.reply?.output), 'ok', 'the others are unharmed')
  await peer.send({ kind: 'reply', id: 1, body: hexText('again') })
  t.match(peer.frames().at(-1), { kind: 'goaway', detail: reasons.abuse })
  t.match(await peer.session.closed, { code: 'resource_exhausted', reason: 'abuse' })
  await peer.end(t)
})

t.test('no call, and none that was made, is a stray on either side', async (t) => {
  for (const role of ['opener', 'acceptor'] as const) {
    const peer = raw(role, { handler: never })
    await peer.greet()
    const own = role === 'opener' ? 1 : 2
    let strays = 0
    for (const id of [0, own, 100 + own])
      for (const frame of [
        { kind: 'reply', id },
        { kind: 'error', id, code: 1 },
        { kind: 'item', id },
        { kind: 'end', id },
        { kind: 'credit', id, granted: 1 },
        { kind: 'cancel', id },
      ] as const) {
        if (strays === 16) continue
        await peer.send(frame)
        t.equal(peer.side.counts.get('frame_stray'), ++strays, `${frame.kind} ${id} to the ${role}`)
      }
    t.equal(peer.ended, undefined)
    await peer.end(t)
  }
})

t.test('a hostile acceptor: answers that do not fit their call', async (t) => {
  const cases: [kind: 'unary' | 'server-stream', Frame[], object][] = [
    ['unary', [{ kind: 'reply', flags: 8, id: 1 }], { reason: 'bad_frame', executed: 'yes' }],
    ['server-stream', [{ kind: 'reply', id: 1 }], { reason: 'bad_frame', executed: 'yes' }],
    [
      'unary',
      [{ kind: 'reply', flags: 2, id: 1, headers: [['B', '']] }],
      { reason: 'bad_header', executed: 'yes' },
    ],
    ['unary', [{ kind: 'reply', id: 1, body: bytes(5_000_000) }], { reason: 'too_large', executed: 'yes' }],
    ['unary', [{ kind: 'error', id: 1, body: bytes(5_000_000) }], { reason: 'too_large', executed: 'maybe' }],
    ['unary', [{ kind: 'reply', codec: 1, id: 1 }], { reason: 'connection_lost', executed: 'maybe' }],
    ['server-stream', [{ kind: 'reply', codec: 1, flags: 8, id: 1 }], { reason: 'connection_lost' }],
  ]
  for (const [kind, frames, error] of cases) {
    const peer = raw('opener')
    await peer.greet()
    const made = peer.call('/x', { kind })
    await peer.send(...frames)
    t.match(made.error, error, JSON.stringify({ kind, ...frames[0], body: undefined }))
    t.equal(made.settled, 1)
    await peer.end(t)
  }
})

t.test('a hostile acceptor: a stream beyond its credit is cut off', async (t) => {
  const peer = raw('opener')
  await peer.greet()
  const made = peer.call('/x', { kind: 'server-stream' })
  await peer.send({ kind: 'reply', flags: 8, id: 1 })
  const item: Frame = { kind: 'item', id: 1, body: bytes(32_752) }
  await peer.send(item, item)
  t.match(peer.frames(), [{ kind: 'request' }], 'the credit is used up')
  await peer.send(item)
  t.match(peer.frames(), [{ kind: 'cancel', id: 1, detail: 1 }])
  await peer.send(item, { kind: 'item', id: 1, body: bytes(5_000_000) })
  t.match(peer.frames(), [], 'which is said once')
  const got: unknown[] = []
  try {
    for await (const each of made.reply!.output as AsyncIterable<Uint8Array>) got.push(each.length)
  } catch (error) {
    got.push(error)
  }
  t.match(got, [32_752, 32_752, { code: 'resource_exhausted', reason: 'overloaded' }])
  await peer.end(t)
})

t.test(
  'a hostile acceptor: a stream that goes on beyond its credit when it was cancelled is strays',
  async (t) => {
    const item: Frame = { kind: 'item', id: 1, body: bytes(32_752) }
    const large: Frame = { kind: 'item', id: 1, body: bytes(5_000_000) }
    for (const [name, further] of [
      ['items', item],
      ['items over the limit', large],
    ] as const) {
      const peer = raw('opener')
      await peer.greet()
      const made = peer.call('/x', { kind: 'server-stream' })
      await peer.send({ kind: 'reply', flags: 8, id: 1 }, item)
      made.cancel()
      await peer.send(item)
      t.equal(peer.side.counts.get('frame_stray'), undefined, `${name}: what was under way is no offence`)
      for (let count = 0; count < 16; count++) await peer.send(further)
      t.equal(peer.side.counts.get('frame_stray'), 16)
      t.equal(peer.ended, undefined)
      await peer.send(further)
      t.match(peer.frames().at(-1), { kind: 'goaway', detail: reasons.abuse })
      await peer.end(t)
    }
  },
)

t.test('an item over the limit fails its call, in either direction', async (t) => {
  const caller = raw('opener')
  await caller.greet()
  const made = caller.call('/x', { kind: 'server-stream' })
  await caller.send({ kind: 'reply', flags: 8, id: 1 }, { kind: 'item', id: 1, body: bytes(5_000_000) })
  const output = made.reply!.output as AsyncIterable<Uint8Array>
  await t.rejects(output[Symbol.asyncIterator]().next(), { reason: 'too_large', executed: 'maybe' } as never)
  t.match(caller.frames().at(-1), { kind: 'cancel', id: 1 })
  await caller.end(t)

  const server = raw('acceptor', { handler: never })
  await server.greet()
  await server.send(request(1, { detail: 1 }), { kind: 'item', id: 1, body: bytes(5_000_000) })
  t.match(server.frames(), [{ kind: 'error', id: 1, reason: reasons.too_large, facts: 1 }])
  await server.end(t)
})

t.test('items, ends and credits for calls that are over are no offence of an opener', async (t) => {
  const peer = raw('acceptor', { handler: echo })
  await peer.greet()
  await peer.send(request(1))
  for (let turn = 0; turn < 30; turn++)
    await peer.send(
      { kind: 'item', id: 1, body: '00' },
      { kind: 'end', id: 1 },
      { kind: 'credit', id: 1, granted: 2 ** 32 - 1 },
      { kind: 'cancel', id: 1 },
    )
  t.equal(peer.ended, undefined)
  t.equal(peer.side.counts.get('frame_stray'), undefined)
  await peer.end(t)
})

t.test('open-and-cancel floods: a burst of 200 passes, then 33 a second, then abuse', async (t) => {
  const flood = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => [
      request(from + 2 * index),
      { kind: 'cancel', id: from + 2 * index } as Frame,
    ]).flat()
  const peer = raw('acceptor', { handler: never })
  await peer.greet()
  await peer.send(...flood(1, 200))
  t.equal(peer.ended, undefined, '200 at once')
  await peer.clock.advance(1_000)
  await peer.send(...flood(1_001, 33))
  t.equal(peer.ended, undefined, '33 after a second')
  await peer.send(...flood(2_001, 2))
  t.match(peer.frames().at(-1), { kind: 'goaway', detail: reasons.abuse })
  await peer.end(t)
})

t.test('cancelled calls keep their places until their handlers end', async (t) => {
  let running = 0
  let most = 0
  const ends: (() => void)[] = []
  const peer = raw('acceptor', {
    limits: { inFlight: 10, cancelBurst: 1_000 },
    handler: () => {
      most = Math.max(most, ++running)
      return new Promise<Reply>((resolve) =>
        ends.push(() => {
          running--
          resolve({ output: utf8('') })
        }),
      )
    },
  })
  await peer.greet()
  for (let id = 1; id < 200; id += 2) await peer.send(request(id), { kind: 'cancel', id })
  t.equal(most, 10)
  const frames = peer.frames()
  t.equal(frames.filter(({ reason }) => reason === reasons.cancelled).length, 10)
  const refused = frames.filter(({ reason }) => reason === reasons.overloaded)
  t.equal(refused.length, 90)
  t.match(refused[0], { code: 8, facts: 4 }, 'not executed, and retryable')
  for (const end of ends.splice(0)) end()
  await peer.clock.settle()
  t.same(peer.frames(), [], 'the late answers go nowhere')
  await peer.send(request(1_001))
  t.equal(running, 1, 'and the places are free again')
  await peer.end(t)
})

t.test('ping floods: two early ones in a row pass, the third is abuse', async (t) => {
  const peer = raw('acceptor')
  await peer.greet()
  await peer.send({ kind: 'ping', id: 1 }, { kind: 'ping', id: 2 }, { kind: 'ping', id: 3 })
  t.match(peer.frames(), [
    { kind: 'pong', id: 1 },
    { kind: 'pong', id: 2 },
    { kind: 'pong', id: 3 },
  ])
  await peer.clock.advance(10_000)
  await peer.send({ kind: 'ping', id: 4 }, { kind: 'ping', id: 5 }, { kind: 'ping', id: 2 ** 32 - 1 })
  t.equal(peer.ended, undefined, 'a patient ping clears the record')
  await peer.clock.advance(9_999)
  await peer.send({ kind: 'ping', id: 7 })
  t.match(peer.frames().at(-1), { kind: 'goaway', detail: reasons.abuse })
  await peer.end(t)
})

t.test('an acceptor whose answers are not read stops reading', async (t) => {
  let ran = 0
  const big = new Uint8Array(20_000)
  const peer = raw('acceptor', {
    handler: () => {
      ran++
      return { output: big }
    },
  })
  await peer.greet()
  peer.pause()
  for (let id = 1; id < 2_000; id += 2) await peer.send(request(id))
  t.ok(ran <= 5, `${ran} calls ran for 64 KiB of answers`)
  peer.resume()
  await peer.clock.settle()
  t.equal(ran, 1_000, 'all of them when they are read')
  t.equal(peer.frames().filter(({ kind }) => kind === 'reply').length, 1_000)
  await peer.end(t)
})

t.test('a peer that never reads is dropped after 10 s without progress', async (t) => {
  const peer = raw('acceptor', { handler: () => ({ output: new Uint8Array(100_000) }) })
  await peer.greet()
  peer.pause()
  await peer.send(request(1))
  await peer.clock.advance(9_000)
  t.equal(peer.session.open, true)
  await peer.clock.advance(2_001)
  t.match(await peer.session.closed, { reason: 'slow_consumer' })
  await peer.end(t)
})

t.test('any bytes end in frames or in a closed connection, and nothing else', async (t) => {
  const start = concat([preface, encode(openerHello())])
  const someFrame = fc
    .record({
      kind: fc.integer({ min: 0, max: 130 }),
      flags: fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 0, max: 255 })),
      codec: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })),
      detail: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 255 })),
      id: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
      body: fc.uint8Array({ maxLength: 40 }).map((body) => Buffer.from(body).toString('hex')),
    })
    .map((fields) => encode(fields))
  const bad = fc.uint8Array({ maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(someFrame, bad), { maxLength: 12 }), async (parts) => {
      const peer = raw('acceptor', { handler: echo })
      const pending = peer.call('/pending', { timeoutMs: 60_000 })
      await peer.send(start, concat(parts))
      await peer.clock.advance(61_000)
      if (pending.settled !== 1) throw new Error('a call did not settle')
      for (const { event } of peer.side.logs)
        if (event === 'connection_internal') throw new Error('an error of our own')
      await peer.end({ equal: () => undefined } as never)
    }),
    { numRuns: 400 },
  )
  t.equal((Object.prototype as { polluted?: unknown }).polluted, undefined)
})

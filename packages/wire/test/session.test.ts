import { type Call, type Handler, type Reply, RpcError } from '@hawser/contract'
import t from 'tap'
import { gate, items, stream, textOf, utf8, world } from './support/world.js'

const echo: Handler = (call) => ({ output: call.input })
const upper = (text: string): Uint8Array => utf8(text.toUpperCase())

/** A handler for each kind, by the kind of the call. */
const kinds: Handler = async (call): Promise<Reply> => {
  if (call.kind === 'unary' || call.kind === 'oneway') return { output: upper(textOf(call.input)) }
  if (call.kind === 'server-stream') return { output: stream('one', 'two', textOf(call.input)) }
  if (call.kind === 'client-stream')
    return { output: utf8((await items(call.input)).join('+')), headers: new Map([['count', 'all']]) }
  return { output: mapped(call) }
}
async function* mapped(call: Call): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const item of call.input as AsyncIterable<Uint8Array>) yield upper(textOf(item))
}

t.test('every kind of call, from either side', async (t) => {
  for (const from of ['call', 'callBack'] as const) {
    const each = from === 'call' ? { acceptor: { handler: kinds } } : { opener: { handler: kinds } }
    const w = world(each)
    const unary = w[from]('/unary', { input: 'abc' })
    const server = w[from]('/server', { kind: 'server-stream', input: 'three' })
    const client = w[from]('/client', { kind: 'client-stream', input: stream('a', 'b', 'c') })
    const duplex = w[from]('/duplex', { kind: 'duplex', input: stream('x', 'y') })
    const oneway = w[from]('/oneway', { kind: 'oneway', input: 'q' })
    await w.clock.settle()
    t.equal(textOf(unary.reply?.output), 'ABC')
    t.same(await items(server.reply?.output), ['one', 'two', 'three'])
    t.equal(textOf(client.reply?.output), 'a+b+c')
    t.same([...client.reply!.headers!], [['count', 'all']])
    t.same(await items(duplex.reply?.output), ['X', 'Y'])
    t.equal(oneway.settled, 1)
    t.same(
      [unary, server, client, duplex].map((made) => made.settled),
      [1, 1, 1, 1],
    )
    await w.clock.settle()
    t.same([w.opener.active, w.acceptor.active], [0, 0], 'no call keeps its place')
    await w.end(t)
  }
})

t.test('the two sides call each other at once, and nest', async (t) => {
  const w = world({
    opener: { handler: (call) => ({ output: upper(textOf(call.input)) }) },
    acceptor: {
      handler: async (call) => {
        const back = await call.connection!.handler({ ...plain(call), method: '/back' })
        return { output: utf8(`(${textOf(back.output)})`) }
      },
    },
  })
  const made = w.call('/nest', { input: 'in' })
  const other = w.callBack('/x', { input: 'y' })
  await w.clock.settle()
  t.equal(textOf(made.reply?.output), '(IN)')
  t.equal(textOf(other.reply?.output), 'Y')
  await w.end(t)
})

function plain(call: Call): Call {
  const { method, kind, codec, headers, deadline, input, probe, signal } = call
  const { cancelReason } = call
  return {
    method,
    kind,
    codec,
    headers,
    deadline,
    input,
    probe,
    signal,
    cancelReason,
    onCancel: (listener) => call.onCancel(listener),
    offCancel: (listener) => call.offCancel(listener),
  }
}

t.test('what the handler sees of a call', async (t) => {
  const seen: Call[] = []
  const w = world({
    acceptor: {
      handler: (call) => {
        seen.push(call)
        return { output: call.input, headers: new Map([['x-reply', 'é']]) }
      },
    },
  })
  const made = w.call('/métho∂', { timeoutMs: 1_500, headers: new Map([['trace', 'abc']]), input: 'b' })
  await w.clock.settle()
  const [call] = seen
  t.match(call, { method: '/métho∂', kind: 'unary', codec: 'raw', deadline: 1_500, probe: false })
  t.same([...call!.headers], [['trace', 'abc']])
  t.equal(call!.connection, w.acceptor.peer)
  t.same([...made.reply!.headers!], [['x-reply', 'é']])
  w.call('/métho∂')
  await w.clock.settle()
  t.match(seen[1], { method: '/métho∂', deadline: Infinity }, 'by index, and without a deadline')
  t.equal(seen[1]!.headers.size, 0)
  await w.end(t)
})

t.test('an error keeps code, reason, executed, retryable, message and details', async (t) => {
  const details = Uint8Array.of(1, 2, 3)
  const thrown = new RpcError('not_found', 'no such thing', {
    reason: 'denied',
    executed: 'yes',
    retryable: true,
    details,
  })
  for (const handler of [
    () => {
      throw thrown
    },
    () => Promise.reject(thrown),
  ] satisfies Handler[]) {
    const w = world({ acceptor: { handler } })
    const made = w.call('/x')
    await w.clock.settle()
    t.match(made.error, { code: 'not_found', reason: 'denied', executed: 'yes', retryable: true })
    t.equal(made.error?.message, 'no such thing')
    t.same(made.error?.details, details)
    await w.end(t)
  }
})

t.test('F13 a handler that misbehaves costs its own call only', async (t) => {
  const failed = { code: 'internal', reason: 'handler_failed', executed: 'yes' }
  const never = new Promise<Reply>(() => {})
  const table: Record<string, [handler: Handler, error: object]> = {
    'throws an Error': [
      () => {
        throw new Error('secret stack')
      },
      failed,
    ],
    'throws undefined': [
      () => {
        throw undefined
      },
      failed,
    ],
    'throws what throws': [
      () => {
        throw {
          get message() {
            throw new Error('again')
          },
        }
      },
      failed,
    ],
    'rejects with a text': [() => Promise.reject('text'), { ...failed, message: 'text' }],
    'answers a unary call with items': [
      () => ({ output: stream('a') }),
      { code: 'internal', executed: 'yes' },
    ],
    'answers with bad headers': [
      () => ({ output: utf8(''), headers: new Map([['BAD', '']]) }),
      { code: 'invalid_argument', reason: 'bad_header', executed: 'yes' },
    ],
    'answers too much': [
      () => ({ output: new Uint8Array(5 * 1024 * 1024) }),
      { code: 'resource_exhausted', reason: 'too_large', executed: 'yes' },
    ],
    'never settles': [() => never, { code: 'deadline_exceeded', reason: 'deadline' }],
  }
  for (const [name, [handler, error]] of Object.entries(table)) {
    const w = world({
      acceptor: { handler: (call) => (call.method === '/bad' ? handler(call) : echo(call)) },
    })
    const made = w.call('/bad', { timeoutMs: 100 })
    const good = w.call('/good', { input: 'still' })
    await w.clock.advance(200)
    t.match(made.error, error, name)
    t.equal(made.settled, 1)
    t.notMatch(made.error?.message, /at .*test/, 'no stack')
    t.equal(textOf(good.reply?.output), 'still')
    t.equal(w.opener.open, true)
    await w.end(t)
  }
})

t.test('a stream call that is answered without items, or fails half-way', async (t) => {
  async function* half(): AsyncGenerator<Uint8Array, void, undefined> {
    yield utf8('a')
    throw new RpcError('aborted', 'half-way', { executed: 'yes' })
  }
  async function* large(): AsyncGenerator<Uint8Array, void, undefined> {
    yield utf8('a')
    yield new Uint8Array(5 * 1024 * 1024)
  }
  const outputs = { '/bytes': utf8('x'), '/half': half(), '/large': large() }
  const w = world({
    acceptor: { handler: (call) => ({ output: outputs[call.method as keyof typeof outputs] }) },
  })
  const bytes = w.call('/bytes', { kind: 'server-stream' })
  const broken = w.call('/half', { kind: 'server-stream' })
  const overlong = w.call('/large', { kind: 'server-stream' })
  await w.clock.settle()
  t.match(bytes.error, { code: 'internal', executed: 'yes' })
  t.match(await items(broken.reply?.output), ['a', { code: 'aborted', message: 'half-way' }])
  t.match(await items(overlong.reply?.output), ['a', { reason: 'too_large', executed: 'yes' }])
  t.same([w.opener.active, w.acceptor.active], [0, 0])
  await w.end(t)
})

t.test('without a handler every call is refused, and not executed', async (t) => {
  const w = world()
  const made = w.call('/nobody')
  await w.clock.settle()
  t.match(made.error, { code: 'unimplemented', reason: 'no_method', executed: 'no' })
  await w.end(t)
})

t.test('a probe carries its flag and is answered without items', async (t) => {
  const seen: Call[] = []
  const w = world({
    acceptor: {
      handler: (call) => {
        seen.push(call)
        return { output: new Uint8Array(0) }
      },
    },
  })
  const made = (['unary', 'server-stream', 'client-stream', 'duplex', 'oneway'] as const).map((kind) =>
    w.call('/there', { kind, probe: true, input: '' }),
  )
  await w.clock.settle()
  t.same(
    seen.map(({ probe }) => probe),
    [true, true, true, true, true],
  )
  for (const { reply } of made) t.equal(textOf(reply?.output), '')
  await w.end(t)
})

t.test('a one-way call is acknowledged on the wire, and settles when it is sent', async (t) => {
  const done = gate()
  const w = world({
    acceptor: {
      handler: async () => {
        await done.promise
        return { output: utf8('never sent') }
      },
    },
  })
  await w.clock.settle()
  const made = w.call('/log', { kind: 'oneway', input: 'line' })
  t.equal(made.settled, 1, 'at once')
  await w.clock.settle()
  t.equal(w.opener.active, 1, 'its place is kept')
  done.open()
  await w.clock.settle()
  t.equal(w.opener.active, 0, 'until the acknowledgement')
  const failing = w.call('/log', { kind: 'oneway', input: new Uint8Array(5 * 1024 * 1024) })
  await w.clock.settle()
  t.match(failing.error, { reason: 'too_large', executed: 'no' }, 'what cannot be sent fails')
  await w.end(t)
})

t.test('codecs: what both have is used, by the name of each call', async (t) => {
  const seen: string[] = []
  const w = world({
    opener: { codecs: ['json', 'msgpack', 'raw'] },
    acceptor: {
      codecs: ['raw', 'json'],
      handler: (call) => {
        seen.push(call.codec)
        return { output: call.input }
      },
    },
  })
  t.same(w.acceptor.codecs, ['raw', 'json'], 'one’s own before the handshake')
  await w.clock.settle()
  t.same(
    [w.opener.codecs, w.acceptor.codecs],
    [
      ['json', 'raw'],
      ['json', 'raw'],
    ],
  )
  const made = ['raw', 'json', 'msgpack', 'other'].map((codec) => w.call('/x', { codec }))
  await w.clock.settle()
  t.same(seen, ['raw', 'json'])
  for (const { error } of made.slice(2))
    t.match(error, { code: 'unimplemented', reason: 'no_codec', executed: 'no' })
  await w.end(t)

  const early = world({ opener: { codecs: ['json', 'raw'] }, acceptor: { codecs: ['raw'], handler: echo } })
  const hasty = early.call('/x', { codec: 'json' })
  await early.clock.settle()
  t.match(hasty.error, { reason: 'no_codec', executed: 'no' }, 'refused by the acceptor')
  await early.end(t)
})

t.test('notifications go both ways, in order, without an answer', async (t) => {
  const w = world({ opener: { codecs: ['json', 'raw'] }, acceptor: { codecs: ['raw'], handler: echo } })
  t.equal(w.opener.notify({ type: 'early', codec: 'raw', body: utf8('') }), false, 'not before the hello')
  await w.clock.settle()
  t.equal(w.opener.notify({ type: 'up', codec: 'raw', body: utf8('1') }), true)
  t.equal(w.opener.notify({ type: 'up', codec: 'raw', body: utf8('2') }), true)
  t.equal(w.acceptor.notify({ type: 'down', codec: 'raw', body: utf8('3') }), true)
  await w.clock.settle()
  const told = (side: typeof w.openerSide) => side.notifications.map(({ type, body }) => type + textOf(body))
  t.same(told(w.acceptorSide), ['up1', 'up2'])
  t.same(told(w.openerSide), ['down3'])
  t.throws(() => w.opener.notify({ type: 'x', codec: 'json', body: utf8('') }), {
    reason: 'no_codec',
  } as never)
  t.throws(() => w.opener.notify({ type: '', codec: 'raw', body: utf8('') }), TypeError)
  w.opener.abort(new RpcError('cancelled', 'over'))
  t.equal(w.opener.notify({ type: 'x', codec: 'raw', body: utf8('') }), false)
  await w.end(t)
})

t.test('notifications that nobody takes are counted', async (t) => {
  const w = world({ acceptor: { notified: undefined as never } })
  await w.clock.settle()
  w.opener.notify({ type: 'x', codec: 'raw', body: utf8('') })
  await w.clock.settle()
  t.equal(w.acceptorSide.counts.get('notification_dropped'), 1)
  await w.end(t)
})

t.test('early calls go out behind the hello, 64 of them; the others wait for the answer', async (t) => {
  let handled = 0
  const w = world({
    acceptor: {
      handler: (call) => {
        handled++
        return { output: call.input }
      },
      authenticate: () => new Promise<void>((resolve) => void w.clock.timer(1_000, resolve)),
    },
  })
  const made = Array.from({ length: 70 }, (_, index) => w.call(`/m${index % 3}`, { input: `${index}` }))
  const large = w.call('/large', { input: new Uint8Array(40_000) })
  await w.clock.advance(999)
  const bytes = w.pair.sentBy('opener').length
  t.equal(handled, 0, 'not before the credential is checked')
  await w.clock.advance(2)
  t.equal(handled, 71)
  t.ok(w.pair.sentBy('opener').length > bytes + 40_000, 'the large one came later')
  t.same(
    made.map(({ reply }) => textOf(reply?.output)),
    made.map((_, index) => `${index}`),
  )
  t.equal(large.settled, 1)
  await w.end(t)
})

t.test('calls of an acceptor wait for the hello', async (t) => {
  const w = world({ opener: { handler: echo } })
  const made = w.callBack('/x', { input: 'early' })
  t.equal(made.settled, 0)
  await w.clock.settle()
  t.equal(textOf(made.reply?.output), 'early')
  await w.end(t)
})

t.test('a session closed or aborted by a handler runs nothing more of the same chunk', async (t) => {
  let ran = 0
  const w = world({
    acceptor: {
      handler: () => {
        ran++
        w.acceptor.abort(new RpcError('unavailable', 'enough', { reason: 'closed' }))
        return new Promise<Reply>(() => {})
      },
    },
  })
  const made = [w.call('/x'), w.call('/x'), w.call('/x')]
  await w.clock.settle()
  t.equal(ran, 1)
  for (const { settled, error } of made) {
    t.equal(settled, 1)
    t.match(error, { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' })
  }
  await w.end(t)
})

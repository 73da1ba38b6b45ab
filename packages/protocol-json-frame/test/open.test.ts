import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import type { RpcError } from '@hawser/contract'
import { field, i64, oneway, serverStream, service, string, struct, unary } from '@hawser/schema'
import { createServer } from '@hawser/server'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { jsonFrame } from '../src/index.js'
import { type Raw, rawServer } from './support/raw.js'

harness(t)

const transports = [tcp()]
const codecs = [json()]

function client(options: { bigEndian?: boolean; limits?: Record<string, number> } = {}) {
  const { limits, ...frames } = options
  return createClient({ transports, codecs, protocol: jsonFrame(frames), log: () => {}, limits })
}

/** Answers one request after the other, as the tutorial's server does. */
async function serving(raw: Raw, answer: (request: Record<string, unknown>) => unknown): Promise<void> {
  for (;;) {
    const request = await raw.next()
    if (request === undefined) return
    raw.send(answer(request as Record<string, unknown>))
  }
}

t.test('calls a server of the tutorial’s, whatever it calls its answers', async (t) => {
  for (const bigEndian of [false, true]) {
    const requests: unknown[] = []
    await using server = await rawServer((raw) => {
      void serving(raw, (request) => {
        requests.push(request)
        return { out: 'pong', result: (request.params as unknown[])[0] }
      })
    }, bigEndian)
    await using caller = client({ bigEndian })
    const ping = caller.remote<(params: string) => string>(server.address, '/ping')
    for (let number = 0; number < 10; number++) t.equal(await ping(`ireader ${number}`), `ireader ${number}`)
    t.same(requests[0], { in: 'ping', params: ['ireader 0'] })
    await caller.remote<(x: number) => unknown>(server.address, '/two/levels')(1)
    t.same(requests.at(-1), { in: '/two/levels', params: [1] })
  }
})

t.test('answers belong to requests by their order, also those that nobody waits for any more', async (t) => {
  let raw: Raw | undefined
  await using server = await rawServer((accepted) => {
    raw = accepted
  })
  await using caller = client()
  const ask = caller.remote<(number: number) => number>(server.address, '/ask')
  const stop = new AbortController()
  const first = ask.with({ signal: stop.signal })(1)
  const second = ask(2)
  const third = ask.with({ timeoutMs: 50 })(3)
  const fourth = ask(4)
  while (!raw) await new Promise((resolve) => setImmediate(resolve))
  for (let number = 1; number <= 4; number++) t.same(await raw.next(), { in: 'ask', params: [number] })
  stop.abort()
  await t.rejects(first, { code: 'cancelled' })
  await t.rejects(third, { code: 'deadline_exceeded' })
  for (let number = 1; number <= 4; number++) raw.send({ out: 'ask', result: number })
  t.same(await Promise.all([second, fourth]), [2, 4])
})

t.test('who does not answer a call that was given up loses the connection', async (t) => {
  const raws: Raw[] = []
  await using server = await rawServer((raw) => {
    raws.push(raw)
    if (raws.length > 1) void serving(raw, () => ({ out: 'ask', result: 'anew' }))
  })
  await using caller = client({ limits: { keepAliveTimeoutMs: 100 } })
  const ask = caller.remote<() => string>(server.address, '/ask')
  await t.rejects(ask.with({ timeoutMs: 20 })(), { code: 'deadline_exceeded' })
  await t.rejects(ask.with({ timeoutMs: 5_000 })(), { code: 'unavailable', reason: 'connection_lost' })
  t.equal(await ask(), 'anew')
  t.equal(caller.counters.get('connection_silent'), 1)
})

t.test('errors arrive as what they are, and what makes no sense as such', async (t) => {
  const answers: Record<string, unknown> = {
    all: {
      out: 'error',
      result: {
        code: 'not_found',
        reason: 'bad_arguments',
        message: 'no such user',
        executed: 'yes',
        retryable: true,
        retryAfterMs: 70,
        details: { user: [7] },
      },
    },
    little: {
      out: 'error',
      result: { code: 'something_new', message: 'later', reason: 'x', executed: 'never' },
    },
    foreign: { out: 'error', result: 'it broke' },
    list: { out: 'error', result: [1] },
    nameless: { result: 1 },
    number: { out: 5, result: 1 },
    broken: '{"out":"x","result":1',
    value: '{"out":"x","result":{"__proto__":1}}',
    nothing: { out: 'x' },
  }
  await using server = await rawServer((raw) => {
    void serving(raw, (request) => answers[request.in as string])
  })
  await using caller = client()
  const call = (name: string) => caller.remote<() => unknown>(server.address, `/${name}`)()
  const { result } = answers.all as { result: object }
  await t.rejects(call('all'), { name: 'RpcError', ...result })
  await t.rejects(call('little'), { code: 'unknown', message: 'later', reason: undefined, executed: 'maybe' })
  for (const name of ['foreign', 'list', 'nameless', 'number', 'broken'])
    await t.rejects(call(name), { code: 'internal', reason: 'bad_payload' }, name)
  await t.rejects(call('value'), { name: 'RpcError', reason: 'bad_payload' })
  t.equal(await call('nothing'), undefined)
  t.equal(caller.counters.get('connection_bad_frame'), undefined, 'all on one connection')
})

t.test('what is no answer ends the connection', async (t) => {
  const words: Record<string, readonly [unknown, RegExp]> = {
    'an answer that was not asked for': [{ out: 'x', result: 1 }, /not asked for/],
    'a list': ['[1]', /no JSON object/],
    'a length of 2^32 - 1': [Buffer.alloc(8, 0xff), /far over the limit/],
    HTTP: [Buffer.from('HTTP/1.1 400 Bad Request\r\n'), /far over the limit/],
    'a refusal': [{ out: 'error', result: { code: 'unauthenticated', message: 'not you' } }, /not you/],
  }
  for (const [name, [word, message]] of Object.entries(words)) {
    await using server = await rawServer((raw) => raw.send(word))
    const reasons: RpcError[] = []
    await using caller = createClient({
      transports,
      codecs,
      protocol: jsonFrame(),
      log: () => {},
      onClose: (_, reason) => void reasons.push(reason!),
    })
    await caller.connect(server.address)
    while (reasons.length === 0) await new Promise((resolve) => setImmediate(resolve))
    t.match(reasons[0]?.message, message, name)
  }
})

t.test('a connection that ends takes its calls with it', async (t) => {
  await using server = await rawServer((raw) => {
    void raw.next().then(() => raw.socket.end())
  })
  await using caller = client()
  await t.rejects(caller.remote(server.address, '/ask')(), { code: 'unavailable', reason: 'connection_lost' })
})

const Note = struct('a.Note', { id: field(1, i64), text: field(2, string) })
const Notes = service('a.Notes', {
  next: unary(Note, Note),
  drop: oneway(Note),
  watch: serverStream(i64, Note),
})

t.test('both sides are ours, with types, many at a time', async (t) => {
  const dropped: unknown[] = []
  await using server = createServer({ transports, codecs, log: () => {} })
  server.implement(Notes, {
    next: async ({ id, text }) => {
      await new Promise((resolve) => setTimeout(resolve, Number(id % 3n)))
      return { id: id + 1n, text }
    },
    drop: (note) => void dropped.push(note),
    async *watch() {},
  })
  server.rpc('/ping', (params: string) => params)
  const { address } = await server.listen('tcp://127.0.0.1:0', {
    protocols: [jsonFrame({ names: { ping: 'pong' } })],
  })
  await using caller = client()
  const notes = caller.stub(Notes, address)
  const all = await Promise.all(
    Array.from({ length: 100 }, (_, at) => notes.next({ id: BigInt(at), text: `${at}` })),
  )
  t.same(
    all,
    Array.from({ length: 100 }, (_, at) => ({ id: BigInt(at + 1), text: `${at}` })),
  )
  await notes.drop({ id: 1n, text: 'x' })
  t.equal(await caller.remote<(text: string) => string>(address, '/ping')('in order'), 'in order')
  t.match(dropped, [{ id: 1n }])
  await t.rejects(caller.remote(address, '/none')(), {
    code: 'unimplemented',
    reason: 'no_method',
    executed: 'no',
  })
  t.equal(server.connections.length, 1)
})

t.test('it crosses a socket file as it does a network', async (t) => {
  const address = `ipc://${join(tmpdir(), `hawser-frames-${randomUUID()}.sock`)}`
  await using server = createServer({ transports: [ipc()], codecs, log: () => {} })
  server.rpc('/ping', (params: string) => params)
  await server.listen(address, { protocols: [jsonFrame()] })
  await using caller = createClient({ transports: [ipc()], codecs, protocol: jsonFrame() })
  t.equal(await caller.remote<(params: string) => string>(address, '/ping')('ireader 0'), 'ireader 0')
})

t.test('what has no place here is refused before it is sent', async (t) => {
  await using server = await rawServer(() => {})
  await using caller = client()
  const notes = caller.stub(Notes, server.address)
  const unsupported = { code: 'unimplemented', reason: 'unsupported', executed: 'no' }
  await t.rejects(async () => {
    for await (const _ of notes.watch(1n));
  }, unsupported)
  await t.rejects(caller.remote(server.address, '/x').enabled(), unsupported)
  await using packed = createClient({ transports, codecs: [msgpack()], protocol: jsonFrame() })
  await t.rejects(packed.remote(server.address, '/x')(), {
    code: 'unimplemented',
    reason: 'no_codec',
    executed: 'no',
  })
})

t.test('what a forwarder passes on cannot bring members of its own', async (t) => {
  const requests: unknown[] = []
  await using server = await rawServer((raw) => {
    void serving(raw, (request) => {
      requests.push(request)
      return { out: 'x', result: 'fine' }
    })
  })
  await using caller = client()
  const forward = caller.handler(server.address)
  const calls = (input: string) => ({
    method: '/x',
    kind: 'unary' as const,
    codec: 'json',
    headers: new Map<string, string>(),
    deadline: Infinity,
    input: new TextEncoder().encode(input),
    probe: false,
    signal: new AbortController().signal,
    cancelReason: undefined,
    onCancel() {},
    offCancel() {},
  })
  for (const input of ['1,"in":"admin"', '1}{"in":"admin"', '"', '[1', ']', ''.padEnd(3)])
    t.match(await Promise.resolve(forward(calls(input))).catch((error: unknown) => error), {
      name: 'RpcError',
      reason: 'bad_payload',
    })
  t.match(await forward(calls(' [1] ')), {})
  t.same(requests, [{ in: 'x', params: [1] }])
})

t.test('closing waits for the answers, and takes no more calls', async (t) => {
  let raw: Raw | undefined
  await using server = await rawServer((accepted) => {
    raw = accepted
  })
  const caller = client()
  const ask = caller.remote<() => string>(server.address, '/ask')
  const answer = ask()
  while (!raw) await new Promise((resolve) => setImmediate(resolve))
  await raw.next()
  const closing = caller.close()
  raw.send({ out: 'ask', result: 'last' })
  t.equal(await answer, 'last')
  await closing
  t.equal(await raw.next(), undefined)
})

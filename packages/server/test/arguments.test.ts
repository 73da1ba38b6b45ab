import { callsThrough } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import type { Call, StandardSchema } from '@hawser/contract'
import { clientStream, service, unary } from '@hawser/schema'
import t from 'tap'
import { createServer } from '../src/index.js'

harness(t)

const codecs = [json()]
const utf8 = (text: string) => new TextEncoder().encode(text)

/** A validator as the libraries make them. */
function schema<T>(check: (value: unknown) => T | string, wait = false): StandardSchema<unknown, T> {
  const judge = (value: unknown) => {
    const result = check(value)
    return typeof result === 'string'
      ? { issues: [{ message: result, path: ['request', { key: 0 }] }] }
      : { value: result }
  }
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: wait ? async (value) => judge(value) : judge,
    },
  }
}

/** A call as a careless client in another language might send it. */
async function raw(handler: (call: Call) => unknown, changes: Partial<Call>): Promise<string> {
  const signal = new AbortController().signal
  const call = {
    method: '/sum',
    kind: 'unary',
    codec: 'json',
    headers: new Map(),
    deadline: Infinity,
    input: utf8('[]'),
    probe: false,
    signal,
    cancelReason: undefined,
    onCancel() {},
    offCancel() {},
    ...changes,
  } as Call
  const { output } = (await handler(call)) as { readonly output: Uint8Array }
  return new TextDecoder().decode(output)
}

t.test('arguments that are no array, or no JSON, are refused and the handler is not run', async (t) => {
  const server = createServer({ codecs })
  let runs = 0
  server.rpc('/sum', (...numbers: number[]) => {
    runs++
    return numbers.reduce((sum, number) => sum + number, 0)
  })
  const sum = (input: string) => raw(async (call) => server.handler(call), { input: utf8(input) })
  t.equal(await sum('[1,2]'), '3')
  t.equal(await sum(''), '0', 'no bytes are no arguments')
  runs = 0
  for (const input of ['7', '"x"', 'null', '{"0":1}', 'true'])
    await t.rejects(sum(input), { code: 'invalid_argument', reason: 'bad_arguments', executed: 'no' }, input)
  for (const input of ['[1', '{"__proto__":{}}', '\u0000', '[1e999]'])
    await t.rejects(sum(input), { code: 'invalid_argument', reason: 'bad_payload', executed: 'no' }, input)
  t.equal(runs, 0)
})

t.test('a call of the wrong kind, or in a codec that is not there, is refused', async (t) => {
  const server = createServer({ codecs })
  server.rpc('/sum', () => 1)
  const call = (changes: Partial<Call>) => raw(async (call) => server.handler(call), changes)
  await t.rejects(call({ kind: 'server-stream' }), {
    code: 'unimplemented',
    reason: 'wrong_kind',
    executed: 'no',
  })
  await t.rejects(call({ kind: 'duplex' }), { code: 'unimplemented', reason: 'wrong_kind' })
  await t.rejects(call({ codec: 'msgpack' }), { code: 'unimplemented', reason: 'no_codec', executed: 'no' })
  t.equal(await call({ kind: 'oneway' }), '1', 'not to wait for the answer is the choice of the caller')
})

t.test('input is checked and converted by a standard schema before the handler runs', async (t) => {
  for (const wait of [false, true]) {
    const server = createServer({ codecs })
    const number = schema<[number]>((value) => {
      const [first] = value as unknown[]
      return typeof first === 'string' ? [Number(first)] : 'not text'
    }, wait)
    server.rpc('/double', (n: number) => n * 2, { input: number })
    using calls = callsThrough(server.handler, { codecs })
    const double = calls.remote<(n: string) => number>('/double')
    t.equal(await double('21'), 42)
    await t.rejects(double(21 as unknown as string), {
      code: 'invalid_argument',
      reason: 'bad_arguments',
      message: 'request.0: not text',
      executed: 'no',
    })
  }
})

t.test('a schema checks the request of a service, and each item of a stream', async (t) => {
  const Sums = service('test.Sums', { one: unary<number, number>(), many: clientStream<number, number>() })
  const server = createServer({ codecs })
  const input = schema<number>((value) => (typeof value === 'number' ? value : 'no number'))
  server.implement(
    Sums,
    {
      one: (n) => n + 1,
      async many(numbers) {
        let sum = 0
        for await (const number of numbers) sum += number
        return sum
      },
    },
    { input },
  )
  using calls = callsThrough(server.handler, { codecs })
  const sums = calls.stub(Sums)
  t.equal(await sums.one(1), 2)
  t.equal(await sums.many([1, 2]), 3)
  await t.rejects(sums.one('1' as unknown as number), {
    code: 'invalid_argument',
    reason: 'bad_arguments',
    executed: 'no',
  })
  await t.rejects(sums.many([1, '2' as unknown as number]), {
    code: 'invalid_argument',
    reason: 'bad_arguments',
  })
})

t.test('a schema that throws fails the call, not the server', async (t) => {
  const server = createServer({ codecs, log: () => {} })
  const input = schema<unknown>(() => {
    throw new Error('the validator broke')
  })
  server.rpc('/x', () => 1, { input })
  using calls = callsThrough(server.handler, { codecs })
  await t.rejects(calls.remote('/x')(), {
    code: 'internal',
    reason: 'handler_failed',
    message: 'the validator broke',
    executed: 'no',
  })
})

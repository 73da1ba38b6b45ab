import { type Call, type Handler, type Reply, RpcError } from '@hawser/contract'
import { json, type ProtocolSuite, sequence, valueIn, valuesIn, World } from './protocol-world.js'

/** Answers every kind of call with what came in. */
export const echo: Handler = (call) => {
  if (call.kind === 'client-stream') return collected(call)
  if (call.kind === 'server-stream') return { output: sequence(valueIn(call.input) as unknown[]) }
  return { output: call.input }
}
async function collected(call: Call): Promise<Reply> {
  return { output: json(await valuesIn(call.input)) }
}

const values = ['', 'text', 'ünïcødé', 0, -1.5, true, null, [1, [2]], { a: { b: 'c' } }]

/** What a call is: its kinds, its facts, its errors. */
export function testCalls(suite: ProtocolSuite): void {
  const { test, supports } = suite
  const sides = supports.symmetric ? (['call', 'callBack'] as const) : (['call'] as const)

  for (const from of sides)
    for (const kind of supports.kinds)
      test.test(`a ${kind} call by the ${from === 'call' ? 'opener' : 'acceptor'}`, async (t) => {
        const seen: string[] = []
        const handler: Handler = (call) => {
          seen.push(call.kind)
          return call.kind === 'oneway' ? { output: json(undefined) } : echo(call)
        }
        const w = new World(suite, { handler, openerHandler: handler })
        const items = kind === 'client-stream' || kind === 'duplex' ? values : undefined
        const call = w[from]('/echo', { kind, input: values, items })
        await w.clock.settle()
        t.equal(call.error, undefined)
        t.equal(call.settled, 1)
        if (kind === 'server-stream' || kind === 'duplex') t.same(await valuesIn(call.reply?.output), values)
        else if (kind !== 'oneway') t.same(valueIn(call.reply?.output), values)
        await w.clock.settle()
        t.same(seen, [kind])
        t.same([w.opener.active, w.acceptor.active], [0, 0], 'its place is free')
        await w.end(t)
      })

  test.test('one without a value is told apart from null', async (t) => {
    const w = new World(suite, {
      handler: (call) => ({ output: json(call.method === '/null' ? null : undefined) }),
    })
    const nothing = w.call('/void')
    await w.clock.settle()
    const nil = w.call('/null')
    await w.clock.settle()
    t.same([valueIn(nothing.reply?.output), valueIn(nil.reply?.output)], [undefined, null])
    await w.end(t)
  })

  test.test('what the handler is told', async (t) => {
    const seen: Call[] = []
    const headers = new Map([
      ['trace-id', 'abc'],
      ['note', 'x y'],
    ])
    const w = new World(suite, {
      handler: (call) => {
        seen.push(call)
        return { output: call.input, headers: supports.headers ? new Map([['cost', '3']]) : undefined }
      },
    })
    const call = w.call('/path/to', {
      input: [1],
      timeoutMs: 1_234,
      headers: supports.headers ? headers : undefined,
    })
    await w.clock.settle()
    const [found] = seen
    t.match(found, { method: '/path/to', kind: 'unary', codec: suite.codec ?? 'json', probe: false })
    t.same(valueIn(found!.input), [1])
    t.equal(found!.connection, w.acceptor.peer)
    if (supports.headers) {
      t.same([...found!.headers], [...headers])
      t.equal(call.reply?.headers?.get('cost'), '3')
    }
    if (supports.deadlines) t.equal(found!.deadline, 1_234)
    await w.end(t)
  })

  test.test('an error arrives with its code and message, and never its stack', async (t) => {
    const thrown: Record<string, unknown> = {
      '/rpc': new RpcError('not_found', 'no such user', {
        reason: 'bad_arguments',
        executed: 'yes',
        details: json({ user: 7 }),
      }),
      '/error': new Error('an ordinary one'),
      '/text': 'a text',
      '/undefined': undefined,
    }
    for (const method of Object.keys(thrown))
      for (const later of [false, true]) {
        const w = new World(suite, {
          handler: (call) => {
            if (call.method === '/fine') return { output: json('fine') }
            if (later) return Promise.reject(thrown[call.method])
            throw thrown[call.method]
          },
        })
        const failing = w.call(method)
        await w.clock.settle()
        t.equal(failing.settled, 1)
        const { error } = failing
        t.ok(RpcError.is(error), method)
        t.notMatch(`${error?.message}`, /\bat .*:\d+/)
        if (method !== '/rpc') t.equal(error?.code, 'internal')
        else t.match(error, { code: 'not_found', message: 'no such user' })
        if (method === '/rpc' && supports.errorFacts) {
          t.match(error, { reason: 'bad_arguments', executed: 'yes' })
          t.same(valueIn(error?.details as Uint8Array), { user: 7 })
        }
        const fine = w.call('/fine')
        await w.clock.settle()
        t.equal(valueIn(fine.reply?.output), 'fine', 'the connection goes on')
        await w.end(t)
      }
  })

  test.test('without a handler calls are refused', async (t) => {
    const w = new World(suite)
    const call = w.call('/nobody')
    await w.clock.settle()
    t.equal(call.error?.code, 'unimplemented')
    if (supports.errorFacts) t.match(call.error, { reason: 'no_method', executed: 'no' })
    await w.end(t)
  })

  test.test(
    'many calls at once are each answered with their own',
    { skip: !supports.multiplexes },
    async (t) => {
      const w = new World(suite, {
        handler: (call) => {
          const [number] = valueIn(call.input) as [number]
          if (number % 3 === 0) return { output: json(number) }
          return new Promise((resolve) =>
            w.clock.timer((number * 7) % 50, () => resolve({ output: json(number) })),
          )
        },
      })
      const calls = Array.from({ length: 300 }, (_, number) => w.call(`/m${number % 7}`, { input: [number] }))
      await w.clock.advance(100)
      t.same(
        calls.map(({ reply }) => valueIn(reply?.output)),
        calls.map((_, number) => number),
      )
      t.ok(calls.every(({ settled }) => settled === 1))
      await w.end(t)
    },
  )

  test.test('notifications arrive in order', { skip: !supports.notifications }, async (t) => {
    const w = new World(suite, { handler: echo })
    const first = w.call('/echo')
    await w.clock.settle()
    t.equal(first.settled, 1)
    const codec = suite.codec ?? 'json'
    for (let number = 0; number < 10; number++) {
      t.equal(w.opener.notify({ type: 'up', codec, body: json(number) }), true)
      t.equal(w.acceptor.notify({ type: 'down', codec, body: json(number) }), true)
    }
    await w.clock.settle()
    for (const [side, type] of [
      ['acceptor', 'up'],
      ['opener', 'down'],
    ] as const)
      t.same(
        w.told[side].notifications.map((each) => [each.type, valueIn(each.body)]),
        Array.from({ length: 10 }, (_, number) => [type, number]),
      )
    w.opener.abort(new RpcError('cancelled', 'over'))
    t.equal(w.opener.notify({ type: 'up', codec, body: json(1) }), false, 'not after the end')
    await w.end(t)
  })
}

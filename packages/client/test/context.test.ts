import { type CallOptions, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { currentCall, supportsContext } from '@hawser/context'
import type { Call } from '@hawser/contract'
import { createServer } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import t from 'tap'
import { Echo, echo } from './support/echo.js'
import { collect, type Stack, stack, until } from './support/stack.js'

harness(t)

const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

/** Runs something inside a handler. */
async function inHandler<T>(all: Stack, run: () => T, options: CallOptions = {}): Promise<Awaited<T>> {
  let result: { value: Awaited<T> } | undefined
  using _ = all.server.rpc('/inside', async () => {
    result = { value: await run() }
  })
  await all.client.remote(all.address, '/inside').with(options)()
  return result!.value
}

t.test('FP-01 FP-02 the call is found wherever the work of its handler goes', async (t) => {
  t.ok(supportsContext())
  t.equal(currentCall(), undefined, 'outside there is none')
  await using all = await stack()
  const places: Record<string, () => unknown> = {
    'at once': () => currentCall(),
    'after an await': async () => {
      await Promise.resolve()
      return currentCall()
    },
    'after other input and output': async () => {
      await all.client.connect(all.address)
      return currentCall()
    },
    'in a timer': () => new Promise((resolve) => setTimeout(() => resolve(currentCall()), 1)),
    'in a microtask': () => new Promise((resolve) => queueMicrotask(() => resolve(currentCall()))),
    'after all of several': async () => (await Promise.all([Promise.resolve(), currentCall()]))[1],
  }
  for (const [place, find] of Object.entries(places)) {
    const call = (await inHandler(all, find)) as Call | undefined
    t.equal(call?.method, '/inside', place)
  }
  t.equal(currentCall(), undefined)
})

t.test('calls that run at the same time each find their own', async (t) => {
  await using all = await stack()
  all.server.rpc('/who', async () => {
    const { headers } = currentCall()!
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
    t.equal(currentCall()!.headers, headers)
    return currentCall()!.headers.get('who')
  })
  const who = all.client.remote(all.address, '/who')
  const names = Array.from({ length: 50 }, (_, index) => `caller-${index}`)
  t.same(await Promise.all(names.map((name) => who.with({ headers: { who: name } })())), names)
})

t.test('generators find their call at each item, and client streams while they read', async (t) => {
  await using all = await stack()
  all.server.implement(Echo, {
    ...echo().handlers,
    *count({ to }, call) {
      for (let n = 1; n <= to; n++) yield currentCall() === call ? n : -1
    },
    async *mirror(texts, call) {
      try {
        for await (const text of texts) {
          await Promise.resolve()
          yield currentCall() === call ? text : 'lost'
        }
      } finally {
        t.equal(currentCall(), call, 'and on its way out')
      }
    },
    async sum(numbers, call) {
      let sum = 0
      for await (const number of numbers) sum += currentCall() === call ? number : -100
      return sum
    },
  })
  const stub = all.client.stub(Echo, all.address)
  t.same(await collect(stub.count({ to: 3 })), [1, 2, 3])
  t.same(await collect(stub.mirror(['a', 'b'])), ['a', 'b'])
  t.equal(await stub.sum([1, 2]), 3)
})

t.test('trace and baggage pass on to nested calls, other headers do not', async (t) => {
  await using all = await stack()
  all.server.rpc('/headers', () => Object.fromEntries(currentCall()!.headers))
  const nested = all.client.remote<() => Record<string, string>>(all.address, '/headers')
  const pass = (headers: Record<string, string>, own?: Record<string, string>) =>
    inHandler(all, () => (own ? nested.with({ headers: own }) : nested)(), { headers })
  t.same(await pass({ traceparent: trace, tracestate: 'a=1', baggage: 'user=7', secret: 'x' }), {
    traceparent: trace,
    tracestate: 'a=1',
    baggage: 'user=7',
  })
  t.same(await pass({ baggage: 'user=7' }, { baggage: 'user=8', mine: '1' }), {
    baggage: 'user=8',
    mine: '1',
  })
  for (const forged of [
    '',
    'x',
    `${trace}-more`,
    trace.toUpperCase(),
    `ff${trace.slice(2)}`,
    `00-${'0'.repeat(32)}${trace.slice(35)}`,
  ])
    t.same(
      await pass({ traceparent: forged, tracestate: 'a=1' }),
      {},
      `a forged trace stays where it is: ${forged}`,
    )
})

t.test('FR-12 a nested call is cancelled with the call it is made for', async (t) => {
  await using all = await stack()
  const { handlers, record } = echo()
  all.server.implement(Echo, handlers)
  const { hang } = all.client.stub(Echo, all.address)
  all.server.rpc('/outer', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    await hang('nested')
  })
  const outer = all.client.remote(all.address, '/outer').with({ timeoutMs: 200 })
  await all.client.connect(all.address)
  await t.rejects(outer(), { code: 'deadline_exceeded' })
  await until(() => record.cancelled.has('nested'))
})

t.test('turned off, on either side, nothing is inherited; a parent given by hand is', async (t) => {
  const transport = memory()
  const codecs = [json()]
  for (const [ofServer, ofClient, given, inherits] of [
    [true, true, false, true],
    [false, true, false, false],
    [true, false, false, false],
    [false, false, true, true],
  ] as const) {
    const seen: (string | undefined)[] = []
    await using server = createServer({
      transports: [transport],
      codecs,
      context: ofServer,
      middleware: [
        (next) => (call) => {
          seen.push(call.headers.get('baggage'))
          return next(call)
        },
      ],
    })
    await server.listen('memory://off')
    await using client = createClient({ transports: [transport], codecs, context: ofClient })
    const { say, tell } = client.stub(Echo, 'memory://off')
    server.implement(Echo, {
      ...echo().handlers,
      async say(parcel, call) {
        t.equal(currentCall() === call, ofServer)
        await (given ? tell.with({ parent: call }) : tell)('nested')
        return parcel
      },
    })
    await say.with({ headers: { baggage: 'k=v' } })({ text: '', numbers: [] })
    await until(() => seen.length === 2)
    t.same(seen, ['k=v', inherits ? 'k=v' : undefined])
    await client.close()
  }
})

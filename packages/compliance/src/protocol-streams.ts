import { type Handler, RpcError } from '@hawser/contract'
import { json, type ProtocolSuite, valueIn, valuesIn, World } from './protocol-world.js'

/** What holds for calls whose items come one by one. */
export function testStreams(suite: ProtocolSuite): void {
  const { test, supports } = suite
  const server = !supports.kinds.includes('server-stream')
  const client = !supports.kinds.includes('client-stream')

  test.test('a stream that breaks delivers what came, then its error', { skip: server }, async (t) => {
    const w = new World(suite, {
      handler: () => ({
        output: (async function* () {
          yield json(1)
          yield json(2)
          throw new RpcError('aborted', 'half-way', { executed: 'yes' })
        })(),
      }),
    })
    const call = w.call('/break', { kind: 'server-stream' })
    await w.clock.settle()
    t.match(await valuesIn(call.reply?.output), [1, 2, { code: 'aborted', message: 'half-way' }])
    t.equal(call.settled, 1)
    await w.clock.settle()
    t.same([w.opener.active, w.acceptor.active], [0, 0])
    await w.end(t)
  })

  test.test(
    'a consumer that stops early stops the handler',
    { skip: server || !supports.cancels },
    async (t) => {
      let closed = false
      const w = new World(suite, {
        handler: () => ({
          output: (async function* () {
            try {
              for (let number = 0; ; number++) yield json(number)
            } finally {
              closed = true
            }
          })(),
        }),
      })
      const call = w.call('/endless', { kind: 'server-stream' })
      await w.clock.settle()
      for await (const item of call.reply!.output as AsyncIterable<Uint8Array>) {
        t.equal(valueIn(item), 0)
        break
      }
      await w.clock.settle()
      t.equal(closed, true)
      t.same([w.opener.active, w.acceptor.active], [0, 0])
      await w.end(t)
    },
  )

  test.test(
    'a slow consumer stalls its stream, and no other call',
    { skip: server || !supports.backpressure },
    async (t) => {
      let made = 0
      const flood: Handler = (call) => {
        if (call.kind === 'unary') return { output: call.input }
        return {
          output: (async function* () {
            for (;;) yield json(`${made++} ${'.'.repeat(1_000)}`)
          })(),
        }
      }
      const w = new World(suite, { handler: flood })
      const slow = w.call('/flood', { kind: 'server-stream' })
      await w.clock.settle()
      const ahead = made
      t.ok(ahead < 2_000, `${ahead} items were made ahead of a consumer that takes none`)
      await w.clock.settle()
      t.equal(made, ahead)
      if (supports.multiplexes) {
        const quick = w.call('/echo', { input: ['quick'] })
        await w.clock.settle()
        t.same(valueIn(quick.reply?.output), ['quick'])
      }
      const iterator = (slow.reply!.output as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
      for (let number = 0; number < 3_000; number++) {
        const { value } = await iterator.next()
        const found = valueIn(value) as string
        if (!found.startsWith(`${number} `)) throw new Error(`${found.slice(0, 10)} instead of ${number}`)
        await w.clock.settle()
      }
      t.ok(made < 3_000 + 2_000, `${made} items were made for 3,000 that were taken`)
      await w.end(t)
    },
  )

  test.test(
    'a slow handler stalls the caller’s items',
    { skip: client || !supports.backpressure },
    async (t) => {
      let made = 0
      const w = new World(suite, { handler: () => new Promise(() => {}) })
      const items = (async function* () {
        for (;;) yield json(`${made++} ${'.'.repeat(1_000)}`)
      })()
      const call = w.call('/flood', { kind: 'client-stream', items })
      await w.clock.settle()
      const ahead = made
      t.ok(ahead < 2_000, `${ahead} items were made ahead of a handler that takes none`)
      await w.clock.advance(1_000)
      t.equal(made, ahead)
      call.cancel()
      await w.clock.settle()
      t.equal(call.settled, 1)
      await w.end(t)
    },
  )
}

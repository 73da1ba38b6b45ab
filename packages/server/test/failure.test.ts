import { callsThrough } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { type LogEntry, RpcError } from '@hawser/contract'
import { memory } from '@hawser/transport-memory'
import t, { type Test } from 'tap'
import { stack } from '../../client/test/support/stack.js'
import { createServer, type Server } from '../src/index.js'

harness(t)

const codecs = [json()]

function served(handle: () => unknown): { readonly server: Server; readonly log: LogEntry[] } {
  const log: LogEntry[] = []
  const server = createServer({ codecs, log: (entry) => void log.push(entry) })
  server.rpc('/fail', handle)
  return { server, log }
}

async function failing(t: Test, handle: () => unknown): Promise<{ error: RpcError; log: LogEntry[] }> {
  const { server, log } = served(handle)
  using calls = callsThrough(server.handler, { codecs })
  const error = await calls
    .remote('/fail')()
    .then(
      () => t.fail('it did not fail'),
      (error) => error as RpcError,
    )
  return { error: error as RpcError, log }
}

t.test('AM-19 an RpcError arrives as it was thrown, synchronously or not', async (t) => {
  const thrown = () =>
    new RpcError('out_of_range', 'too far', { reason: 'denied', details: { limit: 7 }, retryable: true })
  for (const handle of [
    () => {
      throw thrown()
    },
    async () => {
      throw thrown()
    },
  ]) {
    const { error, log } = await failing(t, handle)
    t.match(error, {
      code: 'out_of_range',
      reason: 'denied',
      message: 'too far',
      details: { limit: 7 },
      executed: 'yes',
      retryable: true,
    })
    t.same(log, [], 'it was meant, so it is not logged')
  }
})

t.test(
  'AM-19 whatever else is thrown is internal, told by its message, and logged with its stack',
  async (t) => {
    const { error, log } = await failing(t, () => {
      throw new TypeError('x is not a function')
    })
    t.match(error, {
      code: 'internal',
      reason: 'handler_failed',
      message: 'x is not a function',
      executed: 'yes',
    })
    t.equal(log.length, 1)
    t.match(log[0], { level: 'error', event: 'handler_failed', method: '/fail', error: TypeError })
    for (const [value, message] of [
      ['text', 'text'],
      [undefined, 'undefined'],
      [null, 'null'],
      [{ message: 'like an error' }, 'like an error'],
      [
        {
          get message() {
            throw new Error('worse')
          },
        },
        'a value that has no text was thrown',
      ],
    ] as const)
      t.match((await failing(t, () => Promise.reject(value))).error, { code: 'internal', message })
  },
)

t.test('an error from further down is the outcome of this handler, which did run', async (t) => {
  const { error } = await failing(t, () => {
    throw new RpcError('unavailable', 'the database is away', { reason: 'unreachable', executed: 'no' })
  })
  t.match(error, { code: 'unavailable', executed: 'yes', retryable: false })
})

t.test('details that cannot travel are dropped, not the error', async (t) => {
  const { error, log } = await failing(t, () => {
    throw new RpcError('aborted', 'no', { details: { f() {} } })
  })
  t.match(error, { code: 'aborted', message: 'no', details: undefined })
  t.match(log, [{ event: 'details_dropped', method: '/fail' }])
})

t.test('a result that cannot travel is an error of the call', async (t) => {
  for (const handle of [() => Symbol('x'), async () => ({ f() {} })]) {
    const { error } = await failing(t, handle)
    t.match(error, {
      code: 'internal',
      reason: 'bad_payload',
      executed: 'yes',
      message: /^The result cannot travel/,
    })
  }
})

t.test('AM-19 the stack never crosses the wire, in no part of any byte', async (t) => {
  const transport = memory()
  const seen: Uint8Array[] = []
  const dialer = {
    schemes: transport.schemes,
    async dial(...dialling: Parameters<typeof transport.dial>) {
      const connection = await transport.dial(...dialling)
      const start = connection.start.bind(connection)
      connection.start = (receive) =>
        start((bytes) => {
          seen.push(bytes)
          receive(bytes)
        })
      return connection
    },
  }
  await using all = await stack({ transport, client: { transports: [dialer] } })
  const cause = new Error('the cause of it')
  all.server.rpc('/plain', () => {
    throw new Error('the message', { cause })
  })
  all.server.rpc('/rpc', () => {
    throw new RpcError('internal', 'the message', { cause })
  })
  for (const method of ['/plain', '/rpc'])
    await t.rejects(all.client.remote(all.address, method)(), { message: 'the message' })
  const text = Buffer.concat(seen).toString('latin1')
  t.match(text, 'the message')
  for (const secret of ['failure.test', 'node_modules', '    at ', 'node:', 'the cause of it', process.cwd()])
    t.notMatch(text, secret, secret)
})

t.test('log lines of one kind come once a second, and say how many were left out', async (t) => {
  const { server, log } = served(() => {
    throw new Error('again')
  })
  using calls = callsThrough(server.handler, { codecs })
  for (let call = 0; call < 50; call++) await t.rejects(calls.remote('/fail')())
  t.ok(log.length <= 2, `${log.length} lines`)
})

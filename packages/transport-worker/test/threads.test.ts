import { createClient } from '@hawser/client'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { type Connection, limitsWith } from '@hawser/contract'
import { createServer } from '@hawser/server'
import fc from 'fast-check'
import t from 'tap'
import { worker } from '../src/index.js'
import { startThread } from './support.js'

harness(t)

const MiB = 1024 * 1024
const address = 'worker://tasks'

function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index * 31 + (index >> 8))
}

t.test('a thread is called, and calls back', async (t) => {
  await using thread = await startThread()
  const threads = worker({ workers: { tasks: thread.worker } })
  await using server = createServer({ transports: [threads], codecs: [msgpack()] })
  server.rpc('/double', (n: number) => 2 * n)
  await server.listen(address)
  await using client = createClient({ transports: [threads], codecs: [msgpack()] })
  t.equal(await client.remote<(n: number) => Promise<number>>(address, '/quadruple')(5), 20)
  const echo = client.remote<(value: unknown) => Promise<unknown>>(address, '/echo')
  for (const value of [null, 'text', { a: [1, 2, { b: 'c' }] }]) t.same(await echo(value), value)
  for (const size of [1, 16_383, 16_384, 65_536, MiB])
    t.equal(Buffer.compare((await echo(bytesOf(size))) as Uint8Array, bytesOf(size)), 0, `${size} bytes`)
})

t.test('64 MiB travel whole, and more than the limit is refused before it is sent', async (t) => {
  const mostBytes = 65 * MiB
  await using thread = await startThread({ role: 'server', mostBytes })
  const limits = limitsWith({ receiveBytes: mostBytes, sendBytes: mostBytes })
  await using client = createClient({
    transports: [worker({ workers: { tasks: thread.worker } })],
    codecs: [msgpack({ limits })],
    limits,
  })
  const echo = client.remote<(value: Uint8Array) => Promise<Uint8Array>>(address, '/echo')
  const sent = new Uint8Array(64 * MiB)
  for (let index = 0; index < sent.length; index += 4096) sent[index] = index >> 12
  const got = await echo.with({ timeoutMs: 20_000 })(sent)
  t.equal(Buffer.compare(sent, got), 0)
  t.equal(sent.length, 64 * MiB, "the caller's memory is left alone")
  await t.rejects(echo(new Uint8Array(mostBytes)), {
    code: 'resource_exhausted',
    reason: 'too_large',
    executed: 'no',
  })
})

const endings: Record<string, (end: (method: string) => void, terminate: () => void) => void> = {
  terminate: (_, terminate) => terminate(),
  'terminate while it spins': (call, terminate) => {
    call('/spin')
    setTimeout(terminate, 50)
  },
  exit: (call) => call('/exit'),
  'uncaught error': (call) => call('/throw'),
  'out of memory': (call) => call('/exhaust'),
}

for (const [ending, end] of Object.entries(endings))
  t.test(`F23 ${ending}: calls of the thread fail promptly, and may have run`, async (t) => {
    const resourceLimits = { maxOldGenerationSizeMb: 24 }
    await using thread = await startThread({ role: 'server' }, { resourceLimits })
    const transports = [worker({ workers: { tasks: thread.worker } })]
    await using client = createClient({ transports, codecs: [msgpack()] })
    const call = (method: string): Promise<unknown> =>
      client.remote<() => Promise<unknown>>(address, method).with({ timeoutMs: 10_000 })()
    await call('/who')
    const calls = [call('/hang')]
    end(
      (method) => void calls.push(call(method)),
      () => void thread.worker.terminate(),
    )
    const ended = thread.ended.then(() => performance.now())
    for (const outcome of await Promise.allSettled(calls))
      t.match(outcome, {
        status: 'rejected',
        reason: { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' },
      })
    const after = performance.now() - (await ended)
    t.ok(after < 200, `${after} ms after the end`)
    await t.rejects(call('/who'), { code: 'unavailable', reason: 'unreachable', executed: 'no' })
  })

t.test('a thread that replaces another under its name is reached by the next call', async (t) => {
  await using first = await startThread({ role: 'server', name: 'first' })
  await using second = await startThread({ role: 'server', name: 'second' })
  const threads = worker({ workers: { tasks: first.worker } })
  await using client = createClient({ transports: [threads], codecs: [msgpack()] })
  const who = client.remote<() => Promise<string>>(address, '/who')
  t.equal(await who(), 'first')
  const hanging = client.remote<() => Promise<void>>(address, '/hang')()
  threads.add('tasks', second.worker)
  t.equal(await who(), 'first', 'the connection lives on')
  void first.worker.terminate()
  // Its answer could come from nowhere but its own port, which is gone with it.
  await t.rejects(hanging, { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' })
  t.equal(await who.with({ idempotent: true })(), 'second')
})

t.test('a thread whose server has closed ends by itself', async (t) => {
  await using thread = await startThread()
  await using client = createClient({
    transports: [worker({ workers: { tasks: thread.worker } })],
    codecs: [msgpack()],
  })
  await client.remote<() => Promise<void>>(address, '/leave')()
  t.equal(await thread.ended, 0)
})

t.test('200 connections to one thread, and messages of any size, come back whole and in order', async (t) => {
  await using thread = await startThread({ role: 'echo' })
  const transport = worker({ workers: { tasks: thread.worker } })
  const connections = await Promise.all(Array.from({ length: 200 }, () => transport.dial(address)))
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 200_000 })), {
    minLength: 1,
    maxLength: 30,
  })
  const inboxes = connections.map((connection) => new Messages(connection))
  let next = 0
  await fc.assert(
    fc.asyncProperty(sizes, async (sizes) => {
      const inbox = inboxes[next++ % inboxes.length]!
      const memory = bytesOf(200_000)
      // Views at odd places of a larger buffer, as a codec makes them.
      const sent = sizes.map((size) => memory.subarray(200_000 - size))
      const got = inbox.take(sent.length)
      for (const message of sent) inbox.connection.send(message)
      const messages = await got
      for (const [index, message] of sent.entries())
        if (Buffer.compare(message, messages[index]!) !== 0) throw new Error(`message ${index} differs`)
      if (memory.length !== 200_000) throw new Error('the memory was taken away')
    }),
    { numRuns: 200 },
  )
  await Promise.all(connections.map((connection) => connection.close()))
  t.same(new Set(await Promise.all(connections.map(({ closed }) => closed))), new Set([undefined]))
})

/** Gives messages as they come. */
class Messages {
  readonly connection: Connection
  #messages: Uint8Array[] = []
  #wanted = 0
  #got: (() => void) | undefined

  constructor(connection: Connection) {
    this.connection = connection
    connection.start((bytes) => {
      if (this.#messages.push(bytes) === this.#wanted) this.#got?.()
    })
  }

  async take(count: number): Promise<Uint8Array[]> {
    this.#messages = []
    this.#wanted = count
    await new Promise<void>((resolve) => {
      this.#got = resolve
    })
    return this.#messages
  }
}

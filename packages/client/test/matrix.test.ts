import { callsThrough, type Stub } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import type { Codec } from '@hawser/contract'
import { createServer } from '@hawser/server'
import t, { type Test } from 'tap'
import { Echo, type EchoRecord, echo, type Parcel } from './support/echo.js'
import { collect, stack, transports, until } from './support/stack.js'

harness(t)

interface Place {
  readonly echo: Stub<typeof Echo.methods>
  readonly record: EchoRecord
  /** A method that is not there. */
  readonly absent: { enabled(): Promise<boolean> }
}

const parcel: Parcel = {
  text: 'Grüße \u0000 🪢',
  numbers: [0, -1, 2 ** 53 - 1, 0.5],
  nested: { deep: ['a', ''] },
}

/** Every kind of call, and every way for one to end. */
const rows: Record<string, (t: Test, place: Place) => Promise<void>> = {
  'a unary call returns what the handler returns': async (t, { echo }) => {
    t.same(await echo.say(parcel), parcel)
  },
  'a oneway call arrives': async (t, { echo, record }) => {
    t.equal(await echo.tell('hello'), undefined)
    await until(() => record.told.includes('hello'))
  },
  'a client stream is answered once': async (t, { echo }) => {
    t.equal(await echo.sum([1, 2, 3]), 6)
    t.equal(await echo.sum([]), 0)
  },
  'a server stream comes whole and in order': async (t, { echo }) => {
    t.same(
      await collect(echo.count({ to: 1_000 })),
      Array.from({ length: 1_000 }, (_, index) => index + 1),
    )
    t.same(await collect(echo.count({ to: 0 })), [])
  },
  'a duplex stream answers while it is sent': async (t, { echo }) => {
    const answered: string[] = []
    async function* turns() {
      yield 'ready'
      await until(() => answered.includes('READY'))
      yield 'steady'
      await until(() => answered.includes('STEADY'))
      yield 'go'
    }
    for await (const text of echo.mirror(turns())) answered.push(text)
    t.same(answered, ['READY', 'STEADY', 'GO'])
  },
  'an error arrives with code, reason, message and details': async (t, { echo }) => {
    await t.rejects(echo.refuse({ why: 'not today' }), {
      name: 'RpcError',
      code: 'failed_precondition',
      reason: 'denied',
      message: 'not today',
      executed: 'yes',
      details: { why: 'not today', at: [1, 2] },
    })
  },
  'a deadline ends the call on both sides': async (t, { echo, record }) => {
    // Connecting is covered by the deadline as well, and is not what this is about.
    await echo.say(parcel)
    await t.rejects(echo.hang.with({ timeoutMs: 150 })('late'), {
      code: 'deadline_exceeded',
      reason: 'deadline',
    })
    await until(() => record.cancelled.has('late'))
    t.match(record.cancelled.get('late'), { code: 'deadline_exceeded' })
  },
  'a cancelled call ends on both sides': async (t, { echo, record }) => {
    const controller = new AbortController()
    const call = echo.hang.with({ signal: controller.signal })('dropped')
    await until(() => record.started.has('dropped'))
    controller.abort()
    await t.rejects(call, { code: 'cancelled', reason: 'cancelled' })
    await until(() => record.cancelled.has('dropped'))
  },
  'leaving a stream closes its handler': async (t, { echo, record }) => {
    for await (const number of echo.drip('left')) if (number === 3) break
    await until(() => record.closed.has('left'))
    t.ok(record.closed.has('left'))
  },
  'enabled asks without running': async (t, { echo, absent, record }) => {
    t.equal(await echo.tell.enabled(), true)
    t.equal(await absent.enabled(), false)
    t.notOk(record.told.includes(''))
  },
}

interface Column {
  readonly name: string
  /** A place of its own for one row. */
  lay(codec: Codec): Promise<Place & AsyncDisposable>
}

const columns: readonly Column[] = [
  ...transports().map(({ name, transport, address }) => ({
    name,
    async lay(codec: Codec) {
      const { handlers, record } = echo()
      const all = await stack({ transport, address, codecs: [codec] })
      all.server.implement(Echo, handlers)
      return {
        echo: all.client.stub(Echo, all.address),
        absent: all.client.remote(all.address, '/absent'),
        record,
        [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
      }
    },
  })),
  {
    name: 'no transport',
    async lay(codec) {
      const { handlers, record } = echo()
      const server = createServer({ codecs: [codec] })
      server.implement(Echo, handlers)
      const calls = callsThrough(server.handler, { codecs: [codec] })
      return {
        echo: calls.stub(Echo),
        absent: calls.remote('/absent'),
        record,
        async [Symbol.asyncDispose]() {
          calls.close()
          await server.close()
        },
      }
    },
  },
]

for (const column of columns)
  for (const codec of [json(), msgpack()])
    for (const [row, run] of Object.entries(rows))
      t.test(`TH-27 ${column.name}, ${codec.name}: ${row}`, async (t) => {
        await using place = await column.lay(codec)
        await run(t, place)
      })

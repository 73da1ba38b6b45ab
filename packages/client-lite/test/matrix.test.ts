import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { currentCall } from '@hawser/context'
import { memory } from '@hawser/transport-memory'
import { tcp } from '@hawser/transport-tcp'
import { ws } from '@hawser/transport-ws'
import t, { type Test } from 'tap'
import { Colour, Echo, type EchoRecord, echo, type Parcel, Refused } from '../../client/test/support/echo.js'
import { collect, until } from '../../client/test/support/stack.js'
import type { Client, Stub } from '../src/index.js'
import { stack } from './support/stack.js'

harness(t)

interface Place {
  readonly echo: Stub<typeof Echo.methods>
  readonly record: EchoRecord
  readonly client: Client
  readonly address: string
}

const parcel: Parcel = {
  text: 'Grüße \u0000 🪢',
  numbers: [0, -1, 2 ** 53 - 1, 0.5],
  nested: { deep: ['a', ''] },
  long: -(2n ** 63n),
  names: new Set(['one', 'two']),
  byNumber: new Map([
    [-7, ['a']],
    [7, []],
  ]),
  colour: Colour.values.green,
  extra: { nested: { deep: [] } },
}

/** Every kind of call, and every way for one to end. */
const rows: Record<string, (t: Test, place: Place) => Promise<void>> = {
  'a unary call returns what the handler returns': async (t, { echo }) => {
    t.same(await echo.say(parcel), parcel)
  },
  'a remote function takes arguments, headers and options': async (t, { client, address }) => {
    const told = client.remote<(a: number, b?: string, c?: string) => unknown>(address, '/told')
    t.same(await told.with({ headers: { trace: 'ü' } })(1, undefined, undefined), {
      args: [1],
      trace: 'ü',
    })
    t.same(await told(1, 'x'), { args: [1, 'x'], trace: null })
  },
  'a oneway call arrives': async (t, { echo, record }) => {
    t.equal(await echo.tell('hello'), undefined)
    await until(() => record.told.includes('hello'))
  },
  'a client stream is answered once': async (t, { echo }) => {
    t.equal(await echo.sum([1, 2, 3]), 6)
    t.equal(await echo.sum([]), 0)
    t.equal(await echo.sum(Array.from({ length: 20_000 }, () => 1)), 20_000, 'past the first credit')
  },
  'a server stream comes whole and in order, past the first credit': async (t, { echo }) => {
    t.same(
      await collect(echo.count({ to: 20_000 })),
      Array.from({ length: 20_000 }, (_, index) => index + 1),
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
  'a declared error arrives as what it is': async (t, { echo }) => {
    const thrown = await echo.object({ why: 'not today' }).catch((error: unknown) => error)
    t.ok(thrown instanceof Refused)
    t.match(thrown, { why: 'not today', at: [1, 2], cause: { reason: 'declared' } })
  },
  'a deadline ends the call on both sides': async (t, { echo, record }) => {
    await echo.say(parcel)
    await t.rejects(echo.hang.with({ timeoutMs: 150 })('late'), {
      code: 'deadline_exceeded',
      reason: 'deadline',
    })
    await until(() => record.cancelled.has('late'))
  },
  'a cancelled call ends on both sides': async (t, { echo, record }) => {
    const controller = new AbortController()
    const call = echo.hang.with({ signal: controller.signal })('dropped')
    await until(() => record.started.has('dropped'))
    controller.abort()
    await t.rejects(call, { code: 'cancelled', reason: 'cancelled', executed: 'maybe' })
    await until(() => record.cancelled.has('dropped'))
  },
  'leaving a stream closes its handler': async (_, { echo, record }) => {
    for await (const number of echo.drip('left')) if (number === 3) break
    await until(() => record.closed.has('left'))
  },
  'enabled asks without running': async (t, { echo, client, address, record }) => {
    t.equal(await echo.tell.enabled(), true)
    t.equal(await echo.count.enabled(), true)
    t.equal(await client.remote(address, '/absent').enabled(), false)
    t.notOk(record.told.includes(''))
  },
  '2,000 calls at once are each answered with their own': async (t, { client, address }) => {
    const twice = client.remote<(n: number) => number>(address, '/twice')
    const answers = await Promise.all(Array.from({ length: 2_000 }, (_, n) => twice(n)))
    t.same(
      answers,
      Array.from({ length: 2_000 }, (_, n) => 2 * n),
    )
  },
  'a large value crosses, and one too large is refused here': async (t, { client, address }) => {
    const length = client.remote<(text: string) => number>(address, '/length')
    t.equal(await length('ü'.repeat(1_000_000)), 1_000_000)
    await t.rejects(length('x'.repeat(5_000_000)), {
      code: 'resource_exhausted',
      reason: 'too_large',
      executed: 'no',
    })
  },
}

const columns = [
  { name: 'memory', transport: memory(), address: 'memory://lite' },
  { name: 'tcp', transport: tcp(), address: 'tcp://127.0.0.1:0' },
  { name: 'ws', transport: ws(), address: 'ws://127.0.0.1:0' },
]

for (const { name, transport, address } of columns)
  for (const codec of [json(), msgpack()])
    for (const [row, run] of Object.entries(rows))
      t.test(`TH-27 ${name}, ${codec.name}: ${row}`, async (t) => {
        const { handlers, record } = echo()
        await using all = await stack({ transport, address, codecs: [codec] })
        all.server.implement(Echo, handlers)
        all.server.rpc('/twice', (n: number) => 2 * n)
        all.server.rpc('/length', (text: string) => text.length)
        all.server.rpc('/told', function (this: unknown, ...args: unknown[]) {
          return { args, trace: currentCall()?.headers.get('trace') ?? null }
        })
        const { client } = all
        await run(t, { echo: client.stub(Echo, all.address), record, client, address: all.address })
      })

import { harness } from '@hawser/compliance/harness'
import { type Headers, type Peer, RpcError, type VirtualClock } from '@hawser/contract'
import { consoleLog, noMethod } from '@hawser/wire'
import t from 'tap'
import { type AccessEntry, type AccessLogOptions, accessLog } from '../src/access-log/index.js'
import { bytes, ManualItems, mockPair, reading } from './support/mock-pair.js'

harness(t)

function logged(options: Partial<AccessLogOptions> = {}) {
  const entries: AccessEntry[] = []
  const log = (entry: AccessEntry) => entries.push(entry)
  return { ...mockPair((clock: VirtualClock) => accessLog({ log, clock, ...options })), entries }
}

t.test('one entry for a call that is answered', async (t) => {
  const { send, received, clock, entries } = logged()
  const connection = { id: 'abc-1', info: { address: 'tcp://127.0.0.1:5' } } as Peer
  const sent = send({ method: '/to_string', input: bytes('four'), connection })
  t.equal(received[0]!.call, sent.call, 'it is handed on as it is')
  await clock.advance(12)
  t.same(entries, [], 'not before it has ended')
  received[0]!.reply('sixsix')
  await clock.settle()
  t.same(entries, [
    {
      level: 'info',
      event: 'call',
      message: '/to_string ok in 12.0 ms, 4 B in, 6 B out',
      method: '/to_string',
      label: '/to_string',
      peer: 'tcp://127.0.0.1:5',
      connection: 'abc-1',
      kind: 'unary',
      probe: false,
      code: 'ok',
      reason: undefined,
      executed: 'yes',
      ms: 12,
      bytesIn: 4,
      bytesOut: 6,
      itemsIn: 1,
      itemsOut: 1,
    },
  ])
})

t.test('one entry for a call that fails, thrown at once or later', async (t) => {
  const { send, received, clock, entries } = logged()
  send()
  received[0]!.fail('resource_exhausted', { reason: 'overloaded', executed: 'no' })
  await clock.settle()
  t.match(entries, [
    { code: 'resource_exhausted', reason: 'overloaded', executed: 'no', bytesOut: 0, itemsOut: 0 },
  ])
  t.match(entries[0]!.message, '/m resource_exhausted (overloaded) in 0.0 ms')
  const handler = accessLog({ log: (entry) => entries.push(entry) })(() => {
    throw new Error('no RpcError')
  })
  t.throws(() => handler(logged().send().call), /no RpcError/)
  t.match(entries[1], { code: 'internal', executed: 'maybe' })
})

t.test('a stream is told of when it ends, with what it came to', async (t) => {
  for (const [how, code] of [
    ['end', 'ok'],
    ['error', 'aborted'],
    ['left', 'cancelled'],
  ] as const) {
    const { send, received, clock, entries } = logged()
    const [input, output] = [new ManualItems(), new ManualItems()]
    const sent = send({ kind: 'duplex', input })
    reading(received[0]!.call.input)
    received[0]!.reply(output)
    await clock.settle()
    const { seen, stop } = reading(sent.reply!.output)
    input.push('12')
    input.push('345')
    output.push('6789')
    await clock.advance(30)
    t.same(seen, ['6789'])
    t.same(entries, [])
    if (how === 'end') output.end()
    else if (how === 'error') output.fail(new RpcError('aborted', '', { executed: 'no' }))
    else {
      sent.cancel()
      stop()
    }
    await clock.settle()
    t.equal(entries.length, 1)
    t.match(entries[0], { code, executed: 'yes', ms: 30, bytesIn: 5, itemsIn: 2, bytesOut: 4, itemsOut: 1 })
  }
})

t.test('a name becomes a label when its method has run, and not because somebody says it', async (t) => {
  const { send, received, clock, entries } = logged()
  for (const [method, run] of [
    ['/there', false],
    ['/there', true],
    ['/there', false],
    ['/made up', false],
  ] as const) {
    send({ method })
    if (run) received.at(-1)!.reply('')
    else received.at(-1)!.fail('unimplemented', { reason: 'no_method', executed: 'no' })
    await clock.settle()
  }
  t.same(
    entries.map(({ label }) => label),
    ['other', '/there', '/there', 'other'],
  )
  t.match(noMethod('/x'), { executed: 'no' })
})

t.test('labels are bounded', async (t) => {
  const { send, received, clock, entries } = logged()
  for (let n = 0; n < 1_100; n++) {
    send({ method: `/${n}` })
    received.at(-1)!.reply('')
    await clock.settle()
  }
  t.equal(new Set(entries.map(({ label }) => label)).size, 1_025)
})

t.test('secrets are left out, and control characters cannot forge lines', async (t) => {
  const headers: Headers = new Map([
    ['authorization', 'Bearer s3cret'],
    ['cookie', 'id=s3cret'],
    ['x-api-key', 's3cret'],
    ['x-refresh-token', 's3cret'],
    ['tenant', 's3cret'],
    ['traceparent', '00-\n-01'],
    ['__proto__', 'x'],
  ])
  const { send, received, clock, entries } = logged({ headers: true, redact: ['tenant'] })
  send({ method: '/a\nforged\u2028line', headers, connection: { info: { address: 'x\r' } } as Peer })
  received[0]!.fail('unimplemented', { reason: 'no_method', executed: 'no' })
  await clock.settle()
  const text = JSON.stringify(entries)
  t.notMatch(text, 's3cret')
  t.notMatch(entries[0]!.message, /[\n\u2028]/)
  t.equal(entries[0]!.method, '/a\\u000aforged\\u2028line')
  t.equal(entries[0]!.peer, 'x\\u000d')
  t.equal(entries[0]!.label, 'other')
  t.same(entries[0]!.headers?.slice(-2), [
    ['traceparent', '00-\\u000a-01'],
    ['__proto__', 'x'],
  ])
  t.equal(entries[0]!.headers?.length, 7)
})

t.test('headers are told only where asked for, and calls can be left out', async (t) => {
  const { send, received, clock, entries } = logged({ skip: ({ probe }) => probe })
  send({ headers: new Map([['a', 'b']]) })
  send({ probe: true })
  for (const each of received) each.reply('')
  await clock.settle()
  t.equal(entries.length, 1)
  t.notOk('headers' in entries[0]!)
})

t.test('any log takes the entries', async (t) => {
  t.type(accessLog({ log: consoleLog }), 'function')
  t.throws(() => accessLog({ log: console as never }), {
    name: 'TypeError',
    message: /log must be a function/,
  })
})

t.test('what the log throws is no outcome of the call', async (t) => {
  const { send, received, clock } = logged({
    log() {
      throw new Error('the disk is full')
    },
  })
  const sent = send()
  received[0]!.reply('done')
  await clock.settle()
  t.equal(sent.outcome, 'done')
})

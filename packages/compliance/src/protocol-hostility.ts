import { type Reply, RpcError, virtualClock } from '@hawser/contract'
import { echo } from './protocol-calls.js'
import { connectedPair } from './protocol-connection.js'
import {
  contextOf,
  json,
  type ProtocolSuite,
  plainTimers,
  type Told,
  valueIn,
  World,
} from './protocol-world.js'

const text = (bytes: string) => new TextEncoder().encode(bytes)
const foreign: Record<string, Uint8Array> = {
  'an SSH banner': text('SSH-2.0-OpenSSH_9.6\r\n'),
  'a TLS hello': Uint8Array.of(0x16, 3, 1, 0, 0xf4, 1, 0, 0, 0xf0, 3, 3),
  'a length of 2^32 - 1': new Uint8Array(64).fill(0xff),
  zeros: new Uint8Array(64),
  'random bytes': Uint8Array.from({ length: 400 }, (_, index) => Math.imul(index + 7, 2_654_435_761) >>> 24),
}

/** What a protocol does with bytes of any cut and of any origin, and at its limits. */
export function testHostility(suite: ProtocolSuite): void {
  const { test, supports } = suite
  const streams = supports.boundaries !== 'message'

  test.test('any chunking gives the same calls', { skip: !streams }, async (t) => {
    let seed = 1
    const random = (left: number) => {
      seed = Math.imul(seed, 1_103_515_245) + 12_345
      return 1 + ((seed >>> 16) % Math.min(left, 50))
    }
    for (const split of [() => 1, () => 3, random]) {
      const w = new World(suite, { handler: echo, boundaries: 'stream', split })
      for (let round = 0; round < 20; round++) {
        const call = w.call('/echo', { input: [round, 'x'.repeat(round * 10)] })
        await w.clock.settle()
        t.same(valueIn(call.reply?.output), [round, 'x'.repeat(round * 10)])
      }
      await w.end(t)
    }
  })

  test.test('and so do messages', { skip: supports.boundaries !== 'both' }, async (t) => {
    const w = new World(suite, { handler: echo, boundaries: 'message' })
    const calls = Array.from({ length: 20 }, (_, number) => w.call('/echo', { input: [number] }))
    await w.clock.settle()
    for (const [number, { reply }] of calls.entries()) t.same(valueIn(reply?.output), [number])
    await w.end(t)
  })

  for (const role of ['acceptor', 'opener'] as const)
    test.test(
      `bytes that are not the protocol’s end the ${role}’s connection, and nothing else`,
      async (t) => {
        for (const [name, bytes] of Object.entries(foreign)) {
          const clock = virtualClock(1, suite.turn)
          const boundaries = streams ? 'stream' : 'message'
          const ends = connectedPair({ clock, boundaries })
          const told: Told = { logs: [], notifications: [] }
          const context = contextOf(
            plainTimers(clock),
            suite.codec ?? 'json',
            told,
            () => t.fail('a call came') as never,
          )
          const protocol = suite.create()
          const session =
            role === 'acceptor' ? protocol.serve(ends.acceptor, context) : protocol.open(ends.opener, context)
          const hand = role === 'acceptor' ? ends.opener : ends.acceptor
          hand.start(() => {})
          hand.send(bytes)
          await clock.advance(60_000)
          t.equal(hand.ended, true, name)
          const reason = await session.closed
          t.ok(RpcError.is(reason), 'with a typed reason')
          t.equal(session.open, false)
          for (const { message } of told.logs) t.ok(message.length < 500, 'and a short line of the log')
          t.equal(clock.pending, 0)
        }
      },
    )

  test.test('sniff knows its own beginning from others', async (t) => {
    const protocol = suite.create()
    const w = new World(suite, { handler: echo })
    let first: Uint8Array | undefined
    const clock = virtualClock(1, suite.turn)
    const ends = connectedPair({ clock, boundaries: streams ? 'stream' : 'message' })
    ends.acceptor.start((bytes) => {
      first ??= bytes
    })
    const told: Told = { logs: [], notifications: [] }
    const session = protocol.open(ends.opener, contextOf(plainTimers(clock), suite.codec ?? 'json', told))
    // Some say nothing before their first call.
    session.begin(w.call('/echo'), { replied() {}, failed() {} })
    await clock.settle()
    t.ok(first && first.length > 0)
    t.equal(protocol.sniff(first!), 'yes')
    t.not(protocol.sniff(first!.subarray(0, 1)), 'no')
    t.equal(protocol.sniff(new Uint8Array(0)), 'more')
    t.equal(protocol.sniff(foreign['a TLS hello']!), 'no')
    t.equal(protocol.sniff(foreign['an SSH banner']!), 'no')
    session.abort(new RpcError('cancelled', 'over'))
    await clock.settle()
    await w.end(t)
  })

  test.test('a request over a limit fails alone, sent or received', async (t) => {
    const large = ['x'.repeat(30_000)]
    for (const limits of [
      { openerLimits: { sendBytes: 20_000 } },
      { acceptorLimits: { receiveBytes: 20_000 } },
    ]) {
      const w = new World(suite, { handler: echo, ...limits })
      const call = w.call('/echo', { input: large })
      await w.clock.settle()
      t.equal(call.settled, 1)
      t.equal(call.error?.code, 'resource_exhausted')
      if (supports.errorFacts) t.match(call.error, { reason: 'too_large', executed: 'no' })
      const next = w.call('/echo', { input: [1] })
      await w.clock.settle()
      t.same(valueIn(next.reply?.output), [1], 'the connection goes on')
      await w.end(t)
    }
  })

  test.test('a reply over a limit fails its call alone', async (t) => {
    for (const limits of [
      { acceptorLimits: { sendBytes: 20_000 } },
      { openerLimits: { receiveBytes: 20_000 } },
    ]) {
      const w = new World(suite, {
        handler: (call) => ({ output: call.method === '/large' ? json('x'.repeat(30_000)) : json('ok') }),
        ...limits,
      })
      const call = w.call('/large')
      await w.clock.settle()
      t.equal(call.settled, 1)
      t.equal(call.error?.code, 'resource_exhausted')
      const next = w.call('/small')
      await w.clock.settle()
      t.same(valueIn(next.reply?.output), 'ok', 'the connection goes on')
      await w.end(t)
    }
  })

  test.test('no more calls run at a time than are allowed', { skip: !supports.multiplexes }, async (t) => {
    let running = 0
    let most = 0
    const ends: (() => void)[] = []
    const w = new World(suite, {
      acceptorLimits: { inFlight: 5 },
      handler: () => {
        most = Math.max(most, ++running)
        return new Promise<Reply>((resolve) =>
          ends.push(() => {
            running--
            resolve({ output: json('done') })
          }),
        )
      },
    })
    const calls = Array.from({ length: 40 }, () => w.call('/x'))
    await w.clock.settle()
    while (ends.length > 0) {
      ends.shift()!()
      await w.clock.settle()
    }
    t.ok(most <= 5, `${most} at a time`)
    for (const { settled, error } of calls) {
      t.equal(settled, 1)
      if (error) t.equal(error.code, 'resource_exhausted')
    }
    await w.end(t)
  })
}

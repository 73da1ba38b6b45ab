import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { acceptorHello, encode, hexBytes, preface } from '../../wire/test/support/frame.js'
import { raw } from './support/raw.js'

harness(t)

const hello = encode(acceptorHello([0]))
const pings = (peer: ReturnType<typeof raw>) => peer.frames().filter(({ kind }) => kind === 'ping').length

t.test('a handshake that takes longer than 5 s ends the connection, and its early calls', async (t) => {
  const peer = raw()
  const call = peer.call('/x')
  await peer.send(preface)
  await peer.clock.advance(4_990)
  t.notOk(peer.ended)
  await peer.clock.advance(20)
  t.ok(peer.ended)
  t.match(call.error, { code: 'unavailable', executed: 'maybe' })
  t.match(await peer.session.closed, { reason: 'handshake_timeout' })
  await peer.end(t)
})

t.test('a silent peer is pinged after 30 s, and dropped 10 s later', async (t) => {
  const peer = raw()
  await peer.send(preface, hello)
  await peer.clock.advance(29_990)
  t.equal(pings(peer), 0)
  await peer.clock.advance(20)
  t.equal(pings(peer), 1)
  await peer.clock.advance(9_970)
  t.notOk(peer.ended)
  await peer.clock.advance(30)
  t.ok(peer.ended)
  t.match(await peer.session.closed, { reason: 'silent', retryable: true })
  await peer.end(t)
})

t.test('with a call under way it is pinged after 10 s; any byte counts as an answer', async (t) => {
  const peer = raw()
  await peer.send(preface, hello)
  const call = peer.call('/x', { timeoutMs: 60_000 })
  await peer.clock.advance(10_010)
  t.equal(pings(peer), 1)
  await peer.send(encode({ kind: 'pong', id: 1 }))
  await peer.clock.advance(9_000)
  t.equal(pings(peer), 1)
  await peer.send(Uint8Array.of(0))
  await peer.clock.advance(9_900)
  t.notOk(peer.ended)
  t.equal(pings(peer), 1)
  await peer.clock.advance(10_200)
  t.ok(peer.ended)
  t.match(call.error, { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' })
  await peer.end(t)
})

t.test('a peer that pings often is answered each time', async (t) => {
  const peer = raw()
  await peer.send(preface, hello)
  for (let id = 1; id <= 20; id++) await peer.send(encode({ kind: 'ping', id }))
  t.same(
    peer.frames().flatMap(({ kind, id }) => (kind === 'pong' ? [id] : [])),
    Array.from({ length: 20 }, (_, index) => index + 1),
  )
  await peer.end(t)
})

t.test('a frame that is not finished in time ends the connection, one that goes on does not', async (t) => {
  for (const [perSecond, ends] of [
    [1, true],
    [2_048, false],
  ] as const) {
    const peer = raw()
    await peer.send(preface, hello, hexBytes('00010000 03000000 00000001'))
    for (let second = 0; second < 25 && !peer.ended; second++) {
      await peer.send(new Uint8Array(perSecond))
      await peer.clock.advance(1_000)
    }
    t.equal(peer.ended, ends)
    if (ends) t.match(await peer.session.closed, { reason: 'bad_frame' })
    await peer.end(t)
  }
})

t.test('cancels go no faster than half of what the other side takes', async (t) => {
  const peer = raw()
  await peer.send(preface, encode(acceptorHello([0], { cancelBurst: 20, cancelRate: 10 })))
  const calls = Array.from({ length: 30 }, () => peer.call('/x'))
  await peer.clock.settle()
  for (const call of calls) call.cancel()
  const cancels = () => peer.frames().filter(({ kind }) => kind === 'cancel').length
  await peer.clock.settle()
  t.equal(cancels(), 10)
  t.ok(calls.every(({ error }) => error?.code === 'cancelled'))
  await peer.clock.advance(1_000)
  t.equal(cancels(), 15)
  // One that was answered meanwhile needs none.
  await peer.send(
    ...calls.map((_, index) => encode({ kind: 'error', id: 1 + 2 * index, code: 1, reason: 11, facts: 1 })),
  )
  await peer.clock.advance(9_000)
  t.equal(cancels(), 15)
  t.equal(peer.session.active, 0)
  await peer.end(t)
})

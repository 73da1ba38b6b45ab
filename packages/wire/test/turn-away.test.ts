import { type LogEntry, limitsWith, RpcError, virtualClock } from '@hawser/contract'
import t from 'tap'
import { native } from '../src/native.js'
import { turnAway } from '../src/turn-away.js'
import { TimerWheel } from '../src/wheel.js'
import { hexBytes, hexOf } from './support/frame.js'
import { pair } from './support/pair.js'
import { side, utf8 } from './support/world.js'

const badFrame = new RpcError('invalid_argument', 'No protocol of this port was spoken', {
  reason: 'bad_frame',
})
const alert = '15030100020228'

/** A stranger at a port, who says so much at a time. */
async function met(pieces: readonly Uint8Array[], error = badFrame, speaks = ['hawser/1', 'lines']) {
  const clock = virtualClock()
  const { opener, acceptor } = pair({ clock })
  const logs: LogEntry[] = []
  const counts: string[] = []
  let heard = new Uint8Array(0)
  let ended = false
  opener.start((bytes) => {
    heard = new Uint8Array([...heard, ...bytes])
  })
  void opener.closed.then(() => {
    ended = true
  })
  let first = true
  acceptor.start((head) => {
    if (!first) return
    first = false
    turnAway(
      acceptor,
      { head, error, speaks },
      {
        clock,
        limits: limitsWith({}),
        log: (entry) => void logs.push(entry),
        count: (event) => void counts.push(event),
      },
    )
  })
  for (const piece of pieces) {
    opener.send(piece)
    await clock.settle()
  }
  return { clock, opener, acceptor, logs, counts, heard: () => heard, ended: () => ended }
}
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const dripped = (text: string) => Array.from(utf8(text), (byte) => Uint8Array.of(byte))

t.test('who speaks something that has a line to read is told in it, dripped or at once', async (t) => {
  const answer = 'This port speaks hawser/1 or lines, not HTTP\n'
  const cases: readonly (readonly [said: string, told: RegExp | string, log: RegExp])[] = [
    [
      'GET / HTTP/1.1\r\n\r\n',
      new RegExp(`^HTTP/1.1 400 .*\r\n\r\n${answer}$`, 's'),
      /: the peer speaks HTTP$/,
    ],
    [
      'DELETE /x HTTP/1.0\r\n\r\n',
      new RegExp(`Content-Length: ${answer.length}\r\n`),
      /: the peer speaks HTTP$/,
    ],
    ['PRI * HTTP/2.0\r\n', /Connection: close\r\n/, /: the peer speaks HTTP\/2$/],
    ['hello?\n', 'This port speaks hawser/1 or lines\n', /: it began with 68/],
    ['GETTING on', 'This port speaks hawser/1 or lines\n', /: it began with 47/],
  ]
  for (const [said, told, log] of cases)
    for (const pieces of [[utf8(said)], dripped(said)]) {
      const found = await met(pieces)
      await found.clock.advance(1)
      if (typeof told === 'string') t.equal(text(found.heard()), told, said)
      else t.match(text(found.heard()), told, said)
      t.match(found.logs, [{ level: 'warn', event: 'connection_bad_frame', message: log }])
      t.same(found.counts, ['connection_bad_frame'])
      t.equal(found.ended(), true)
      await found.clock.advance(2_000)
      t.equal(found.clock.pending, 0)
    }
})

t.test('TLS is told by an alert, and what has no words by the end', async (t) => {
  const cases: Record<string, string> = {
    '16030100f4010000f0': alert,
    '1699': '',
    ffffffff: '',
    '00000000': '',
    f86861777365720b: '',
    '1b5b41': '',
  }
  for (const [said, told] of Object.entries(cases))
    for (const pieces of [[hexBytes(said)], Array.from(hexBytes(said), (byte) => Uint8Array.of(byte))]) {
      const found = await met(pieces)
      await found.clock.advance(1)
      t.equal(hexOf(found.heard()), told, said)
      t.equal(found.ended(), true)
      await found.clock.advance(2_000)
      t.equal(found.clock.pending, 0)
    }
})

t.test('who stops in the middle of what may become something is told as far as it goes', async (t) => {
  const found = await met([utf8('GE')])
  t.equal(found.ended(), false)
  await found.clock.advance(499)
  t.equal(text(found.heard()), '')
  await found.clock.advance(2)
  t.equal(text(found.heard()), 'This port speaks hawser/1 or lines\n')
  t.equal(found.ended(), true)
  const late = await met([utf8('GE')], new RpcError('unavailable', 'late', { reason: 'handshake_timeout' }))
  await late.clock.advance(1)
  t.equal(late.ended(), true, 'who has had its time gets no more')
  t.same(late.counts, ['connection_handshake_timeout'])
  const gone = await met([utf8('GE')])
  gone.opener.abort(badFrame)
  await gone.clock.advance(1)
  t.equal(gone.logs.length, 1)
  t.equal(gone.clock.pending, 0)
})

t.test('a peer that neither reads nor closes is gone within a second', async (t) => {
  const found = await met([])
  found.opener.pause()
  found.opener.send(utf8('GET / HTTP/1.1\r\n\r\n'))
  await found.clock.settle()
  let gone = false
  void found.acceptor.closed.then(() => {
    gone = true
  })
  await found.clock.advance(400)
  t.equal(gone, false)
  await found.clock.advance(200)
  t.equal(gone, true)
  t.equal(found.clock.pending, 0)
})

t.test('a port of the native protocol alone says so, too', async (t) => {
  for (const pieces of [[utf8('GET / HTTP/1.1\r\n\r\n')], dripped('GET / HTTP/1.1\r\n\r\n')]) {
    const clock = virtualClock()
    const timers = new TimerWheel(clock)
    const { opener, acceptor } = pair({ clock })
    const mine = side(clock, timers, {
      turnAway: (connection, stranger) => turnAway(connection, stranger, mine.context),
    })
    const session = native().serve(acceptor, mine.context)
    let heard = ''
    opener.start((bytes) => {
      heard += text(bytes)
    })
    for (const piece of pieces) {
      opener.send(piece)
      await clock.settle()
    }
    t.match(await session.closed, { reason: 'bad_frame' })
    t.match(heard, /^HTTP\/1\.1 400 .*This port speaks hawser\/1, not HTTP\n$/s)
    t.match(mine.logs, [{ message: /the peer speaks HTTP$/ }])
    await clock.advance(2_000)
    t.equal(clock.pending, 0)
  }
})

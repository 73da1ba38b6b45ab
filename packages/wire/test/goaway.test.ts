import { type Reason, RpcError, reasons } from '@hawser/contract'
import t from 'tap'
import { goawayError } from '../src/goaway.js'
import { raw } from './support/raw.js'
import { world } from './support/world.js'

t.test('a reason that makes no sense in a goaway means what draining does', async (t) => {
  const sensible: Reason[] = [
    'bad_frame',
    'too_large',
    'unsupported',
    'unauthenticated',
    'denied',
    'overloaded',
    'abuse',
    'draining',
    'internal',
    'idle',
    'closed',
  ]
  const { message } = goawayError(reasons.draining, '')
  for (const [reason, number] of Object.entries(reasons))
    if (sensible.includes(reason as Reason)) t.equal(goawayError(number, '').reason, reason)
    else
      t.match(
        goawayError(number, ''),
        { code: 'unavailable', reason: 'draining', retryable: true, message },
        reason,
      )
  t.match(goawayError(250, 'bye'), { reason: 'draining', message: `${message}: bye` }, 'an unknown number')
})

t.test('text that is too long, or none, is tolerated', async (t) => {
  const peer = raw('opener')
  await peer.greet()
  await peer.send({ kind: 'goaway', id: 0, detail: reasons.idle, message: 'x'.repeat(100_000) })
  t.match(peer.call('/x').error, { reason: 'idle', message: /: x{64}$/ })
  await peer.end(t)
  const other = raw('opener')
  await other.greet()
  await other.send({ kind: 'goaway', id: 0, detail: reasons.idle, body: 'ff' })
  t.match(other.call('/x').error, { reason: 'idle', executed: 'no', message: /connection$/ })
  await other.end(t)
})

t.test('who opened the connection is told of the first goaway, before its calls fail', async (t) => {
  const told: unknown[] = []
  const peer = raw('opener', {
    leaving: (session, reason) => void told.push([session.open, reason.reason, made?.settled]),
  })
  await peer.greet()
  const made = peer.call('/x')
  await peer.clock.settle()
  const goaway = { kind: 'goaway', id: 0, detail: reasons.idle } as const
  await peer.send(goaway, goaway)
  t.same(told, [[false, 'idle', 0]])
  t.equal(made.settled, 1)
  await peer.end(t)
})

t.test('of several goaways the first reason and the lowest id count', async (t) => {
  const peer = raw('opener')
  await peer.greet()
  const made = [1, 2, 3].map(() => peer.call('/x'))
  await peer.clock.settle()
  await peer.send({ kind: 'goaway', id: 5, detail: reasons.idle })
  t.same(
    made.map(({ settled }) => settled),
    [0, 0, 0],
  )
  await peer.send({ kind: 'goaway', id: 1, detail: reasons.abuse })
  t.match(
    made.map(({ error }) => error),
    [undefined, { executed: 'no' }, { executed: 'no' }],
  )
  await peer.send({ kind: 'goaway', id: 5, detail: reasons.closed }, { kind: 'reply', id: 1 })
  t.ok(made[0]!.reply)
  t.match(peer.call('/x').error, { reason: 'idle' })
  peer.close()
  await peer.clock.settle()
  t.match(await peer.session.closed, { reason: 'idle' })
  await peer.end(t)
})

t.test(
  'calls that were not run are worth trying again only where the end of the connection was',
  async (t) => {
    for (const [reason, retryable] of [
      ['draining', true],
      ['abuse', false],
      ['too_large', false],
    ] as const) {
      const peer = raw('opener')
      await peer.greet({ inFlight: 1 })
      const [sent, waiting] = [peer.call('/x'), peer.call('/x')]
      await peer.clock.settle()
      await peer.send({ kind: 'goaway', id: 0, detail: reasons[reason] })
      for (const { error } of [sent!, waiting!, peer.call('/late')])
        t.match(error, { reason, executed: 'no', retryable })
      await peer.end(t)
      const unused = raw('opener')
      await unused.greet()
      await unused.send({ kind: 'goaway', id: 0, detail: reasons[reason] })
      t.match(unused.call('/late').error, { reason, executed: 'no', retryable }, 'nor before the first call')
      await unused.end(t)
    }
    const w = world({ acceptor: { limits: { inFlight: 1 }, handler: () => new Promise(() => {}) } })
    await w.clock.settle()
    const calls = [w.call('/x'), w.call('/x')]
    await w.clock.settle()
    w.opener.abort(new RpcError('invalid_argument', 'A malformed frame', { reason: 'bad_frame' }))
    t.match(
      calls.map(({ error }) => error),
      [
        { code: 'unavailable', executed: 'maybe', retryable: false },
        { code: 'unavailable', executed: 'no', retryable: false },
      ],
    )
    await w.end(t)
  },
)

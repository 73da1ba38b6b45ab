import { type Handler, RpcError, reasons } from '@hawser/contract'
import t from 'tap'
import { encode, hexText, openerHello, preface } from './support/frame.js'
import { raw } from './support/raw.js'
import { gate, textOf, utf8, world } from './support/world.js'

const echo: Handler = (call) => ({ output: call.input })

t.test('a credential is checked before the hello is answered, at once or later', async (t) => {
  for (const later of [false, true]) {
    const checked = gate<string>()
    const seen: unknown[] = []
    const w = world({
      opener: { credential: () => utf8('secret') },
      acceptor: {
        handler: (call) => {
          seen.push(call.connection?.identity)
          return { output: call.input }
        },
        authenticate: (credential, peer) => {
          seen.push(credential && textOf(credential), peer.address)
          return later ? checked.promise : 'me'
        },
      },
    })
    const made = w.call('/x', { input: 'early' })
    await w.clock.settle()
    t.equal(made.settled, later ? 0 : 1)
    checked.open('me')
    await w.clock.settle()
    t.equal(textOf(made.reply?.output), 'early')
    t.same(seen, ['secret', 'test://opener', 'me'])
    t.equal(w.acceptor.identity, 'me')
    await w.end(t)
  }
})

t.test('one that is refused gets a goaway instead of a hello, and nothing runs', async (t) => {
  const refused = new RpcError('unauthenticated', 'secret details', { reason: 'unauthenticated' })
  const denied = new RpcError('permission_denied', 'not you', { reason: 'denied' })
  for (const [authenticate, reason] of [
    [() => Promise.reject(refused), 'unauthenticated'],
    [
      () => {
        throw denied
      },
      'denied',
    ],
    [() => Promise.reject(new Error('the database is down')), 'unauthenticated'],
  ] as const) {
    const peer = raw('acceptor', { authenticate, handler: () => t.fail('ran') as never })
    await peer.send(preface, openerHello(['raw'], {}, hexText('wrong')), {
      kind: 'request',
      flags: 1,
      id: 1,
      name: '/x',
    })
    t.match(peer.frames(true), [{ kind: 'goaway', id: 0, detail: reasons[reason], message: '' }])
    t.match(peer.ended, {})
    t.match(await peer.session.closed, { reason })
    t.equal(peer.side.counts.get(`connection_${reason}`), 1)
    t.equal(peer.side.opened.length, 0)
    await peer.end(t)
  }
  const w = world({
    acceptor: { authenticate: () => Promise.reject(refused), handler: echo },
  })
  const made = w.call('/x')
  await w.clock.settle()
  t.match(made.error, {
    code: 'unauthenticated',
    reason: 'unauthenticated',
    executed: 'no',
    retryable: false,
  })
  t.notMatch(made.error?.message, /secret/)
  t.equal(w.opener.open, false)
  await w.end(t)
})

t.test('a check that never ends is cut off with the handshake', async (t) => {
  const late = gate<string>()
  const peer = raw('acceptor', { authenticate: () => late.promise, handler: () => t.fail('ran') as never })
  await peer.send(preface, openerHello(), { kind: 'request', flags: 1, id: 1, name: '/x' })
  await peer.clock.advance(5_010)
  t.match(await peer.session.closed, { reason: 'handshake_timeout' })
  late.open('too late')
  await peer.clock.settle()
  t.same(peer.frames(true), [])
  t.equal(peer.side.opened.length, 0)
  await peer.end(t)
})

t.test('while it is checked nothing is read: what a stranger may have held is bounded', async (t) => {
  const late = gate<string>()
  const peer = raw('acceptor', { authenticate: () => late.promise, handler: echo })
  await peer.send(preface, openerHello())
  for (let turn = 0; turn < 10; turn++)
    await peer.send(
      encode({ kind: 'request', flags: 1, id: turn * 2 + 1, name: '/x', body: '00'.repeat(1_000) }),
    )
  t.same(peer.frames(true), [])
  late.open('me')
  await peer.clock.settle()
  t.equal(peer.frames().length, 10, 'and nothing is lost')
  await peer.end(t)
})

t.test('a credential that cannot be sent fails the opening, and leaves nothing behind', async (t) => {
  const w = world()
  for (const credential of [
    () => new Uint8Array(4_096),
    () => {
      throw new TypeError('none')
    },
  ]) {
    t.throws(() => world({ clock: w.clock, opener: { credential } }), TypeError)
  }
  await w.end({ equal: () => undefined } as never)
})

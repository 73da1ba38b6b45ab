import t from 'tap'
import { isOurs, marked, readFromChild, readToChild } from '../src/message.js'

t.test('messages have one form each, and everything else is none', (t) => {
  const good = [
    marked({ kind: 'hello' }, 0),
    marked({ kind: 'ready', addresses: ['tcp://127.0.0.1:1'] }, 1),
    marked({ kind: 'taken', id: 0 }, 1),
    marked({ kind: 'channel', body: { any: 'thing' } }, 1),
  ]
  for (const message of good) {
    t.equal(readFromChild(message), message)
    t.equal(readFromChild(structuredClone(message))?.kind, message.kind)
  }
  const start = {
    worker: 0,
    model: 'prefork',
    module: 'file:///x',
    listen: [],
    drainMs: 1,
    accept: 'handed',
  } as const
  t.ok(readToChild(marked({ kind: 'start', ...start }, 1)))
  t.ok(readToChild(marked({ kind: 'connection', id: 1, listener: 0, peer: { address: 'tcp://a:1' } }, 1)))

  const bad: unknown[] = [
    undefined,
    null,
    'ready',
    [],
    {},
    { kind: 'ready', addresses: [] },
    { ...good[1], hawser: 'prefork/2' },
    { ...good[1], generation: -1 },
    { ...good[1], generation: '1' },
    { ...good[1], kind: 'toString' },
    { ...good[1], kind: 'drain' },
    { ...good[1], addresses: 'tcp://127.0.0.1:1' },
    { ...good[1], addresses: [1] },
    { ...good[1], more: true },
    { ...good[2], id: 1.5 },
    { ...good[2], id: undefined },
    marked({ kind: 'failed', message: 'x'.repeat(20_000) }, 1),
  ]
  for (const message of bad) t.equal(readFromChild(message), undefined, JSON.stringify(message)?.slice(0, 60))
  t.notOk(isOurs({ kind: 'ready' }))
  t.equal(readToChild(marked({ kind: 'start', ...start, accept: 'own' as 'handed' }, 1)), undefined)
  const peers = ['me', { address: 1 }, { address: 'a', host: 2 }, { address: 'a', tls: { verified: 'yes' } }]
  for (const peer of peers as { address: string }[])
    t.equal(readToChild(marked({ kind: 'connection', id: 1, listener: 0, peer }, 1)), undefined)
  t.end()
})

import { harness } from '@hawser/compliance/harness'
import { type Call, type Feed, type Flow, type Outlet, type Reply, RpcError } from '@hawser/contract'
import { CallScope } from '@hawser/wire'
import t from 'tap'
import { type AccessEntry, accessLog } from '../src/access-log/index.js'
import { circuitBreaker } from '../src/circuit-breaker/index.js'

harness(t)

/** A feed that a test works by hand. */
class ManualFeed implements Feed, Flow {
  outlet: Outlet | undefined
  readonly log: string[] = []

  flow(outlet: Outlet): Flow {
    this.outlet = outlet
    return this
  }
  resume(): void {
    this.log.push('resume')
  }
  stop(): void {
    this.log.push('stop')
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1, 2, 3)
  }
}

function answered(feed: ManualFeed) {
  const entries: AccessEntry[] = []
  const scope = new CallScope(Infinity)
  const call = Object.assign(scope, {
    method: '/topic',
    kind: 'server-stream',
    codec: 'json',
    headers: new Map(),
    probe: false,
    input: new Uint8Array(0),
  }) as unknown as Call
  const log = accessLog({ log: (entry) => void entries.push(entry) })
  const reply = log(circuitBreaker()(() => ({ output: feed })))(call) as Reply
  return { output: reply.output as Feed, entries, scope }
}

t.test('what is pushed stays pushed, and is counted', (t) => {
  const feed = new ManualFeed()
  const { output, entries } = answered(feed)
  const items: number[] = []
  let room = true
  const flow = output.flow({
    item: ({ length }) => {
      items.push(length)
      return room
    },
    ended: () => items.push(-1),
    failed: () => items.push(-2),
  })
  flow.resume()
  t.same(feed.log, ['resume'])
  t.equal(feed.outlet!.item(new Uint8Array(5)), true)
  room = false
  t.equal(feed.outlet!.item(new Uint8Array(6)), false, 'it is told when the outlet is full')
  t.same(entries, [])
  feed.outlet!.failed(new RpcError('unavailable', 'gone', { reason: 'closed' }))
  t.same(items, [5, 6, -2])
  t.match(entries, [{ code: 'unavailable', reason: 'closed', itemsOut: 2, bytesOut: 11 }])
  t.end()
})

t.test('a feed that is stopped, or ends, is told of once', (t) => {
  for (const end of ['stop', 'end'] as const) {
    const feed = new ManualFeed()
    const { output, entries } = answered(feed)
    const flow = output.flow({ item: () => true, ended: () => undefined, failed: () => undefined })
    if (end === 'end') feed.outlet!.ended()
    flow.stop()
    t.match(entries, [{ code: 'ok', itemsOut: 0 }])
    t.equal(entries.length, 1)
  }
  t.end()
})

t.test('a feed may be iterated as well, and may never be taken', async (t) => {
  const iterated = answered(new ManualFeed())
  for await (const item of iterated.output) t.equal(item.length, 3)
  t.match(iterated.entries, [{ code: 'ok', itemsOut: 1, bytesOut: 3 }])
  const left = answered(new ManualFeed())
  left.scope.cancel(new RpcError('cancelled', 'left', { reason: 'cancelled' }))
  t.match(left.entries, [{ code: 'cancelled', itemsOut: 0 }])
})

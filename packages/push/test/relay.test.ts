import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { type LogEntry, type VirtualClock, virtualClock } from '@hawser/contract'
import { createServer, type Server } from '@hawser/server'
import t from 'tap'
import {
  type Hub,
  type Member,
  publisher,
  type RelayChannel,
  type RelayOptions,
  relayHub,
  relayMember,
  topic,
} from '../src/index.js'
import { Batch, Kind } from '../src/relay/frames.js'
import { ManualOutlet } from './support/manual.js'
import { range } from './support/stack.js'

harness(t)

/** One end of a channel in this thread. */
class Line implements RelayChannel {
  other: Line | undefined
  paused = false
  readonly held: Uint8Array[] = []
  receive: ((message: unknown) => void) | undefined
  closed: (() => void) | undefined

  post(bytes: Uint8Array): void {
    if (this.paused) this.held.push(bytes)
    else this.other?.receive?.(bytes)
  }
  go(): void {
    this.paused = false
    for (const bytes of this.held.splice(0)) this.post(bytes)
  }
  start(receive: (message: unknown) => void, closed: () => void): void {
    this.receive = receive
    this.closed = closed
  }
  stop(): void {
    this.receive = undefined
  }
}

function lines(): [Line, Line] {
  const [a, b] = [new Line(), new Line()]
  a.other = b
  b.other = a
  return [a, b]
}

interface World {
  readonly clock: VirtualClock
  readonly hub: Hub
  readonly log: LogEntry[]
  server(): Server
  member(): { readonly member: Member; readonly here: Line; readonly there: Line }
}

function world(options: RelayOptions = {}): World {
  const clock = virtualClock()
  const log: LogEntry[] = []
  const settings = { clock, log: (entry: LogEntry) => void log.push(entry), ...options }
  const hub = relayHub(settings)
  return {
    clock,
    hub,
    log,
    server: () => createServer({ codecs: [json()], clock, log: settings.log }),
    member() {
      const [here, there] = lines()
      hub.attach(there)
      return { member: relayMember(here, settings), here, there }
    },
  }
}

t.test('the hub orders what members and it itself publish', async (t) => {
  const { clock, hub, server, member } = world()
  const servers = [server(), server(), server()]
  const relays = [hub, member().member, member().member]
  const topics = servers.map((server, index) => topic(server, '/shared', { relay: relays[index] }))
  const outlets = servers.map((server) => new ManualOutlet(server, '/shared', { room: Infinity }).begin())
  await clock.settle()
  for (const n of range(1, 5)) for (const [index, each] of topics.entries()) each.publish(`${index}:${n}`)
  await clock.settle()
  for (const outlet of outlets) t.same(outlet.numbers, range(1, 15))
  t.same(outlets[1]!.texts, outlets[0]!.texts)
  t.same(outlets[2]!.texts, outlets[0]!.texts)
  t.same(
    topics.map(({ sequence }) => sequence),
    [15, 15, 15],
  )
  await Promise.all(servers.map((server) => server.close()))
})

t.test('a member that comes later goes on with the numbers', async (t) => {
  const { clock, hub, server, member } = world()
  const first = server()
  const shared = topic(first, '/shared', { relay: hub })
  for (const n of range(1, 7)) shared.publish(n)
  const second = server()
  const late = topic(second, '/shared', { relay: member().member })
  const outlet = new ManualOutlet(second, '/shared', { room: Infinity }).begin()
  await clock.settle()
  t.equal(late.sequence, 7)
  shared.publish(8)
  await clock.settle()
  t.same(outlet.numbers, [8])
  await late.close()
  t.equal(outlet.error?.details, undefined, 'it has missed nothing since it joined')
  await Promise.all([first.close(), second.close()])
})

t.test('a publisher without the topic is told when nobody has it', async (t) => {
  const { clock, hub, server, member, log } = world()
  const nagging = publisher<string>(member().member, '/nagging', { codec: json(), clock })
  nagging.publish('lost')
  await clock.settle()
  t.match(log, [{ event: 'relay_no_topic' }])
  t.throws(() => nagging.publish('refused'), TypeError)
  const made = server()
  const shared = topic(made, '/nagging', { relay: hub })
  nagging.publish('there')
  await clock.settle()
  t.equal(shared.sequence, 1)
  nagging.close()
  t.throws(() => nagging.publish('closed'), TypeError)
  t.throws(() => publisher(hub, '/nobody', { codec: json(), clock }).publish('x'), TypeError)
  await made.close()
})

t.test('forged and malformed messages are refused, and harm nothing', async (t) => {
  const { clock, hub, server, member } = world()
  const made = server()
  const shared = topic(made, '/shared', { relay: hub })
  const outlet = new ManualOutlet(made, '/shared', { room: Infinity }).begin()
  const { member: good, here } = member()
  const publishing = publisher<number>(good, '/shared', { codec: json(), clock })
  const frame = (kind: number, path: string, number = 0, codec = 'json', body = new Uint8Array(9)) => {
    const batch = new Batch()
    batch.add(kind, path, number, codec, body)
    return batch.take()
  }
  const forged: unknown[] = [
    undefined,
    null,
    'text',
    { kind: 3 },
    [1, 2, 3],
    Uint8Array.of(1),
    new Uint8Array(40).fill(255),
    frame(0, '/shared'),
    frame(99, '/shared'),
    frame(Kind.publish, 'shared'),
    frame(Kind.publish, '/'.repeat(300)),
    frame(Kind.publish, '/shared', 0, 'x'.repeat(33)),
    frame(Kind.publish, '/shared').subarray(0, 20),
    frame(Kind.message, '/shared', 5),
    frame(Kind.joined, '/shared', 5),
    frame(Kind.taken, '', 5),
    frame(Kind.publish, '/shared', 2 ** 60),
    Uint8Array.of(3, 0, 0, 2, 0, 0, 0, 8, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0),
  ]
  for (const message of forged) t.doesNotThrow(() => here.post(message as Uint8Array))
  t.equal(hub.refused, forged.length)
  t.same(outlet.items, [])
  // Well-formed, but nothing that anybody could read.
  here.post(frame(Kind.publish, '/shared', 0, 'unknown'))
  t.equal(made.counters.get('topic_bad_payload'), 1)
  publishing.publish(7)
  await clock.settle()
  t.same(outlet.texts, ['7'])
  t.equal(shared.size, 1)
  await made.close()
})

t.test('messages that were changed on the way never throw', async (t) => {
  const { clock, hub, server, member } = world()
  const made = server()
  topic(made, '/shared', { relay: hub, policy: 'drop-old' })
  new ManualOutlet(made, '/shared', { room: Infinity }).begin()
  const { here, there } = member()
  const batch = new Batch()
  for (const n of range(1, 3)) batch.add(Kind.publish, '/shared', n, 'json', new Uint8Array(8 + n).fill(0x31))
  batch.add(Kind.join, '/shared', 0)
  batch.add(Kind.taken, '', 1)
  batch.add(Kind.message, '/shared', 9, 'json', new Uint8Array(9))
  const whole = batch.take()
  let state = 1
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % below
  }
  for (let run = 0; run < 5_000; run++) {
    const changed = new Uint8Array(whole).subarray(0, 1 + random(whole.length))
    for (let change = random(4); change >= 0; change--) changed[random(changed.length)] = random(256)
    here.post(changed)
    there.post(changed)
  }
  await clock.settle()
  t.ok(hub.refused > 0, `${hub.refused} were refused`)
  hub.close()
  await made.close()
})

t.test('what comes from the hub is checked as well', async (t) => {
  const { clock, hub, server, member, log } = world()
  const { member: relay, there } = member()
  const made = server()
  const shared = topic(made, '/shared', { relay })
  const outlet = new ManualOutlet(made, '/shared', { room: Infinity }).begin()
  await clock.settle()
  for (const bad of [Uint8Array.of(9, 9), new Uint8Array(50)]) there.post(bad)
  const stale = new Batch()
  stale.add(Kind.message, '/shared', 3, 'json', new Uint8Array(8))
  stale.add(Kind.message, '/shared', 2, 'json', new Uint8Array(8))
  stale.add(Kind.publish, '/shared', 2, 'json', new Uint8Array(8))
  there.post(stale.take())
  t.same(outlet.numbers, [3], 'numbers only grow')
  t.equal(log.filter(({ event }) => event === 'relay_malformed').length, 3)
  t.equal(shared.sequence, 3)
  hub.close()
  await made.close()
})

t.test('F16 publishers wait while a member takes nothing, which then misses messages', async (t) => {
  const { clock, hub, server, member, log } = world({ window: 4, patienceMs: 1_000 })
  const fast = member()
  const slow = member()
  const made = server()
  topic(made, '/shared', { relay: slow.member, highWaterMark: 100 })
  const outlet = new ManualOutlet(made, '/shared', { room: Infinity }).begin()
  const publishing = publisher<number>(fast.member, '/shared', { codec: json(), clock, patienceMs: 60_000 })
  await clock.settle()
  slow.here.paused = true
  let published = 0
  const all = (async () => {
    for (const n of range(1, 20)) {
      await publishing.publishWhenReady(n)
      published = n
    }
  })()
  await clock.advance(500)
  t.ok(published <= 8, `only ${published} are under way`)
  t.equal(hub.dropped, 0)
  await clock.advance(1_000)
  await all
  t.ok(log.some(({ event }) => event === 'relay_stalled'))
  t.ok(hub.dropped > 0)
  const { dropped } = hub
  slow.here.go()
  await clock.settle()
  await publishing.publishWhenReady(21)
  await clock.settle()
  t.equal(outlet.numbers.at(-1), 21)
  t.equal(outlet.numbers.length, 21 - dropped, 'the gap in the numbers is what was dropped')
  await made.close()
})

t.test('a topic that blocks makes publishers of other threads wait', async (t) => {
  const { clock, hub, server, member } = world({ window: 2 })
  const made = server()
  topic(made, '/shared', { relay: hub, policy: 'block', highWaterMark: 3 })
  const outlet = new ManualOutlet(made, '/shared').begin()
  const publishing = publisher<number>(member().member, '/shared', {
    codec: json(),
    clock,
    patienceMs: 60_000,
  })
  let published = 0
  const all = (async () => {
    for (const n of range(1, 50)) {
      await publishing.publishWhenReady(n)
      published = n
    }
  })()
  await clock.advance(100)
  t.ok(published <= 6, `${published} have gone`)
  t.equal(outlet.error, undefined)
  outlet.take(Infinity)
  await clock.settle()
  await all
  await clock.settle()
  t.same(outlet.numbers, range(1, 50))
  await made.close()
})

t.test('it does not matter which side is there first', async (t) => {
  const { clock, hub, server } = world()
  for (const order of ['hub', 'member'] as const) {
    const [here, there] = lines()
    const join = () => relayMember(here, { clock })
    const attach = () => void hub.attach(there)
    if (order === 'hub') attach()
    const relay = join()
    const made = server()
    const shared = topic(made, `/${order}`, { relay })
    const outlet = new ManualOutlet(made, `/${order}`, { room: Infinity }).begin()
    shared.publish(1)
    await clock.settle()
    if (order === 'member') {
      t.same(outlet.numbers, [])
      attach()
    }
    shared.publish(2)
    await clock.settle()
    t.same(outlet.numbers, [1, 2])
    await made.close()
  }
})

t.test('a member that closes before the hub is there still sends what it had', async (t) => {
  const { clock, hub, server } = world()
  const made = server()
  const shared = topic(made, '/shared', { relay: hub })
  const [here, there] = lines()
  const relay = relayMember(here, { clock })
  publisher<number>(relay, '/shared', { codec: json(), clock }).publish(1)
  relay.close()
  await clock.settle()
  hub.attach(there)
  t.equal(shared.sequence, 1)
  t.equal(here.receive, undefined, 'it listens no more')
  await made.close()
})

t.test('far too much is refused, with the hub gone everything', async (t) => {
  const { clock, member, log } = world({ window: 2 })
  const { member: relay, here } = member()
  const publishing = publisher<number>(relay, '/shared', { codec: json(), clock })
  here.paused = true
  t.equal(publishing.publish(1), true)
  t.equal(publishing.publish(2), false)
  for (const n of range(3, 8)) publishing.publish(n)
  t.throws(() => publishing.publish(9), { code: 'resource_exhausted', executed: 'no' })
  const waiting = publishing.publishWhenReady(10)
  here.closed?.()
  await t.rejects(waiting, { code: 'unavailable' })
  t.throws(() => publishing.publish(11), { code: 'unavailable', retryable: false })
  t.equal(relay.ended, true)
  t.ok(log.some(({ event }) => event === 'relay_closed'))
  publishing.close()
  await clock.settle()
})

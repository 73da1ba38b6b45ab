import { consistentHash, endpoints, p2c, polled, pushed, roundRobin } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { RpcError } from '@hawser/contract'
import { serverStream, service } from '@hawser/schema'
import t from 'tap'
import { tally } from './support/candidates.js'
import { type Fleet, fleet } from './support/fleet.js'
import { outcomeAfter } from './support/stack.js'

harness(t)

type Who = () => string
const three = ['memory://a', 'memory://b', 'memory://c'] as const
const hosts = ['a', 'b', 'c'] as const

/** All three servers, and connections to all of them. */
async function connected(all: Fleet): Promise<void> {
  for (const name of hosts) await all.serve(name)
  const peers = Promise.all(three.map((address) => all.client.connect(address)))
  await all.clock.advance(1)
  await peers
}

/** What so many calls said, one after the other. */
async function answers(all: Fleet, call: () => Promise<unknown>, count: number): Promise<unknown[]> {
  const outcomes: unknown[] = []
  for (let index = 0; index < count; index++) outcomes.push(await outcomeAfter(all.clock, 1, call()))
  return outcomes
}

t.test('a list of addresses shares the calls, and the connections of the client', async (t) => {
  await using all = fleet()
  await connected(all)
  const who = all.client.remote<Who>(three, '/who')
  const said = await answers(all, who, 300)
  const counts = tally(300, (index) => said[index])
  for (const name of hosts) t.ok((counts.get(name) ?? 0) > 70, `${name}: ${counts.get(name)}`)
  t.equal(all.dialled.length, 3, 'one connection to an address, whoever uses it')
  const again = all.client.remote<Who>([...three], '/who')
  t.ok(hosts.includes((await outcomeAfter(all.clock, 1, again())) as 'a'))
  t.equal(all.dialled.length, 3)
  t.equal(await outcomeAfter(all.clock, 1, all.client.remote<Who>(['memory://b'], '/who')()), 'b')
})

t.test('nothing is resolved or dialled before the first call, and connect makes no call', async (t) => {
  await using all = fleet()
  await all.serve('a')
  let asked = 0
  const group = endpoints({
    resolve: () => {
      asked++
      return ['memory://a']
    },
  })
  const who = all.client.remote<Who>(group, '/who')
  await all.clock.advance(100)
  t.same([asked, all.dialled.length], [0, 0])
  const peers = Promise.all([all.client.connect(group), all.client.connect(group)])
  await all.clock.advance(1)
  const [one, other] = await peers
  t.equal(one, other)
  t.equal(await all.client.connect(group), one)
  t.same([asked, all.dialled.length, all.served.size], [1, 1, 0])
  t.equal(await outcomeAfter(all.clock, 1, who()), 'a')
  await t.rejects(all.client.connect(group, { signal: AbortSignal.abort() }), { name: 'AbortError' })
})

t.test('connecting says so when nobody is there, and stops for its signal', async (t) => {
  await using all = fleet()
  t.equal(await outcomeAfter(all.clock, 1, all.client.connect(three)), 'unavailable/unreachable/no')
  for (const address of three) all.black.add(address)
  const controller = new AbortController()
  const connecting = all.client.connect(three, { signal: controller.signal })
  t.equal(await outcomeAfter(all.clock, 50, connecting), 'goes on')
  controller.abort(new RpcError('cancelled', 'enough'))
  t.equal(await outcomeAfter(all.clock, 1, connecting), 'cancelled/undefined/maybe')
})

t.test('an address that does not answer delays nobody while another does', async (t) => {
  await using all = fleet()
  all.black.add('memory://a')
  all.black.add('memory://b')
  await all.serve('c')
  const who = all.client.remote<Who>(three, '/who')
  t.same(await answers(all, who, 30), Array(30).fill('c'))
  t.ok(all.dialled.length <= 3, 'they are dialled beside')
  await all.clock.advance(5_000)
  t.same(await answers(all, who, 30), Array(30).fill('c'), 'nor once that is known')
})

t.test('nobody there: a call fails when all have been tried, once each for all that wait', async (t) => {
  await using all = fleet()
  const addresses = Array.from({ length: 10 }, (_, index) => `memory://none-${index}`)
  const who = all.client.remote<Who>(addresses, '/who')
  const calls = Promise.all([who(), who(), who()].map((call) => call.catch((error) => error.reason)))
  t.same(await outcomeAfter(all.clock, 1, calls), ['unreachable', 'unreachable', 'unreachable'])
  t.equal(all.dialled.length, 10)
  t.equal(await who.enabled().catch(String), false)
  await all.serve('none-7')
  t.equal(await outcomeAfter(all.clock, 1, who()), 'none-7', 'and is found by the next call')
})

t.test('an idempotent call waits for somebody to come; with reconnect, every call does', async (t) => {
  for (const reconnect of [false, true]) {
    await using all = fleet({ reconnect })
    const who = all.client.remote<Who>(three, '/who').with({ idempotent: !reconnect })
    const call = who()
    t.equal(await outcomeAfter(all.clock, 1_000, call), 'goes on')
    await all.serve('b')
    t.equal(await outcomeAfter(all.clock, 2_000, call), 'b')
  }
})

t.test('what may be sent again goes to another address than the one that failed', async (t) => {
  await using all = fleet()
  await connected(all)
  // Refused before the handler runs: by middleware.
  const refusing = ['memory://r1', 'memory://r2']
  const refused: string[] = []
  for (const name of ['r1', 'r2'])
    await all.serve(name, {
      middleware: [
        () => () => {
          refused.push(name)
          throw new RpcError('resource_exhausted', 'full', { reason: 'overloaded', executed: 'no' })
        },
      ],
    })
  const call = all.client.remote<Who>(refusing, '/who')()
  t.equal(await outcomeAfter(all.clock, 2_000, call), 'resource_exhausted/overloaded/no')
  t.equal(refused.length, 3)
  t.not(refused[0], refused[1])
  t.not(refused[1], refused[2])
  const mixed = all.client.remote<Who>([...refusing, 'memory://a'], '/who')
  const calls = Promise.all(Array.from({ length: 30 }, () => mixed().catch(({ reason }: RpcError) => reason)))
  await all.clock.advance(5_000)
  const said = await calls
  t.ok(said.filter((each) => each === 'a').length >= 25, `${said}`)
})

t.test(
  'F9 a crash under way: idempotent calls go elsewhere, the others tell that they may have run',
  async (t) => {
    await using all = fleet()
    const servers = [await all.serve('a'), await all.serve('b')]
    const group = endpoints({ resolve: ['memory://a', 'memory://b'], pick: roundRobin() })
    for (const name of ['a', 'b']) all.delayMs.set(name, 50)
    const who = all.client.remote<Who>(group, '/who')
    for (const address of ['memory://a', 'memory://b']) void all.client.connect(address)
    await all.clock.advance(1)
    const settled = (call: Promise<string>) =>
      call.catch((error: RpcError) => `${error.reason}/${error.executed}`)
    const once = Promise.all([who(), who()].map(settled))
    const often = Promise.all([0, 1].map(() => settled(who.with({ idempotent: true })())))
    await all.clock.advance(10)
    await all.crash(servers[0]!)
    await all.clock.advance(1_000)
    t.same((await once).toSorted(), ['b', 'connection_lost/maybe'])
    t.same(await often, ['b', 'b'])
  },
)

t.test('F8 a member told goaway ends its calls, and new ones go elsewhere at once', async (t) => {
  await using all = fleet()
  await connected(all)
  const [a] = [await all.serve('leaving')]
  const list = ['memory://leaving', 'memory://b', 'memory://c']
  all.delayMs.set('leaving', 1_000)
  const group = endpoints({ resolve: list, pick: roundRobin() })
  const who = all.client.remote<Who>(group, '/who')
  void all.client.connect('memory://leaving')
  await all.clock.advance(1)
  const taken = Promise.all([who(), who(), who()])
  await all.clock.advance(1)
  const closing = a!.close()
  await all.clock.advance(1)
  const dials = all.dialled.length
  t.same(new Set(await answers(all, who, 40)), new Set(['b', 'c']))
  t.ok(all.dialled.length - dials <= 2, 'and it is not dialled with each of them')
  await all.clock.advance(2_000)
  t.same(new Set(await taken), new Set(['leaving', 'b', 'c']))
  await closing
})

t.test('F31 what fails again and again is ejected, gets one call to show itself, and is back', async (t) => {
  await using all = fleet()
  await connected(all)
  const group = endpoints({ resolve: three, pick: roundRobin(), eject: { consecutive: 3, ejectMs: 10_000 } })
  const who = all.client.remote<Who>(group, '/who')
  all.sick.add('a')
  await answers(all, who, 30)
  t.equal(all.served.get('a'), 3)
  t.equal(all.client.counters.get('endpoint_ejected'), 1)
  await all.clock.advance(13_000)
  await answers(all, who, 30)
  t.equal(all.served.get('a'), 4, 'one call, and out again')
  all.sick.delete('a')
  await all.clock.advance(13_000)
  await answers(all, who, 30)
  t.equal(all.served.get('a'), 4, 'for twice as long')
  await all.clock.advance(13_000)
  await answers(all, who, 30)
  t.equal(all.served.get('a'), 14, 'and back')
  t.equal(all.client.counters.get('endpoint_readmitted'), 1)
})

t.test('F31 an address on trial has one call at a time', async (t) => {
  await using all = fleet()
  await connected(all)
  const group = endpoints({ resolve: three, pick: roundRobin(), eject: { consecutive: 1, ejectMs: 1_000 } })
  const who = all.client.remote<Who>(group, '/who')
  all.sick.add('a')
  await answers(all, who, 3)
  await all.clock.advance(2_000)
  all.sick.delete('a')
  all.delayMs.set('a', 100)
  const calls = Promise.all(Array.from({ length: 30 }, () => who()))
  await all.clock.advance(50)
  t.equal(all.served.get('a'), 2, 'the one that failed, and one more')
  await all.clock.advance(100)
  await calls
})

t.test('F31 no more than half are ejected, however sick they are', async (t) => {
  for (const [count, floor] of [
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 2],
    [7, 3],
  ] as const) {
    await using all = fleet()
    const names = Array.from({ length: count }, (_, index) => `s${index}`)
    for (const name of names) {
      await all.serve(name)
      all.sick.add(name)
    }
    const group = endpoints({ resolve: names.map((name) => `memory://${name}`), eject: { consecutive: 2 } })
    const who = all.client.remote<Who>(group, '/who')
    await answers(all, () => who().catch(() => ''), 20 * count)
    t.equal(all.client.counters.get('endpoint_ejected') ?? 0, floor, `of ${count}`)
  }
})

t.test('F31 where all are ejected, all are asked', async (t) => {
  await using all = fleet()
  await connected(all)
  for (const name of hosts) all.sick.add(name)
  const group = endpoints({ resolve: three, pick: roundRobin(), eject: { consecutive: 1, mostShare: 1 } })
  const who = all.client.remote<Who>(group, '/who')
  await answers(all, () => who().catch(() => ''), 3)
  t.equal(all.client.counters.get('endpoint_ejected'), 3)
  const before = [...all.served.values()].reduce((sum, each) => sum + each)
  all.sick.clear()
  t.same((await answers(all, who, 9)).length, 9)
  t.equal(
    [...all.served.values()].reduce((sum, each) => sum + each),
    before + 9,
  )
})

t.test('false ejects nobody, and what does not speak against a server ejects nobody either', async (t) => {
  await using all = fleet()
  await connected(all)
  all.sick.add('a')
  for (const eject of [false, { consecutive: 1, failure: () => false }] as const) {
    const group = endpoints({ resolve: three, pick: roundRobin(), eject })
    await answers(
      all,
      () =>
        all.client
          .remote<Who>(group, '/who')()
          .catch(() => ''),
      30,
    )
  }
  t.equal(all.served.get('a'), 20)
  t.equal(all.client.counters.get('endpoint_ejected'), undefined)
})

t.test('F31 the last list known is kept where none is found, and calls wait for the first', async (t) => {
  await using all = fleet()
  for (const name of hosts) await all.serve(name)
  let found: readonly string[] | Error = new Error('no name')
  const resolve = polled(() => (found instanceof Error ? Promise.reject(found) : found), { everyMs: 1_000 })
  const who = all.client.remote<Who>(endpoints({ resolve }), '/who')
  t.equal(await outcomeAfter(all.clock, 1, who()), 'unavailable/unreachable/no')
  found = ['memory://a']
  t.equal(await outcomeAfter(all.clock, 1_200, who()), 'a', 'it is asked for again, and the call waits')
  for (const nothing of [new Error('no name'), [], ['nonsense', 'gopher://a']]) {
    found = nothing
    await all.clock.advance(10_000)
    t.equal(await outcomeAfter(all.clock, 1, who()), 'a')
  }
  t.ok((all.client.counters.get('resolve_failed') ?? 0) > 3)
  t.ok((all.client.counters.get('resolve_invalid') ?? 0) > 3)
  found = ['memory://b', 'nonsense', 'memory://b']
  await all.clock.advance(10_000)
  t.equal(await outcomeAfter(all.clock, 1, who()), 'b', 'what is valid in a list is used')
})

t.test('addresses that come are used, those that go end their calls and are closed', async (t) => {
  const closed: string[] = []
  await using all = fleet({ onClose: (_, reason) => void closed.push(`${reason?.reason}`) })
  for (const name of hosts) await all.serve(name)
  let push: (list: readonly string[]) => void = () => {}
  const resolve = pushed(async function* ({ signal }) {
    yield ['memory://a', 'memory://b']
    while (!signal!.aborted)
      yield await new Promise<readonly string[]>((told, ended) => {
        push = told
        signal!.addEventListener('abort', () => ended(signal!.reason))
      })
  })
  const group = endpoints({ resolve, pick: roundRobin() })
  const who = all.client.remote<Who>(group, '/who')
  all.delayMs.set('a', 300)
  await outcomeAfter(all.clock, 400, Promise.all([who(), who(), who()]))
  const slow = Promise.all([who(), who()])
  await all.clock.advance(1)
  push(['memory://b', 'memory://c'])
  await all.clock.advance(1)
  const served = all.served.get('a')
  await answers(all, who, 40)
  t.equal(all.served.get('a'), served)
  t.ok((all.served.get('c') ?? 0) > 10)
  t.same(closed, [], 'its calls go on')
  await all.clock.advance(400)
  t.ok((await slow).includes('a'))
  t.same(closed, ['undefined'], 'and then it is closed')
  const dials = all.dialled.length
  push(['memory://a'])
  all.delayMs.clear()
  await all.clock.advance(1)
  t.equal(await outcomeAfter(all.clock, 5, who()), 'a')
  t.equal(all.dialled.length, dials + 1, 'it may come back')
  void all.client.connect('memory://a')
  push(['memory://b'])
  await all.clock.advance(1)
  t.equal(await outcomeAfter(all.clock, 5, all.client.remote<Who>('memory://a', '/who')()), 'a')
  t.equal(all.dialled.length, dials + 1, 'and is kept where something else uses it')
})

t.test('a consistent hash keeps a key at its address, and moves it only while that is away', async (t) => {
  await using all = fleet()
  const servers = new Map<string, Awaited<ReturnType<Fleet['serve']>>>()
  for (const name of hosts) servers.set(name, await all.serve(name))
  const pick = consistentHash((call) => call.headers.get('user'))
  const who = all.client.remote<Who>(endpoints({ resolve: three, pick }), '/who')
  const of = (user: string) => who.with({ headers: { user } })
  const users = Array.from({ length: 30 }, (_, index) => `user-${index}`)
  const homes = new Map<string, unknown>()
  const first = Promise.all(users.map(async (user) => homes.set(user, await of(user)())))
  await all.clock.advance(1)
  await first
  t.same(
    new Set(homes.values()),
    new Set(hosts),
    'from the first call on, though connections were yet to be made',
  )
  for (const user of users) t.equal(await outcomeAfter(all.clock, 1, of(user)()), homes.get(user))
  await all.crash(servers.get('b')!)
  for (const user of users) {
    const now = await outcomeAfter(all.clock, 1, of(user)())
    if (homes.get(user) === 'b') t.not(now, 'b')
    else t.equal(now, homes.get(user))
  }
  await all.serve('b')
  await all.clock.advance(31_000)
  for (const user of users) t.equal(await outcomeAfter(all.clock, 1, of(user)()), homes.get(user))
})

t.test('a consistent hash dials no more than it needs, and waits for nobody that is long gone', async (t) => {
  await using all = fleet({ reconnect: true })
  const servers = [await all.serve('a'), await all.serve('b'), await all.serve('c')]
  const pick = consistentHash((call) => call.headers.get('user'))
  const who = all.client.remote<Who>(endpoints({ resolve: three, pick }), '/who')
  const of = (user: string) => who.with({ headers: { user } })
  const home = await outcomeAfter(all.clock, 1, of('one')())
  t.same(
    all.dialled.map(({ address }) => address),
    [`memory://${home}`],
  )
  await all.clock.advance(20_000)
  await all.crash(servers[hosts.indexOf(home as 'a')]!)
  let slowest = 0
  const served = new Set<string>()
  for (let call = 0; call < 600; call++) {
    const before = all.clock.now()
    const outcome = of('one')()
    let over = false
    void outcome.then(() => {
      over = true
    })
    while (!over) await all.clock.advance(5)
    slowest = Math.max(slowest, all.clock.now() - before)
    served.add(await outcome)
    await all.clock.advance(200)
  }
  t.equal(served.size, 1, 'the next of its key')
  t.notOk(served.has(String(home)))
  t.ok(slowest <= 250, `${slowest} ms`)
})

t.test('a slow address gets less: by its latency under p2c, and no less under round robin', async (t) => {
  for (const [name, pick, least, most] of [
    ['p2c', p2c(), 0, 0.02],
    ['round robin', roundRobin(), 0.32, 0.35],
  ] as const) {
    await using all = fleet()
    await connected(all)
    for (const host of hosts) all.delayMs.set(host, host === 'a' ? 100 : 10)
    const who = all.client.remote<Who>(endpoints({ resolve: three, pick }), '/who')
    const calls: Promise<unknown>[] = []
    for (let index = 0; index < 1_000; index++) {
      calls.push(who())
      await all.clock.advance(4)
    }
    await all.clock.advance(200)
    await Promise.all(calls)
    const share = (all.served.get('a') ?? 0) / 1_000
    t.ok(share >= least && share <= most, `${name}: the one that takes ten times as long gets ${share}`)
  }
})

t.test('p2c: one that hangs gets hardly any calls before it is ejected', async (t) => {
  await using all = fleet()
  await connected(all)
  all.delayMs.set('a', 1e9)
  for (const host of ['b', 'c']) all.delayMs.set(host, 5)
  const who = all.client.remote<Who>(three, '/who').with({ timeoutMs: 500 })
  let failed = 0
  for (let index = 0; index < 600; index++) {
    who().catch(() => failed++)
    await all.clock.advance(5)
  }
  await all.clock.advance(1_000)
  t.ok(failed <= 12, `${failed} of 600`)
})

t.test('streams count until they are read to their end', async (t) => {
  await using all = fleet()
  await connected(all)
  const Ticks = service('test.Ticks', { ticks: serverStream<string, number>() })
  const opened: string[] = []
  for (const name of hosts) {
    const server = await all.serve(`t${name}`)
    server.implement(Ticks, {
      async *ticks() {
        opened.push(name)
        yield 1
        yield 2
      },
    })
  }
  const stub = all.client.stub(Ticks, ['memory://ta', 'memory://tb', 'memory://tc'])
  for (const address of ['memory://ta', 'memory://tb', 'memory://tc']) void all.client.connect(address)
  await all.clock.advance(1)
  const streams = Array.from({ length: 30 }, () => stub.ticks('x'))
  for (const stream of streams) await outcomeAfter(all.clock, 1, stream.next())
  const counts = tally(30, (index) => opened[index])
  for (const name of hosts) t.ok((counts.get(name) ?? 0) >= 8, `${name}: ${counts.get(name)}`)
  const rest = streams.map(async (stream, index) => {
    if (index % 2) return stream.return?.()
    const all: number[] = []
    for await (const item of stream) all.push(item)
    return all
  })
  await all.clock.advance(10)
  t.same((await Promise.all(rest))[0], [2])
})

t.test('a codec that all connected members take is used', async (t) => {
  await using all = fleet({ codecs: [msgpack(), json()] })
  await all.serve('a', { codecs: [json(), msgpack()] })
  await all.serve('b')
  const who = all.client.remote<Who>(endpoints({ resolve: ['memory://a', 'memory://b'] }), '/who')
  const first = Promise.all(Array.from({ length: 10 }, () => who()))
  await all.clock.advance(1)
  await first
  t.same(new Set(await answers(all, who, 60)), new Set(['a', 'b']))
})

t.test('middleware is around a group as around an address, and a group forwards', async (t) => {
  const seen: string[] = []
  await using all = fleet({
    middleware: [
      (next) => async (call) => {
        seen.push(call.method)
        return next(call)
      },
    ],
  })
  await connected(all)
  const who = all.client.remote<Who>(three, '/who')
  t.ok(hosts.includes((await outcomeAfter(all.clock, 1, who())) as 'a'))
  t.same(seen, ['/who'])
  t.type(all.client.handler(three), 'function')
})

t.test('closing the client ends what waits, and the resolver', async (t) => {
  await using all = fleet({ reconnect: true })
  let ended = false
  const resolve = polled(
    ({ signal }) =>
      new Promise(() => {
        signal!.addEventListener('abort', () => {
          ended = true
        })
      }),
    { timeoutMs: 100_000 },
  )
  const waits = all.client.remote<Who>(endpoints({ resolve }), '/who')
  const nobody = all.client.remote<Who>(three, '/who')
  const calls = [waits(), nobody(), all.client.connect(three)]
  const outcomes = calls.map((call) => outcomeAfter(all.clock, 500, call))
  t.same(await Promise.all(outcomes), Array(3).fill('goes on'))
  void all.client.close()
  for (const call of calls) t.equal(await outcomeAfter(all.clock, 1, call), 'unavailable/closed/no')
  t.equal(ended, true)
  t.equal(await outcomeAfter(all.clock, 1, waits()), 'unavailable/closed/no')
  t.throws(() => all.client.remote(['memory://x', 'memory://y'], '/who'), TypeError)
  await all.clock.advance(60_000)
  t.equal(all.clock.pending, 0)
})

t.test('cancelled and late calls do not wait on', async (t) => {
  await using all = fleet({ reconnect: true })
  const who = all.client.remote<Who>(three, '/who')
  const controller = new AbortController()
  const cancelled = who.with({ signal: controller.signal })()
  const late = who.with({ timeoutMs: 200 })()
  t.equal(await outcomeAfter(all.clock, 100, cancelled), 'goes on')
  controller.abort()
  t.equal(await outcomeAfter(all.clock, 1, cancelled), 'cancelled/cancelled/no')
  t.equal(await outcomeAfter(all.clock, 200, late), 'deadline_exceeded/deadline/no')
  t.equal(await outcomeAfter(all.clock, 5_050, who.enabled()), false)
})

t.test('what a user’s own parts throw fails that call alone, or is logged', async (t) => {
  const hooks: unknown[] = []
  await using all = fleet({ log: ({ event, hook }) => void hooks.push([event, hook]) })
  await connected(all)
  const thrower = () => {
    throw new Error('no')
  }
  const pick = consistentHash(({ headers }) => headers.get('user') ?? thrower())
  const keyed = all.client.remote<Who>(endpoints({ resolve: three, pick }), '/who')
  t.equal(await outcomeAfter(all.clock, 1, keyed()), 'internal/undefined/no')
  const waiting = endpoints({ resolve: ['memory://a', 'memory://b'], pick })
  const others = all.client.remote<Who>(waiting, '/who')
  const [bad, good] = [others(), others.with({ headers: { user: 'x' } })()]
  t.equal(await outcomeAfter(all.clock, 1, bad), 'internal/undefined/no')
  t.match(await outcomeAfter(all.clock, 1, good), /^[ab]$/)
  const unresolved = endpoints({ resolve: { watch: thrower } })
  const lost = all.client.remote<Who>(unresolved, '/who')
  t.equal(await outcomeAfter(all.clock, 1, lost()), 'unavailable/unreachable/no')
  all.sick.add('a')
  const judged = endpoints({ resolve: three, pick: roundRobin(), eject: { failure: thrower } })
  const who = all.client.remote<Who>(judged, '/who')
  t.equal((await answers(all, who, 3)).filter((each) => each === 'unavailable/undefined/yes').length, 1)
  t.ok(hooks.some((each) => `${each}` === 'hook_failed,failure'))
})

t.test('what makes no group is refused', async (t) => {
  await using all = fleet()
  t.throws(() => all.client.remote([], '/who'), TypeError)
  t.throws(() => all.client.remote(['memory://a', 'gopher://b'], '/who'), TypeError)
  t.throws(() => endpoints({ resolve: [] }), TypeError)
  t.throws(() => endpoints({ resolve: three, latencyDecayMs: 0 }), TypeError)
  t.throws(() => endpoints({ resolve: three, eject: { consecutive: -1 } }), TypeError)
})

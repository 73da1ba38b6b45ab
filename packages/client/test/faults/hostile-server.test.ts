import { type ClientOptions, createClient, endpoints } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { type RpcError, reasons } from '@hawser/contract'
import { serverStream, service } from '@hawser/schema'
import { createServer } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { frame, type HostileServer, hostileServer, kinds, type Script } from '../support/hostile-server.js'
import { until } from '../support/stack.js'

harness(t)

const Flood = service('test.Flood', { items: serverStream<string, string>() })
const { reply, error, item, end, cancel, credit, request, goaway, ping } = kinds
const settled = (call: Promise<unknown>) =>
  call.then(
    (value) => value,
    ({ code, reason, executed }: RpcError) => `${code}/${reason}/${executed}`,
  )

interface Scene extends AsyncDisposable {
  readonly server: HostileServer
  readonly client: ReturnType<typeof createClient>
  readonly closed: (string | undefined)[]
  count(event: string): number
  call(options?: { idempotent?: boolean; timeoutMs?: number; signal?: AbortSignal }): Promise<unknown>
}

async function scene(script: Script, options: Partial<ClientOptions> = {}): Promise<Scene> {
  const server = await hostileServer(script)
  const closed: (string | undefined)[] = []
  const client = createClient({
    transports: [tcp()],
    codecs: [json()],
    log: () => {},
    onClose: (_, reason) => void closed.push(reason?.reason),
    ...options,
  })
  const remote = client.remote<() => unknown>(server.address, '/x')
  return {
    server,
    client,
    closed,
    count: (event) => client.counters.get(event) ?? 0,
    call: (callOptions = {}) => settled(remote.with(callOptions)()),
    async [Symbol.asyncDispose]() {
      await client.close({ signal: AbortSignal.abort() })
      await server[Symbol.asyncDispose]()
    },
  }
}

t.test('16 answers to calls that were never made are ignored and counted, the 17th is abuse', async (t) => {
  let strays = 16
  const unknown = [
    frame(reply, 99, '1'),
    frame(error, 99, Buffer.from('0d0001000178', 'hex')),
    frame(item, 99, '1'),
    frame(end, 99),
    frame(credit, 99, Buffer.alloc(4)),
    frame(cancel, 99),
  ]
  await using all = await scene({
    received: ({ kind, id }, victim) => {
      if (kind !== request) return
      victim.send(...Array.from({ length: strays }, (_, index) => unknown[index % unknown.length]!))
      victim.send(frame(reply, id, '1'))
    },
  })
  t.equal(await all.call(), 1)
  t.equal(all.count('frame_stray'), 16)
  t.same(all.closed, [])
  strays = 1
  t.equal(await all.call(), 'unavailable/connection_lost/maybe', 'what was under way cannot be known')
  await until(() => all.closed.length > 0)
  t.same(all.closed, ['abuse'])
  t.match(all.server.frames.at(-1), { kind: goaway, detail: reasons.abuse }, 'and it is told')
  strays = 0
  t.equal(await all.call(), 1, 'another connection, another chance')
})

t.test('a call answered twice has one answer', async (t) => {
  await using all = await scene({
    received: ({ kind, id }, victim) => {
      if (kind === request)
        victim.send(frame(reply, id, '1'), frame(reply, id, '2'), frame(error, id, Buffer.alloc(5)))
    },
  })
  for (let call = 0; call < 8; call++) t.equal(await all.call(), 1)
  await until(() => all.count('frame_stray') === 16)
  t.same(all.closed, [])
  await all.call()
  await until(() => all.closed.length > 0)
  t.same(all.closed, ['abuse'])
})

t.test('an answer that comes when the call was cancelled is none, and no offence', async (t) => {
  const held: (() => void)[] = []
  await using all = await scene({
    received: ({ kind, id }, victim) => {
      if (kind === request) held.push(() => victim.send(frame(reply, id, '1')))
    },
  })
  const controllers = Array.from({ length: 40 }, () => new AbortController())
  const calls = controllers.map(({ signal }) => all.call({ signal }))
  await until(() => held.length === 40)
  for (const controller of controllers) controller.abort()
  t.same(new Set(await Promise.all(calls)), new Set(['cancelled/cancelled/maybe']))
  for (const answer of held) answer()
  const last = all.call()
  await until(() => held.length === 41)
  held.at(-1)!()
  t.equal(await last, 1)
  t.equal(all.count('frame_stray'), 0)
  held[0]!()
  await until(() => all.count('frame_stray') === 1)
})

t.test('a giant answer fails its call; one that is beyond all measure, the connection', async (t) => {
  let answer: (id: number) => Buffer = (id) => frame(reply, id, Buffer.alloc(5_000_000, 0x31))
  await using all = await scene({
    received: ({ kind, id }, victim) => {
      if (kind === request) victim.send(answer(id))
    },
  })
  t.equal(await all.call(), 'resource_exhausted/too_large/yes')
  answer = (id) => frame(reply, id, '1')
  t.equal(await all.call(), 1)
  t.same(all.closed, [], 'the connection is kept')
  const before = process.memoryUsage().arrayBuffers
  answer = () => Buffer.from('ffffffff03000000', 'hex')
  t.equal(await all.call(), 'unavailable/connection_lost/maybe')
  t.ok(process.memoryUsage().arrayBuffers - before < 32_000_000, 'nothing is set aside for it')
  await until(() => all.closed.length > 0)
  t.same(all.closed, ['too_large'])
})

t.test('an endless stream that minds no credit is cut off, in bounds', async (t) => {
  const body = JSON.stringify('x'.repeat(8_000))
  let sent = 0
  await using all = await scene({
    received: ({ kind, id }, victim) => {
      if (kind !== request) return
      victim.send(frame(reply, id, '', 8))
      const items = Buffer.concat(Array.from({ length: 16 }, () => frame(item, id, body)))
      const more = () => {
        while (!victim.socket.destroyed && victim.socket.writable) {
          sent += 16
          if (!victim.socket.write(items)) break
        }
      }
      victim.socket.on('drain', more)
      more()
    },
  })
  const stream = all.client.stub(Flood, all.server.address).items('x')
  const got: unknown[] = []
  try {
    for await (const each of stream) {
      got.push(each.length)
      // Longer than the flood needs to fill everything there is.
      if (got.length === 1) await new Promise((resolve) => setTimeout(resolve, 100))
    }
  } catch (failure) {
    got.push((failure as RpcError).reason)
  }
  t.equal(got.at(-1), 'overloaded')
  t.ok(got.length < 50, `${got.length} items were kept`)
  await until(() => all.closed.length > 0)
  t.same(all.closed, ['abuse'], 'what goes on coming after that ends the connection')
  await until(() => all.server.open === 0)
  t.ok(sent < 20_000, `${sent} items were sent`)
})

t.test('an endless stream that minds its credit ends when the call does', async (t) => {
  let streaming = 0
  await using all = await scene({
    received: ({ kind, id }, victim) => {
      if (kind === request) {
        streaming = id
        victim.send(frame(reply, id, '', 8))
      }
      if (kind === request || kind === credit)
        for (let count = 0; count < 50; count++) victim.send(frame(item, streaming, '"y"'))
    },
  })
  const stream = all.client.stub(Flood, all.server.address).items.with({ timeoutMs: 200 })('x')
  let got = 0
  const reading = (async () => {
    for await (const _ of stream) got++
  })()
  t.equal(await settled(reading), 'deadline_exceeded/deadline/maybe')
  t.ok(got > 0)
  t.same(all.closed, [])
})

t.test('a server that refuses everything, as if nothing had been run, is asked a few times', async (t) => {
  for (const [code, reason, facts] of [
    [8, reasons.overloaded, 4],
    [14, reasons.draining, 4],
  ] as const) {
    let asked = 0
    await using all = await scene({
      received: ({ kind, id }, victim) => {
        if (kind !== request) return
        asked++
        victim.send(frame(error, id, Buffer.from([code, reason, facts, 0, 0])))
      },
    })
    const began = performance.now()
    t.match(await all.call({ timeoutMs: 60_000 }), /\/no$/)
    t.equal(asked, 3)
    t.ok(performance.now() - began < 5_000)
  }
})

for (const hangsUp of [true, false])
  t.test(
    `a goaway for every connection: each is waited for longer, ${hangsUp ? '' : 'not '}hanging up`,
    async (t) => {
      await using all = await scene({
        connected: (victim) => {
          victim.send(frame(goaway, 0, '', 0, reasons.draining))
          if (hangsUp) victim.socket.end()
        },
      })
      const until = performance.now() + 1_200
      const outcomes: unknown[] = []
      while (performance.now() < until) outcomes.push(await all.call({ timeoutMs: 400 }))
      t.ok(outcomes.length >= 3)
      for (const outcome of outcomes) t.match(outcome, /\/no$/)
      // At once, at once, then after 50, 100, 200, 400 and 800 ms.
      t.ok(all.server.connections <= 8, `${all.server.connections} connections`)
    },
  )

t.test('the same in a group: the others answer, and it is hardly asked', async (t) => {
  await using all = await scene({
    connected: (victim) => victim.send(frame(goaway, 0, '', 0, reasons.draining)),
  })
  await using server = createServer({ transports: [tcp()], codecs: [json()], log: () => {} })
  server.rpc('/x', () => 'here')
  const { address } = await server.listen('tcp://127.0.0.1:0')
  const group = endpoints({ resolve: [all.server.address, address] })
  const remote = all.client.remote<() => string>(group, '/x')
  const until = performance.now() + 600
  const said = new Set<string>()
  let calls = 0
  for (; performance.now() < until; calls++) said.add(await remote())
  t.same([...said], ['here'])
  t.ok(calls > 100)
  t.ok(all.server.connections <= 8, `${all.server.connections} connections for ${calls} calls`)
  await all.client.close()
})

t.test('pings without end are abuse', async (t) => {
  await using all = await scene({
    received: ({ kind, id }, victim) => {
      if (kind === request)
        victim.send(...Array.from({ length: 8 }, () => frame(ping, 1)), frame(reply, id, '1'))
    },
  })
  t.equal(await all.call(), 'unavailable/connection_lost/maybe')
  await until(() => all.closed.length > 0)
  t.same(all.closed, ['abuse'])
})

t.test('a server that takes connections and says nothing fails the handshake in its time', async (t) => {
  await using all = await scene({ hello: false }, { limits: { handshakeMs: 200 } })
  t.match(await all.call({ timeoutMs: 2_000 }), /^unavailable\/connection_lost\/maybe$/)
})

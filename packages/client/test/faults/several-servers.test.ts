import { createClient, endpoints, polled } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { RpcError } from '@hawser/contract'
import { createServer, type Server } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { type Effect, load, type Outcomes, violations } from '../support/load.js'
import { ledger, serverProcess } from '../support/server-process.js'
import { until } from '../support/stack.js'

harness(t)

const parts = { transports: [tcp()], codecs: [json()], log: () => {} }
const failuresOf = (outcomes: Outcomes) => [...outcomes.values()].filter((outcome) => RpcError.is(outcome))

t.test('F9 one of three servers is killed under load: only what may have run fails', async (t) => {
  using effects = ledger()
  const servers = await Promise.all([0, 1, 2].map(() => serverProcess(effects)))
  await using client = createClient(parts)
  const effect: Effect = client.remote(
    servers.map(({ address }) => address),
    '/effect',
  )
  const once = load(effect, 'once-', 12)
  const often = load(effect.with({ idempotent: true }), 'often-', 12)
  await Promise.all([once.progress(), often.progress()])
  await servers[0]!.end('SIGKILL')
  for (let round = 0; round < 3; round++) await Promise.all([once.progress(), often.progress()])
  const [single, repeated] = await Promise.all([once.stop(), often.stop()])
  for (const { code, reason, executed } of failuresOf(single))
    t.match({ code, reason, executed }, { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' })
  t.ok(failuresOf(single).length <= 12, 'of those under way at that moment')
  t.same(failuresOf(repeated), [])
  t.same(violations(single, effects, 1), [])
  t.same(violations(repeated, effects, 2), [])
  await client.close()
  await Promise.all(servers.slice(1).map((server) => server.end('SIGTERM')))
})

/** A server in this process, that counts what it does. */
async function serve(address = 'tcp://127.0.0.1:0'): Promise<Listening> {
  const server = createServer(parts)
  const done = new Map<string, number>()
  server.rpc('/effect', async (id: string, milliseconds: number) => {
    done.set(id, (done.get(id) ?? 0) + 1)
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    return id
  })
  const listener = await server.listen(address)
  return { server, done, address: listener.address }
}

interface Listening {
  readonly server: Server
  /** How often it has done each thing. */
  readonly done: ReadonlyMap<string, number>
  readonly address: string
}

/** One for each time that something was done. */
function ids({ done }: Listening): string[] {
  return [...done].flatMap(([id, count]) => Array<string>(count).fill(id))
}

t.test('F8 three servers restarted one by one under load: no call fails, none happens twice', async (t) => {
  const servers = await Promise.all([0, 1, 2].map(() => serve()))
  const done: string[] = []
  await using client = createClient(parts)
  const effect: Effect = client.remote(
    servers.map(({ address }) => address),
    '/effect',
  )
  const running = load(effect, 'call-', 24)
  await running.progress()
  for (let round = 0; round < 4; round++)
    for (const [index, { server, address }] of servers.entries()) {
      const closed = server.close()
      await running.progress()
      await closed
      done.push(...ids(servers[index]!))
      servers[index] = await serve(address)
      // Dialled again by itself, once its wait is over.
      await until(() => servers[index]!.done.size > 0)
    }
  const outcomes = await running.stop()
  t.same(failuresOf(outcomes), [])
  for (const server of servers) done.push(...ids(server))
  t.same(done.toSorted(), [...outcomes.keys()].toSorted())
  await client.close()
  await Promise.all(servers.map(({ server }) => server.close()))
})

t.test('F31 a service that moves to other addresses under load: no call fails', async (t) => {
  const [a, b] = [await serve(), await serve()]
  let list = [a.address]
  await using client = createClient(parts)
  const group = endpoints({ resolve: polled(() => list, { everyMs: 20 }) })
  const effect: Effect = client.remote(group, '/effect')
  const running = load(effect, 'call-', 8)
  await running.progress()
  list = [b.address]
  await until(() => b.done.size > 0)
  const before = a.done.size
  await running.progress()
  t.ok(a.done.size - before <= 8, 'the old one gets no more')
  await a.server.close()
  await running.progress()
  list = []
  await running.progress()
  t.same(failuresOf(await running.stop()), [])
  await client.close()
  await b.server.close()
})

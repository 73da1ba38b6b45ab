import { createClient, type RemoteFunction } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { chaosProxy, harness } from '@hawser/compliance/harness'
import { RpcError } from '@hawser/contract'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { type Ledger, ledger, serverProcess } from '../support/server-process.js'
import { until } from '../support/stack.js'

harness(t)

type Effect = RemoteFunction<(id: string, milliseconds: number) => string>

/** What became of each call, by its id. */
type Outcomes = Map<string, 'success' | RpcError>

interface Load {
  /** Resolves when some more calls have succeeded. */
  progress(): Promise<void>
  stop(): Promise<Outcomes>
}

const timeoutMs = 20_000

/** Keeps so many calls under way until it is told to stop. */
function load(remote: Effect, prefix: string, width: number): Load {
  const effect = remote.with({ timeoutMs })
  const outcomes: Outcomes = new Map()
  let count = 0
  let successes = 0
  let stopped = false
  const work = async () => {
    while (!stopped) {
      const id = `${prefix}${count++}`
      const started = performance.now()
      const outcome = await effect(id, count % 20).then(
        (echoed) => {
          if (echoed !== id) throw new Error(`I3: ${id} was answered with ${echoed}`)
          return 'success' as const
        },
        (error: RpcError) => error,
      )
      if (performance.now() - started > timeoutMs + 500)
        throw new Error(`I1: ${id} settled after its deadline`)
      if (outcomes.has(id)) throw new Error(`I1: ${id} settled twice`)
      outcomes.set(id, outcome)
      if (outcome === 'success') successes++
      else await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const workers = Array.from({ length: width }, work)
  return {
    progress() {
      const enough = successes + 4 * width
      return until(() => successes >= enough, timeoutMs)
    },
    async stop() {
      stopped = true
      await Promise.all(workers)
      return outcomes
    },
  }
}

/** I2: at most one effect for each call that may not run twice, exactly one where the caller saw success. */
function violations(outcomes: Outcomes, effects: Ledger, most: number): string[] {
  const counts = effects.counts()
  return [...outcomes].flatMap(([id, outcome]) => {
    const count = counts.get(id) ?? 0
    if (count > most) return [`${id} happened ${count} times`]
    if (outcome === 'success' && count === 0) return [`${id} succeeded without happening`]
    if (outcome !== 'success' && outcome.executed === 'no' && count > 0)
      return [`${id} happened, and said no`]
    return []
  })
}

t.test('F8 servers replaced one by one under load: no call fails, none happens twice', async (t) => {
  using effects = ledger()
  let current = await serverProcess(effects)
  await using proxy = await chaosProxy({
    get port() {
      return current.port
    },
  })
  await using client = createClient({ transports: [tcp()], codecs: [json()], log: () => {} })
  const effect: Effect = client.remote(`tcp://127.0.0.1:${proxy.port}`, '/effect')
  const running = load(effect, 'call-', 8)
  for (let restart = 0; restart < 2; restart++) {
    const old = current
    current = await serverProcess(effects)
    const started = performance.now()
    t.equal(await old.end('SIGTERM'), 0, 'the old one leaves in peace')
    t.ok(performance.now() - started < 5_000)
    await running.progress()
  }
  const outcomes = await running.stop()
  const failures = [...outcomes.values()].filter((outcome) => RpcError.is(outcome))
  t.same(failures, [])
  t.same(violations(outcomes, effects, 1), [])
  await client.close()
  await current.end('SIGTERM')
})

t.test(
  'F9 servers killed under load: calls that may run twice succeed, the others at most once',
  async (t) => {
    using effects = ledger()
    let current = await serverProcess(effects)
    const { port, address } = current
    await using client = createClient({
      transports: [tcp()],
      codecs: [json()],
      reconnect: true,
      log: () => {},
    })
    const effect: Effect = client.remote(address, '/effect')
    const once = load(effect, 'once-', 4)
    const often = load(effect.with({ idempotent: true }), 'often-', 4)
    for (let kill = 0; kill < 2; kill++) {
      await Promise.all([once.progress(), often.progress()])
      await current.end('SIGKILL')
      current = await serverProcess(effects, { port })
    }
    await Promise.all([once.progress(), often.progress()])
    const [single, repeated] = await Promise.all([once.stop(), often.stop()])
    t.same(violations(single, effects, 1), [])
    t.same(violations(repeated, effects, 3), [])
    const failures = [...single.values()].filter((outcome) => RpcError.is(outcome))
    t.ok(failures.length > 0, 'some calls were under way')
    for (const { code, executed, reason } of failures)
      t.match(
        { code, executed, reason },
        { code: 'unavailable', executed: 'maybe', reason: 'connection_lost' },
      )
    t.same(
      [...repeated.values()].filter((outcome) => RpcError.is(outcome)),
      [],
    )
    await client.close()
    await current.end('SIGTERM')
  },
)

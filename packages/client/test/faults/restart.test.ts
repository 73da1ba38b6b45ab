import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { chaosProxy, harness } from '@hawser/compliance/harness'
import { RpcError } from '@hawser/contract'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { type Effect, load, violations } from '../support/load.js'
import { ledger, serverProcess } from '../support/server-process.js'

harness(t)

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

import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import type { Limits } from '@hawser/contract'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { ledger, serverProcess } from '../support/server-process.js'

harness(t)

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

function block(milliseconds: number): void {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

// As the defaults, thirty times faster.
const limits: Partial<Limits> = { keepAliveMs: 900, keepAliveTimeoutMs: 300, keepAliveFloorMs: 200 }

t.test(
  'F10 a server stopped for a while is slow, one stopped for long is left and found again',
  async (t) => {
    using effects = ledger()
    await using server = await serverProcess(effects, { limits })
    const reasons: unknown[] = []
    await using client = createClient({
      transports: [tcp()],
      codecs: [json()],
      limits,
      log: () => {},
      onClose: (_, reason) => void reasons.push(reason?.reason),
    })
    const effect = client.remote<(id: string) => string>(server.address, '/effect')
    t.equal(await effect('before'), 'before')
    server.child.kill('SIGSTOP')
    const slow = effect('slow')
    await sleep(250)
    server.child.kill('SIGCONT')
    t.equal(await slow, 'slow', 'shorter than the timeout: only late')
    t.same(reasons, [])

    server.child.kill('SIGSTOP')
    const stoppedAt = performance.now()
    await t.rejects(effect('lost'), { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' })
    t.ok(performance.now() - stoppedAt < 1_500, 'noticed within its time')
    t.same(reasons, ['silent'])
    server.child.kill('SIGCONT')
    t.equal(await effect('after'), 'after', 'a new connection; what the old one still says is nobody’s')
    await sleep(50)
    t.same(client.counters.get('connection_silent'), 1)
    t.ok([...effects.counts().values()].every((count) => count === 1))
  },
)

t.test('F11 an answer that came before the deadline wins, though its reader was busy past it', async (t) => {
  using effects = ledger()
  await using server = await serverProcess(effects)
  await using client = createClient({ transports: [tcp()], codecs: [json()], log: () => {} })
  const effect = client.remote<(id: string, ms?: number) => string>(server.address, '/effect')
  await effect('before')
  const early = effect.with({ timeoutMs: 200 })('early')
  const late = effect
    .with({ timeoutMs: 200 })('late', 2_000)
    .catch((error) => error)
  // The call leaves with this turn; from then on nothing is read.
  await new Promise((resolve) => setImmediate(resolve))
  block(600)
  t.equal(await early, 'early')
  t.match(await late, { code: 'deadline_exceeded' })
})

t.test(
  'F12 what has expired while the server was blocked is not run, and pings answered late harm nobody',
  async (t) => {
    using effects = ledger()
    await using server = await serverProcess(effects, { limits: { ...limits, keepAliveTimeoutMs: 3_000 } })
    const reasons: unknown[] = []
    await using client = createClient({
      transports: [tcp()],
      codecs: [json()],
      limits: { ...limits, keepAliveTimeoutMs: 3_000 },
      log: () => {},
      onClose: (_, reason) => void reasons.push(reason),
    })
    const effect = client.remote<(id: string) => string>(server.address, '/effect')
    await effect('before')
    const blocked = client.remote<(ms: number) => void>(server.address, '/block')(700)
    const expired = Array.from({ length: 10 }, (_, n) =>
      effect
        .with({ timeoutMs: 300 })(`expired-${n}`)
        .catch((error) => error.code),
    )
    const patient = effect('patient')
    t.same(await Promise.all(expired), Array(10).fill('deadline_exceeded'))
    await blocked
    t.equal(await patient, 'patient')
    t.same([...effects.counts().keys()], ['before', 'patient'], 'nothing that had expired was run')
    t.same(reasons, [])
  },
)

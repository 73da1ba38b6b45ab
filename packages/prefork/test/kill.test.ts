import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { Load } from './support/ledger.js'
import { scene, until } from './support/scene.js'

harness(t)

// More for a long run.
const kills = Number(process.env.KILLS ?? 4)

t.test(
  'F9 F24 children are killed under load, every call settles, siblings serve on',
  { timeout: 60_000 + 3_000 * kills },
  async (t) => {
    await using it = await scene({ model: 'prefork-async', workers: 3 })
    const load = new Load(it, 2, 4)
    let longest = 0
    for (let kill = 0; kill < kills; kill++) {
      const calls = load.calls
      await until(() => load.calls > calls + 20)
      const busy = it.running.children.filter(
        ({ state, connections }) => state === 'ready' && connections > 0,
      )
      const { pid, worker, generation } = busy[kill % busy.length]!
      process.kill(pid!, 'SIGKILL')
      const begun = performance.now()
      const next = () =>
        it.running.children.some((child) => child.worker === worker && child.generation > generation)
      await until(next)
      longest = Math.max(longest, performance.now() - begun)
    }
    const { calls, answered, failures, wrong } = await load.stop()
    t.comment(`${calls} calls, ${answered} answered, ${JSON.stringify([...failures])}`)
    t.ok(longest < 1_000, `begun anew within ${longest.toFixed(0)} ms`)
    t.ok(answered > calls / 2)
    t.same(
      [...failures.keys()].filter((kind) => kind !== 'unavailable/connection_lost/maybe'),
      [],
    )
    t.same(wrong, [])
    t.notOk(it.events().includes('crash_loop'))
  },
)

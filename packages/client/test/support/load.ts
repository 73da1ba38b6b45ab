import type { RemoteFunction } from '@hawser/client'
import type { RpcError } from '@hawser/contract'
import type { Ledger } from './server-process.js'
import { until } from './stack.js'

/** What servers of `server-process.mjs` have an effect by. */
export type Effect = RemoteFunction<(id: string, milliseconds: number) => string>

/** What became of each call, by its id. */
export type Outcomes = Map<string, 'success' | RpcError>

/** Calls under way all the time. */
export interface Load {
  /** Resolves when some more calls have succeeded. */
  progress(): Promise<void>
  stop(): Promise<Outcomes>
}

const timeoutMs = 20_000

/** Keeps so many calls under way until it is told to stop. */
export function load(remote: Effect, prefix: string, width: number): Load {
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
export function violations(outcomes: Outcomes, effects: Ledger, most: number): string[] {
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

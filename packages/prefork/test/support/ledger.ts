import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RpcError } from '@hawser/contract'
import type { Scene } from './scene.js'

/** What callers were told, and what was really done. */
export interface Account {
  readonly calls: number
  readonly answered: number
  /** How the others failed, and how often. */
  readonly failures: ReadonlyMap<string, number>
  /** Calls done more than once, done though they were said not to be, or answered and not done. */
  readonly wrong: readonly string[]
}

/** Calls what must not be done twice, without a pause from several clients, until told to stop. */
export class Load {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ledger-'))
  readonly #path = join(this.#folder, 'done')
  readonly #outcomes = new Map<string, RpcError | undefined>()
  readonly #callers: Promise<void>[]
  #stopped = false

  constructor(scene: Scene, clients: number, each: number) {
    const callers = Array.from({ length: clients }, () => scene.client())
    this.#callers = Array.from({ length: clients * each }, async (_, index) => {
      const caller = callers[index % clients]!
      for (let count = 0; !this.#stopped; count++) {
        const line = `${index}/${count}`
        const failure = await caller.call<string>('/note', this.#path, line).then(
          (noted) => (noted === line ? undefined : new RpcError('data_loss', 'Another answer')),
          (error: unknown) => RpcError.from(error),
        )
        this.#outcomes.set(line, failure)
      }
    })
  }

  get calls(): number {
    return this.#outcomes.size
  }

  async stop(): Promise<Account> {
    this.#stopped = true
    await Promise.all(this.#callers)
    const times = new Map<string, number>()
    for (const line of readFileSync(this.#path, 'utf8').trimEnd().split('\n'))
      times.set(line, (times.get(line) ?? 0) + 1)
    rmSync(this.#folder, { recursive: true })
    const failures = new Map<string, number>()
    const wrong: string[] = []
    for (const [line, failure] of this.#outcomes) {
      const done = times.get(line) ?? 0
      const fits = failure ? done === 0 || (done === 1 && failure.executed !== 'no') : done === 1
      if (!fits) wrong.push(`${line}: done ${done} times, ${failure?.message ?? 'answered'}`)
      if (!failure) continue
      const kind = `${failure.code}/${failure.reason}/${failure.executed}`
      failures.set(kind, (failures.get(kind) ?? 0) + 1)
    }
    const failed = [...failures.values()].reduce((sum, count) => sum + count, 0)
    return { calls: this.#outcomes.size, answered: this.#outcomes.size - failed, failures, wrong }
  }
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Worker } from 'node:worker_threads'
import type { Test } from 'tap'

/** How strict {@link harness} is. */
export interface HarnessOptions {
  /** How long, in milliseconds, what a test closed may take to be gone. Default 2000. */
  readonly graceMs?: number
}

// What only says that the loop is in the middle of something, and is over by itself.
const passing: ReadonlySet<string> = new Set(['Immediate', 'TickObject', 'Microtask'])
const shared: readonly object[] = [Object.prototype, Array.prototype, Function.prototype]

/** What a test starts with, and has to leave behind. */
interface Baseline {
  readonly resources: ReadonlyMap<string, number>
  readonly prototypes: readonly string[]
  readonly warnings: number
}

/**
 * Watches every test below `t`, at any depth. A test fails that leaves a socket, server, timer, worker, child process or
 * pipe behind, that causes a process warning, or that changes a built-in prototype. What is unref'd is not seen. Uncaught
 * exceptions and unhandled rejections are failures of tap's own.
 *
 * Call it once, before the first test. Tests run one after the other; in parallel they would be blamed for each other.
 */
export function harness(t: Test, options: HarnessOptions = {}): void {
  const graceMs = options.graceMs ?? 2_000
  const baselines = new WeakMap<Test, Baseline>()
  const warnings: Error[] = []
  const onWarning = (warning: Error) => {
    if (warning.name !== 'ExperimentalWarning') warnings.push(warning)
  }
  process.on('warning', onWarning)
  // A worker keeps the process alive without being among its resources.
  const workers = new Set<Worker>()
  const onWorker = (message: unknown) => {
    const { worker } = message as { readonly worker: Worker }
    workers.add(worker)
    worker.once('exit', () => workers.delete(worker))
  }
  subscribe('worker_threads', onWorker)
  t.teardown(() => {
    process.off('warning', onWarning)
    unsubscribe('worker_threads', onWorker)
  })
  const resources = () => resourcesBeside(workers.size)
  // Both are made when first used, and would be blamed on whichever test that is.
  void process.stdout
  void process.stderr

  t.beforeEach((test) => {
    baselines.set(test as Test, {
      resources: resources(),
      prototypes: prototypes(),
      warnings: warnings.length,
    })
  })
  t.afterEach(async (test) => {
    const baseline = baselines.get(test as Test)
    if (!baseline) return
    const faults = await leftovers(baseline.resources, resources, graceMs)
    for (const warning of warnings.slice(baseline.warnings)) faults.push(`the warning ${warning.message}`)
    if (prototypes().join() !== baseline.prototypes.join()) faults.push('a change of a built-in prototype')
    if (faults.length > 0) throw new Error(`The test "${test.name}" left behind: ${faults.join(', ')}`)
  })
}

function resourcesBeside(workers: number): Map<string, number> {
  const counts = new Map<string, number>([['Worker', workers]])
  for (const kind of process.getActiveResourcesInfo())
    if (!passing.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

function prototypes(): string[] {
  return shared.flatMap((prototype) => Reflect.ownKeys(prototype).map(String))
}

async function leftovers(
  before: ReadonlyMap<string, number>,
  resources: () => ReadonlyMap<string, number>,
  graceMs: number,
): Promise<string[]> {
  // Warnings are told in a later turn than they are made in.
  await new Promise((resolve) => setImmediate(resolve))
  const until = performance.now() + graceMs
  for (;;) {
    const left: string[] = []
    for (const [kind, count] of resources()) {
      const more = count - (before.get(kind) ?? 0)
      if (more > 0) left.push(`${more} ${kind}`)
    }
    if (left.length === 0 || performance.now() > until) return left
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

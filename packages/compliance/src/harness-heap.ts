import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/** The heap in use, in bytes, with everything collected that can be. */
export async function heapUsed(): Promise<number> {
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  let used = Number.POSITIVE_INFINITY
  // Finalisers and closing handles let go in later turns; it is done when another round finds nothing more.
  for (let round = 0; round < 10; round++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    collect()
    const now = process.memoryUsage().heapUsed
    if (now > used - 10_000) return Math.min(now, used)
    used = now
  }
  return used
}

/** How {@link heapGrowth} measures. */
export interface HeapGrowthOptions {
  /** How often the work is done between the two measurements. Default 5. */
  readonly rounds?: number
  /** How often it is done before the first, to fill caches and compile. Default 2. */
  readonly warmUp?: number
}

/** By how many bytes the heap grows when some work is repeated. */
export async function heapGrowth(
  work: () => Promise<void>,
  options: HeapGrowthOptions = {},
): Promise<number> {
  const { rounds = 5, warmUp = 2 } = options
  for (let round = 0; round < warmUp; round++) await work()
  const before = await heapUsed()
  for (let round = 0; round < rounds; round++) await work()
  return (await heapUsed()) - before
}

import type { Stack } from './stack.js'

const inFlight = 64
// What is not compiled yet, and a neighbour that needs the processor, would say more about themselves than about the stack.
const warmUpMs = 80
const windowMs = 40
const windows = 3

/** Calls per second of a small method with 64 under way at any time: the best of three short measurements. */
export async function measureRate({ texts }: Stack): Promise<number> {
  const callFor = async (milliseconds: number) => {
    const start = performance.now()
    let calls = 0
    const caller = async () => {
      while (performance.now() - start < milliseconds) {
        const number = calls++
        if ((await texts.toText(number)) !== String(number)) throw new Error('Another call was answered')
      }
    }
    await Promise.all(Array.from({ length: inFlight }, caller))
    return calls / ((performance.now() - start) / 1_000)
  }
  await callFor(warmUpMs)
  let best = 0
  for (let window = 0; window < windows; window++) best = Math.max(best, await callFor(windowMs))
  return best
}

/** Runs something so many times, at most so many at a time. */
export async function inBatches(count: number, step: () => Promise<unknown>, width = 50): Promise<void> {
  let left = count
  const runner = async (): Promise<void> => {
    while (left > 0) {
      left--
      await step()
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, runner))
}

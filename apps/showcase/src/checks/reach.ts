import { Progress } from '../service.js'
import type { Check } from './check.js'
import { expect, expectEqual } from './expect.js'
import { statisticsOf } from './kinds.js'

const outerMs = 2_000
const files = 3

/** The server speaks unasked. */
export const push: Check = {
  name: 'push',
  about: 'the server counts all texts, and notifies of each as it goes',
  async run({ texts, library, pushed }) {
    const before = pushed.length
    const { files, words } = await texts.countAll({})
    expectEqual(
      'notifications',
      pushed.slice(before),
      [...library].map(([file, text]) => ({
        type: Progress.name,
        message: { file, words: statisticsOf(text).words },
      })),
    )
    expectEqual('sum', { files, words }, { files: library.size, words: wordsOf(library.values()) })
  },
}

/** A handler that calls. */
export const nested: Check = {
  name: 'nested',
  about: `a handler has ${files} texts counted by calls of its own: these inherit its deadline`,
  async run({ texts, library, way }) {
    const some = [...library.keys()].slice(0, files)
    const { counts } = await texts.compare.with({ timeoutMs: outerMs })({ files: some, over: way })
    expectEqual(
      'counts',
      counts.map(({ file, words }) => ({ file, words })),
      some.map((file) => ({ file, words: statisticsOf(library.get(file)!).words })),
    )
    for (const { remainingMs } of counts)
      expect(
        `${remainingMs.toFixed(0)} ms were left of ${outerMs}`,
        remainingMs > 0 && remainingMs <= outerMs,
      )
  },
}

function wordsOf(texts: Iterable<string>): number {
  let words = 0
  for (const text of texts) words += statisticsOf(text).words
  return words
}

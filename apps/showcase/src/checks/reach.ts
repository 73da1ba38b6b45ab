import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { pull as subscribe } from '@hawser/push'
import { News, Progress } from '../service.js'
import type { Check } from './check.js'
import { expect, expectEqual } from './expect.js'
import { statisticsOf } from './kinds.js'

const outerMs = 2_000
const files = 3
const told = ['ready', 'steady', 'go']

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

/** The server speaks to all who want to hear. */
export const pull: Check = {
  name: 'pull',
  about: `a topic is pulled; ${told.length} words published to it come in that order, none missing`,
  async run({ texts, client, address }) {
    const id = randomUUID()
    const words: string[] = []
    const news = subscribe(client, address, '/words', { type: News, numbered: true })
    const first = news.next()
    // Somebody has to be there when it is published: until a first word comes, it is told again.
    let there = false
    const begun = first.then(({ value }) => {
      there = true
      return value!.number
    })
    begun.catch(() => {})
    while (!there) {
      await texts.tell({ id: '', words: ['hello'] })
      await Promise.race([begun, setImmediate()])
    }
    let last = await begun
    await texts.tell({ id, words: told })
    for await (const { number, value } of news) {
      expectEqual('number', number, ++last)
      if (value.id === id) words.push(value.word)
      if (words.length === told.length) break
    }
    expectEqual('words', words, told)
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

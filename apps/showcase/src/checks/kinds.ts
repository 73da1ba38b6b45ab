import { randomUUID } from 'node:crypto'
import { type Library, piecesOf, wholeText } from '../library.js'
import type { Match, Statistics } from '../service.js'
import type { Check } from './check.js'
import { expectEqual } from './expect.js'

// Odd on purpose: lines and words are cut in all places.
const pieceSize = 4_093
const sought = 'import '

/** One request, one answer. */
export const unary: Check = {
  name: 'unary',
  about: 'the longest text goes over, its statistics come back',
  async run({ texts, library }) {
    const text = longestOf(library)
    expectEqual('statistics', await texts.measure({ text }), statisticsOf(text))
  },
}

/** A request that nobody answers. */
export const oneway: Check = {
  name: 'oneway',
  about: 'a note is left; a second call asks whether it arrived',
  async run({ texts }) {
    const id = randomUUID()
    await texts.note({ id, word: 'hawser' })
    expectEqual('note', await texts.noted({ id }), { word: 'hawser' })
  },
}

/** One request, a stream of answers. */
export const serverStream: Check = {
  name: 'server',
  about: 'server stream: every line of all texts that holds a word',
  async run({ texts, library }) {
    const found: Match[] = []
    for await (const match of texts.search({ words: sought })) found.push(match)
    const expected = [...library].flatMap(([file, text]) =>
      text
        .split('\n')
        .map((line, index) => ({ file, line: index + 1, text: line }))
        .filter((match) => match.text.includes(sought))
        .map((match) => ({ ...match, text: match.text.trim() })),
    )
    expectEqual('matches', found, expected)
  },
}

/** A stream of requests, one answer. */
export const clientStream: Check = {
  name: 'client',
  about: 'client stream: all texts go over in pieces, their statistics come back',
  async run({ texts, library }) {
    const text = wholeText(library)
    expectEqual('statistics', await texts.measurePieces(piecesOf(text, pieceSize)), statisticsOf(text))
  },
}

/** A stream each way. */
export const duplex: Check = {
  name: 'duplex',
  about: 'the longest text in pieces, each line counted as soon as it is whole',
  async run({ texts, library }) {
    const text = longestOf(library)
    const counts: number[] = []
    for await (const { line, words } of texts.countLines(piecesOf(text, pieceSize))) {
      expectEqual('line', line, counts.length + 1)
      counts.push(words)
    }
    expectEqual('words of the lines', counts, linesOf(text).map(wordCount))
  },
}

/** Counted the plain way, on the whole text: what the server's answers are held against. */
export function statisticsOf(text: string): Statistics {
  const words = wordsOf(text)
  const longest = words.reduce((longest, word) => (word.length > longest.length ? word : longest), '')
  return { lines: linesOf(text).length, words: words.length, characters: text.length, longest }
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

function wordCount(text: string): number {
  return wordsOf(text).length
}

function longestOf(library: Library): string {
  return [...library.values()].reduce((longest, text) => (text.length > longest.length ? text : longest), '')
}

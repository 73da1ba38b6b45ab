import { setImmediate } from 'node:timers/promises'
import type { Client } from '@hawser/client'
import { type Call, RpcError } from '@hawser/contract'
import { topic } from '@hawser/push'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import { type Library, wholeText } from './library.js'
import { TextMeter } from './meter.js'
import { Notes } from './notes.js'
import { type Match, News, NoText, notices, Progress, type Statistics, Texts } from './service.js'

/** What the server is made of besides its strands. */
export interface ServerParts {
  readonly library: Library
  /** What its own, nested calls are made with. */
  readonly client: Client
  /** Where it listens, by the name of the transport. */
  readonly addresses: ReadonlyMap<string, string>
}

/** The server of the showcase. */
export function createTextServer(
  options: ServerOptions,
  { library, client, addresses }: ServerParts,
): Server {
  const notes = new Notes()
  const server = createServer({ ...options, notices })
  const words = topic(server, '/words', { type: News })

  server.rpc('/to_string', (value: unknown) => String(value))
  server.rpc('/measure', (file: string) => statisticsOf(textOf(library, file)))
  server.rpc('/search', (words: string) => [...matches(library, words)].slice(0, 10))

  server.implement(Texts, {
    toText: (value) => String(value),
    measure: ({ text }) => statisticsOf(text),
    read: ({ file }) => ({ text: textOf(library, file) }),
    search: ({ words }) => matches(library, words),
    async measurePieces(pieces) {
      const meter = new TextMeter()
      for await (const { piece } of pieces) meter.push(piece)
      meter.end()
      return meter.statistics
    },
    async *countLines(pieces) {
      const meter = new TextMeter()
      for await (const { piece } of pieces) yield* meter.push(piece)
      yield* meter.end()
    },
    countAll(_, call) {
      let words = 0
      for (const [file, text] of library) {
        const counted = statisticsOf(text).words
        words += counted
        call.connection?.notify(Progress.name, { file, words: counted })
      }
      return { files: library.size, words }
    },
    async compare({ files, over }) {
      const address = addresses.get(over)
      if (address === undefined) throw new RpcError('not_found', `There is no transport ${over} here`)
      const { count } = client.stub(Texts, address)
      return { counts: await Promise.all(files.map((file) => count({ file }))) }
    },
    count: ({ file }, call) => ({
      file,
      words: statisticsOf(textOf(library, file)).words,
      remainingMs: call.deadline - performance.now(),
    }),
    async *follow({ id }, call) {
      const lines = wholeText(library).split('\n')
      try {
        for (let at = 0; ; at = (at + 1) % lines.length) yield { line: lines[at]! }
      } finally {
        notes.leave(id, fateOf(call))
      }
    },
    async ponder({ id }, call) {
      const text = wholeText(library)
      // Made here, so that the texts do not hold it.
      const missing = `the ${'very '.repeat(100)}last word`
      while (!call.signal.aborted) {
        if (text.includes(missing)) throw new RpcError('internal', 'The texts hold what they cannot')
        await setImmediate()
      }
      notes.leave(id, fateOf(call))
      throw call.signal.reason
    },
    tell({ id, words: told }) {
      for (const word of told) words.publish({ id, word })
    },
    note: ({ id, word }) => notes.leave(id, word),
    noted: async ({ id }, call) => ({ word: await notes.take(id, call) }),
  })
  return server
}

function textOf(library: Library, file: string): string {
  const text = library.get(file)
  if (text === undefined)
    throw new NoText({ message: `There is no text ${file} here`, file, texts: library.size })
  return text
}

function statisticsOf(text: string): Statistics {
  const meter = new TextMeter()
  meter.push(text)
  meter.end()
  return meter.statistics
}

function* matches(library: Library, words: string): Generator<Match> {
  for (const [file, text] of library)
    for (const [index, line] of text.split('\n').entries())
      if (line.includes(words)) yield { file, line: index + 1, text: line.trim() }
}

// Why a call ended, as the server saw it.
function fateOf({ cancelReason }: Call): string {
  return RpcError.is(cancelReason) ? cancelReason.code : 'finished'
}

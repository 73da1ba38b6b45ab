import { createReadStream } from 'node:fs'
import { addAbortSignal, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { RpcError } from '@hawser/contract'
import { parseJson, parseJsonValues } from './json-text.js'
import { UsageError } from './usage-error.js'

/** What a method is called with, as it was said: JSON texts, `-` for the standard input, or `@file`. */
export class Input {
  readonly #texts: readonly string[]
  readonly #standard: Readable
  readonly #signal: AbortSignal
  #read: Readable | undefined

  /** @param signal ends the wait for what is still to be read */
  constructor(texts: readonly string[], standard: Readable, signal: AbortSignal) {
    this.#texts = texts
    this.#standard = standard
    this.#signal = signal
  }

  /** All values that were said. @throws UsageError for what is no JSON, or cannot be read */
  async values(): Promise<readonly unknown[]> {
    const source = this.#source()
    return parseJsonValues(source ? await this.#all(source) : this.#texts.join(' '))
  }

  /** The values of a stream: of a source one a line, as they come. Throws a {@link UsageError} for what is no JSON. */
  async *items(): AsyncGenerator<unknown> {
    const source = this.#source()
    if (!source) {
      yield* parseJsonValues(this.#texts.join(' '))
      return
    }
    this.#read = source
    try {
      for await (const line of linesOf(source)) if (line.trim() !== '') yield parseJson(line)
    } catch (error) {
      throw readFailure(error)
    }
  }

  /** Reads no more: an open standard input would keep the process. */
  close(): void {
    this.#read?.destroy()
  }

  async #all(source: Readable): Promise<string> {
    try {
      return await text(addAbortSignal(this.#signal, source))
    } catch (error) {
      if (this.#signal.aborted)
        throw new RpcError('cancelled', 'Interrupted', { reason: 'cancelled', executed: 'no', cause: error })
      throw readFailure(error)
    }
  }

  #source(): Readable | undefined {
    const [first, ...more] = this.#texts
    if (first === '-' || first?.startsWith('@')) {
      if (more.length > 0) throw new UsageError(`Nothing goes with ${first}, which says all`)
      return first === '-' ? this.#standard : createReadStream(first.slice(1))
    }
    return undefined
  }
}

async function* linesOf(source: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const text of source.setEncoding('utf8')) {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    yield* lines
  }
  yield rest
}

function readFailure(error: unknown): Error {
  return error instanceof UsageError
    ? error
    : new UsageError(`What to send cannot be read: ${(error as Error).message}`)
}

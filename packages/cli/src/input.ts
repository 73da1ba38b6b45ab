import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { parseJson, parseJsonValues } from './json-text.js'
import { UsageError } from './usage-error.js'

/** What a method is called with, as it was said: JSON texts, `-` for the standard input, or `@file`. */
export class Input {
  readonly #texts: readonly string[]
  readonly #standard: Readable

  constructor(texts: readonly string[], standard: Readable) {
    this.#texts = texts
    this.#standard = standard
  }

  /**
   * One value to call a method with. That of a path is an array of arguments: the one that was said, or all that was.
   * @throws UsageError
   */
  async value(method: string): Promise<unknown> {
    const source = this.#source()
    const values = parseJsonValues(source ? await read(source) : this.#texts.join(' '))
    const [first] = values
    if (method.startsWith('/')) return values.length === 1 && Array.isArray(first) ? first : values
    if (values.length > 1)
      throw new UsageError(
        `${method} takes one value, not ${values.length}: '{"name": "value"}', with quotes`,
      )
    return first
  }

  /** The values of a stream: of a source one a line, as they come. Throws a {@link UsageError} for what is no JSON. */
  async *items(): AsyncGenerator<unknown> {
    const source = this.#source()
    if (!source) {
      yield* parseJsonValues(this.#texts.join(' '))
      return
    }
    try {
      for await (const line of createInterface({ input: source }))
        if (line.trim() !== '') yield parseJson(line)
    } catch (error) {
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

async function read(source: Readable): Promise<string> {
  try {
    return await text(source)
  } catch (error) {
    throw readFailure(error)
  }
}

function readFailure(error: unknown): Error {
  return error instanceof UsageError
    ? error
    : new UsageError(`What to send cannot be read: ${(error as Error).message}`)
}

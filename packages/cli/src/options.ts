import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.js'

/** One option of a command. */
export interface OptionSpec {
  /** What its value is called in the help; a flag has none. */
  readonly value?: string
  readonly short?: string
  /** May it be given several times? */
  readonly many?: boolean
  readonly about: string
}

/** The options of a command, by name. */
export type OptionTable = Readonly<Record<string, OptionSpec>>

const longestMs = 2 ** 31 - 1
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

/** What a command line said, read by kind. Reading what is no such thing throws a {@link UsageError}. */
export class Options {
  readonly positionals: readonly string[]
  readonly #values: Readonly<Record<string, unknown>>

  /** @throws UsageError for options that are not in the table */
  constructor(args: readonly string[], table: OptionTable) {
    try {
      const { values, positionals } = parseArgs({
        args: [...args],
        options: Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, parserOption(spec)])),
        allowPositionals: true,
      })
      this.#values = values
      this.positionals = positionals
    } catch (error) {
      // The parser's own texts are sentences, of which the first tells.
      const [first] = (error as Error).message.split('. ')
      throw new UsageError(first ?? 'The options make no sense')
    }
  }

  flag(name: string): boolean {
    return this.#values[name] === true
  }

  text(name: string): string | undefined {
    return this.#values[name] as string | undefined
  }

  texts(name: string): readonly string[] {
    return (this.#values[name] as string[] | undefined) ?? []
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const text = this.text(name)
    if (text === undefined || (allowed as readonly string[]).includes(text)) return text as T | undefined
    throw new UsageError(`--${name} is one of ${allowed.join(', ')}, not ${JSON.stringify(text)}`)
  }

  /** A whole number from `least` up. */
  count(name: string, least = 1): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (count >= least) return count
    throw new UsageError(`--${name} is a whole number from ${least} up, not ${JSON.stringify(text)}`)
  }

  /** A number over 0. */
  rate(name: string): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const rate = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (rate > 0 && rate <= 1e6) return rate
    throw new UsageError(`--${name} is a number over 0, at most 1000000, not ${JSON.stringify(text)}`)
  }

  /**
   * Milliseconds, of `250ms`, `10s` or `2m`.
   * @param bare whether a number alone counts as milliseconds; where one would as soon think of seconds it has to be said
   */
  milliseconds(name: string, bare: boolean): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? []
    const milliseconds = unit === undefined && !bare ? Number.NaN : Number(digits) * unitMs[unit ?? 'ms']!
    if (milliseconds >= 0 && milliseconds <= longestMs) return milliseconds
    throw new UsageError(`--${name} is a time like 250ms, 10s or 2m, not ${JSON.stringify(text)}`)
  }
}

function parserOption({ value, short, many }: OptionSpec): {
  type: 'string' | 'boolean'
  short?: string
  multiple?: boolean
} {
  return {
    type: value === undefined ? 'boolean' : 'string',
    ...(short !== undefined && { short }),
    ...(many && { multiple: true }),
  }
}

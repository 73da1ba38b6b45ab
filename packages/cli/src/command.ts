import type { Options, OptionTable } from './options.js'
import type { Output } from './output.js'
import type { Terminal } from './terminal.js'

/** What a command is run with. */
export interface Run {
  readonly options: Options
  readonly output: Output
  readonly terminal: Terminal
  /** Aborted when the user wants no more, or nobody reads the output any more. */
  readonly signal: AbortSignal
}

/** One of the commands. */
export interface Command {
  readonly name: string
  /** What it does, in a line. */
  readonly about: string
  /** What follows its name, as the help shows it. */
  readonly usage: string
  /** How many positional arguments it takes. */
  readonly takes: readonly [least: number, most: number]
  readonly options: OptionTable
  /** More than a line of help. */
  readonly notes?: string
  readonly examples: readonly string[]
  /** Returns the exit code; what it throws is told, and gives the exit code. */
  run(run: Run): Promise<number>
}

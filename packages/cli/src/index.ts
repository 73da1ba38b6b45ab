/**
 * The command `hawser`: call, pull, list, ping and bench from a terminal, and a shell. Its one function runs a command line as
 * the command does, within a process.
 *
 * ```ts
 * import { run } from '@hawser/cli'
 *
 * // `hawser ping tcp://127.0.0.1:57000 --count 1`, which ends with 1 where nothing answers
 * const exitCode = await run(['ping', 'tcp://127.0.0.1:57000', '--count', '1'])
 * console.info(exitCode)
 * ```
 *
 * @module
 */
export { run } from './run.js'
export type { Terminal } from './terminal.js'

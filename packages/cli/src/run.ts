import { readFileSync } from 'node:fs'
import { bench } from './bench.js'
import { call } from './call.js'
import type { Command } from './command.js'
import { exitCodes } from './exit-code.js'
import { tell } from './failure.js'
import { commonOptions, helpFor, overview } from './help.js'
import { list } from './list.js'
import { Options } from './options.js'
import { Output } from './output.js'
import { ping } from './ping.js'
import { pull } from './pull.js'
import { shell } from './shell.js'
import { processTerminal, type Terminal } from './terminal.js'
import { UsageError } from './usage-error.js'

/** All commands, in the order of the help. */
const commands: readonly Command[] = [call, pull, list, ping, bench, shell]

/**
 * Runs one command line, and resolves to its exit code. Never rejects.
 * @param args without the program's name: `['call', 'tcp://127.0.0.1:57000', '/add', '[1, 2]']`
 * @param terminal default: that of this process
 */
export async function run(args: readonly string[], terminal?: Terminal): Promise<number> {
  if (terminal) return await runIn(terminal, args)
  using own = processTerminal()
  return await runIn(own, args)
}

async function runIn(terminal: Terminal, given: readonly string[]): Promise<number> {
  // As of git and npm.
  const args = given[0] === 'help' ? [...given.slice(1), '--help'] : given
  const output = outputFor(args, terminal)
  const [first = '', ...rest] = args
  const named = commands.find(({ name }) => name === first)
  const command = named ?? (isAddress(first) ? commands.find(({ name }) => name === 'shell') : undefined)
  try {
    let code: number = exitCodes.ok
    if (command) code = await runCommand(command, named ? rest : args, output, terminal)
    else if (first === '--version') await output.line(version())
    else if (first === '' || first === '--help' || first === '-h')
      await output.line(overview(commands, output))
    else throw new UsageError(`There is no command ${JSON.stringify(first)}; there are ${commandNames()}`)
    return ended(output, first === '' ? exitCodes.usage : code)
  } catch (error) {
    return ended(output, tell(error, output, { command: command?.name }))
  } finally {
    await output.close()
  }
}

// Who reads no more is the one who ended it, and has no use for a code.
function ended(output: Output, code: number): number {
  if (!output.unread.aborted) return code
  return output.broken ? tell(output.broken, output) : exitCodes.ok
}

async function runCommand(
  command: Command,
  args: readonly string[],
  output: Output,
  terminal: Terminal,
): Promise<number> {
  // Whoever asks for help may have got the rest wrong.
  if (asks(args, '--help', '-h')) {
    await output.line(helpFor(command, output))
    return exitCodes.ok
  }
  if (asks(args, '--version')) {
    await output.line(version())
    return exitCodes.ok
  }
  const options = new Options(args, { ...command.options, ...commonOptions })
  const [least, most] = command.takes
  const { length } = options.positionals
  if (length < least || length > most)
    throw new UsageError(`It is hawser ${command.name} ${command.usage}, which has ${count(least, most)}`)
  const signal = AbortSignal.any([terminal.interrupted, output.unread])
  return await command.run({ options, output, terminal, signal })
}

// Known before the command line is understood, since it says how to tell that it is not.
function outputFor(args: readonly string[], terminal: Terminal): Output {
  return new Output(terminal, {
    json: asks(args, '--json'),
    colour: !asks(args, '--no-color'),
    verbose: asks(args, '--verbose', '-v'),
  })
}

function asks(args: readonly string[], ...flags: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).some((arg) => flags.includes(arg))
}

function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/.test(text)
}

function count(least: number, most: number): string {
  if (most === Infinity) return `at least ${least} arguments`
  return least === most ? `${least} argument${least === 1 ? '' : 's'}` : `${least} or ${most} arguments`
}

function commandNames(): string {
  return commands.map(({ name }) => name).join(', ')
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}

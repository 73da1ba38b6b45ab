import type { Command } from './command.js'
import type { OptionTable } from './options.js'
import type { Output } from './output.js'

/** The options of every command. */
export const commonOptions: OptionTable = {
  json: { about: 'for programs: results and errors as JSON, one a line' },
  'no-color': { about: 'no colours; NO_COLOR in the environment does it, too' },
  verbose: { short: 'v', about: 'log, timings and stacks on the standard error' },
  help: { short: 'h', about: 'this text' },
  version: { about: 'the version' },
}

const exitNotes = [
  'exit codes: 0 done, 1 the call failed on the other side, 2 usage, 3 nobody to reach, 4 deadline exceeded,',
  '5 credential missing or not enough, 6 no such method, kind or codec, 130 interrupted',
].join('\n')

/** The help for all commands. */
export function overview(commands: readonly Command[], output: Output): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return [
    `${output.styled('bold', 'hawser')}: calls from a terminal`,
    '',
    'usage: hawser <command> <address> …',
    '       hawser <address>              the same as hawser shell <address>',
    '',
    'commands:',
    ...commands.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`),
    '',
    'addresses: tcp://127.0.0.1:57000, tls://host:port, ipc:///run/demo.sock, ws://host:port/path, wss://…,',
    '  http://host:port, https://host:port',
    '',
    exitNotes,
    '',
    'hawser <command> --help tells more.',
  ].join('\n')
}

/** The help for one command. */
export function helpFor(command: Command, output: Output): string {
  return [
    `${output.styled('bold', `hawser ${command.name}`)}: ${command.about}`,
    '',
    `usage: hawser ${command.name} ${command.usage} [options]`,
    ...(command.notes ? ['', command.notes] : []),
    '',
    'options:',
    ...lines({ ...command.options, ...commonOptions }),
    '',
    'examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
    exitNotes,
  ].join('\n')
}

function lines(options: OptionTable): string[] {
  const rows = Object.entries(options).map(([name, { value, short, about }]) => {
    const option = `--${name}${value === undefined ? '' : ` <${value}>`}`
    return [short === undefined ? option : `${option}, -${short}`, about] as const
  })
  const width = Math.max(...rows.map(([option]) => option.length))
  return rows.map(([option, about]) => `  ${option.padEnd(width)}  ${about}`)
}

import type { Command, Run } from './command.js'
import { exitCodes } from './exit-code.js'
import { tell } from './failure.js'
import { Link, linkOptions } from './link.js'
import type { Output } from './output.js'
import { type Reflection, reflect } from './reflection.js'
import { shown, valueText } from './value-text.js'

export const list: Command = {
  name: 'list',
  about: 'show the methods and topics of a server',
  usage: '<address>',
  takes: [1, 1],
  options: linkOptions,
  notes: 'The server has to tell them: reflection is off unless it is enabled there.',
  examples: ['hawser list tcp://127.0.0.1:57000', 'hawser list ipc:///run/demo.sock --json'],
  async run(run) {
    await using link = await Link.to(run, run.options.positionals[0]!)
    return await listOnce(run, link)
  },
}

/** Asks, prints, and returns the exit code. */
export async function listOnce({ output, signal }: Run, link: Link): Promise<number> {
  try {
    const reflection = await reflect(link, signal)
    for (const line of linesOf(reflection, output)) await output.line(line)
    return exitCodes.ok
  } catch (error) {
    return tell(error, output, { address: link.address, log: link.log, command: 'list' })
  }
}

function linesOf({ rpc, publish, whole }: Reflection, output: Output): string[] {
  if (output.json) return [valueText(whole)]
  const width = Math.max(0, ...[...rpc.keys(), ...publish.keys()].map(({ length }) => length))
  const rows = (title: string, entries: ReadonlyMap<string, string>) =>
    entries.size === 0
      ? []
      : [
          output.styled('bold', title),
          ...[...entries].map(([name, signature]) => `  ${shown(name.padEnd(width))}  ${shown(signature)}`),
        ]
  const lines = [...rows('rpc', rpc), ...rows('publish', publish)]
  return lines.length > 0 ? lines : ['It has no methods.']
}

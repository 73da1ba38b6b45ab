import { pull as subscribe } from '@hawser/push'
import type { Command, Run } from './command.js'
import { exitCodes } from './exit-code.js'
import { tell } from './failure.js'
import { checkMethod } from './invoke.js'
import { Link, linkOptions } from './link.js'
import { amount } from './quantity.js'
import { shown, valueText } from './value-text.js'

export const pull: Command = {
  name: 'pull',
  about: 'subscribe to a topic, and print what is published',
  usage: '<address> <topic>',
  takes: [2, 2],
  options: {
    count: { value: 'n', short: 'n', about: 'end after so many messages; default: when interrupted' },
    reconnect: { about: 'subscribe again when the subscription is lost' },
    ...linkOptions,
  },
  notes: [
    'One JSON value a line, as they come; with --json {"number", "missed", "value"}. What was published and did not come is',
    'told on the standard error. --deadline is for connecting alone. Being interrupted is an end like another: exit code 0.',
  ].join('\n'),
  examples: [
    'hawser pull tcp://127.0.0.1:57000 /nagging',
    'hawser pull tcp://127.0.0.1:57000 /prices -n 10 --json',
  ],
  async run(run) {
    const [address, topic] = run.options.positionals as [string, string]
    await using link = await Link.to(run, address)
    return await pullOnce(run, link, topic)
  },
}

/** Subscribes, prints what comes, and returns the exit code. */
export async function pullOnce(run: Run, link: Link, topic: string): Promise<number> {
  const { options, output, signal } = run
  checkMethod(topic)
  const count = options.count('count') ?? Infinity
  const reconnect = options.flag('reconnect') && {
    onLost: (error: Error, waitMs: number) =>
      output.note(`lost: ${shown(error.message)}; again in ${amount(waitMs)} ms`),
  }
  try {
    await link.connect()
    const { headers } = link
    const messages = subscribe(link.client, link.address, topic, {
      signal,
      headers,
      reconnect,
      numbered: true,
    })
    let received = 0
    for await (const { number, missed, value } of messages) {
      if (missed > 0) output.note(output.marked('yellow', gapText(missed)))
      // A gap that nobody can measure has no number, and so is null.
      await output.line(valueText(output.json ? { number, missed: finite(missed), value } : value))
      if (++received === count) break
    }
    return exitCodes.ok
  } catch (error) {
    if (signal.aborted) return exitCodes.ok
    return tell(error, output, { address: link.address, log: link.log, command: 'pull' })
  }
}

function gapText(missed: number): string {
  return Number.isFinite(missed) ? `missed ${amount(missed)}` : 'missed what was published meanwhile'
}

function finite(number: number): number | null {
  return Number.isFinite(number) ? number : null
}

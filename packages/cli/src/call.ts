import type { Command, Run } from './command.js'
import { exitCodes } from './exit-code.js'
import { tell } from './failure.js'
import { Input } from './input.js'
import { callKinds, invoke } from './invoke.js'
import { Link, linkOptions } from './link.js'
import { valueText } from './value-text.js'

export const call: Command = {
  name: 'call',
  about: 'call a method, and print what it answers',
  usage: '<address> <method> [json …]',
  takes: [2, Infinity],
  options: {
    kind: { value: 'kind', about: `${callKinds.join(', ')}; found out if not said` },
    ...linkOptions,
  },
  notes: [
    'A /path is called with an array of arguments, [1, "two"], or with what stands in one: 1 "two". To give an array as',
    'the only argument, write it in another: [[1, 2]]. A package.Service/method is called with one value, or with several',
    'where it takes a stream. - reads values from the standard input, @file from a file: all of them first, unless --kind',
    'says that they are a stream; then each line is one, and is sent as it comes.',
    '',
    'Bytes are shown in base64, whole numbers past 2^53 as text. A stream of answers is printed one JSON value a line.',
  ].join('\n'),
  examples: [
    "hawser call tcp://127.0.0.1:57000 /add '[1, 2]'",
    `hawser call ipc:///run/shop.sock shop.Shop/search '{"text": "rope"}'`,
    'tail -f numbers | hawser call tcp://127.0.0.1:57000 demo.Sums/running - --kind duplex',
  ],
  async run(run) {
    const [address, method, ...texts] = run.options.positionals as [string, string, ...string[]]
    await using link = await Link.to(run, address)
    return await callOnce(run, link, method, texts)
  },
}

/** Calls, prints what comes, tells what went wrong, and returns the exit code. */
export async function callOnce(
  { options, output, terminal, signal }: Run,
  link: Link,
  method: string,
  texts: readonly string[],
): Promise<number> {
  const began = performance.now()
  const kind = options.oneOf('kind', callKinds)
  const input = new Input(texts, terminal.input, signal)
  try {
    for await (const { value, streamed } of invoke(link, { method, kind, input, signal })) {
      if (value === undefined && !output.json) continue
      await output.line(valueText(value, streamed || output.json ? 0 : 2))
    }
    if (output.verbose)
      output.note(output.marked('dim', `answered in ${(performance.now() - began).toFixed(2)} ms`))
    return exitCodes.ok
  } catch (error) {
    if (output.unread.aborted) return exitCodes.ok
    return tell(error, output, { address: link.address, log: link.log, command: 'call' })
  } finally {
    input.close()
  }
}

import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { run, type Terminal } from '../../src/index.js'

/** What a command line came to. */
export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** What surrounds a command line. */
export interface Surroundings {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly interrupted?: AbortSignal
  /** Is told all that was said so far, each time that is more. */
  readonly heard?: (out: string, err: string) => void
  /** Do both outputs lead to somebody who looks? */
  readonly tty?: boolean
}

/** Runs a command line within this process. */
export async function hawser(args: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
  const { input = '', env = {}, interrupted = new AbortController().signal, heard, tty } = surroundings
  const streams = [new PassThrough(), new PassThrough(), new PassThrough()] as const
  const [standard, output, errors] = tty
    ? streams.map((each) => Object.assign(each, { isTTY: true }))
    : streams
  standard!.end(input)
  const terminal: Terminal = { input: standard!, output: output!, errors: errors!, env, interrupted }
  const said = { out: '', err: '' }
  const listen = (stream: PassThrough, name: 'out' | 'err') =>
    stream.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
      heard?.(said.out, said.err)
    })
  listen(output!, 'out')
  listen(errors!, 'err')
  const code = await run(args, terminal)
  const ended = Promise.all([finished(output!), finished(errors!)])
  output!.end()
  errors!.end()
  await ended
  return { code, ...said }
}

/** The values of lines of JSON. */
export function values(lines: string): unknown[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

import type { StubMethod } from '@hawser/client'
import type { MethodType } from '@hawser/contract'
import type { Command, Run } from './command.js'
import { exitCodes } from './exit-code.js'
import { tell } from './failure.js'
import { Input } from './input.js'
import { checkMethod, inputOf, methodOf } from './invoke.js'
import { Link, linkOptions } from './link.js'
import { closedLoop, type LoadOptions, openLoop } from './load.js'
import { preciseClock } from './precise-clock.js'
import { progress } from './progress.js'
import { type Report, report } from './report.js'
import { Tally } from './tally.js'
import { UsageError } from './usage-error.js'

const defaults = { concurrency: 16, connections: 1, durationMs: 5_000, warmUpMs: 1_000, inFlight: 10_000 }
const progressMs = 200

export const bench: Command = {
  name: 'bench',
  about: 'call a method many times, and tell how long it takes',
  usage: '<address> <method> [json …]',
  takes: [2, Infinity],
  options: {
    concurrency: {
      value: 'n',
      short: 'c',
      about: `calls under way at a time; default ${defaults.concurrency}`,
    },
    rate: { value: 'n', short: 'r', about: 'calls a second instead, whatever becomes of those before' },
    'in-flight': { value: 'n', about: `with --rate: the most under way; default ${defaults.inFlight}` },
    connections: { value: 'n', about: `default ${defaults.connections}` },
    duration: { value: 'time', short: 'd', about: 'default 5s' },
    count: { value: 'n', short: 'n', about: 'end after so many calls, if that is sooner' },
    'warm-up': { value: 'time', about: 'calls before that, which do not count; default 1s' },
    ...linkOptions,
  },
  notes: [
    'Without --rate it is a closed loop: the next call is made when one has ended, so a slow server is asked less often.',
    'With --rate it is an open one: each call has its time, and is measured from that even where it could not be made by',
    'then, so that a stall counts for all who would have come meanwhile. To be on time it keeps its processor busy.',
    '',
    'The method is called as often as said: take one that may be. Exit code 1: calls have failed.',
  ].join('\n'),
  examples: [
    "hawser bench tcp://127.0.0.1:57000 /add '[1, 2]' --concurrency 64 --connections 4",
    "hawser bench tcp://127.0.0.1:57000 /add '[1, 2]' --rate 2000 --duration 30s --json",
  ],
  async run(run) {
    const { options, output, terminal } = run
    const [address, method, ...texts] = options.positionals as [string, string, ...string[]]
    checkMethod(method)
    const plan = planOf(run)
    const links = await Promise.all(Array.from({ length: plan.connections }, () => Link.to(run, address)))
    try {
      const value = inputOf(method, await new Input(texts, terminal.input, run.signal).values())
      const calls = await reach(links, method, value)
      const result = await measure(run, plan, (number) => calls[number % calls.length]!(value))
      if (!output.unread.aborted) await report(output, { ...result, address, method })
      return result.tally.failed > 0 ? exitCodes.failed : exitCodes.ok
    } catch (error) {
      return tell(error, output, { address, log: links[0]!.log, command: 'bench' })
    } finally {
      await Promise.all(links.map((link) => link[Symbol.asyncDispose]()))
    }
  },
}

interface Plan {
  readonly rate: number | undefined
  readonly concurrency: number
  readonly connections: number
  readonly inFlight: number
  readonly durationMs: number
  readonly warmUpMs: number
  readonly count: number | undefined
}

function planOf({ options }: Run): Plan {
  const rate = options.rate('rate')
  if (rate !== undefined && options.text('concurrency'))
    throw new UsageError('It is either --rate, an open loop, or --concurrency, a closed one')
  return {
    rate,
    concurrency: options.count('concurrency') ?? defaults.concurrency,
    connections: options.count('connections') ?? defaults.connections,
    inFlight: options.count('in-flight') ?? defaults.inFlight,
    durationMs: options.milliseconds('duration', false) ?? defaults.durationMs,
    warmUpMs: options.milliseconds('warm-up', false) ?? defaults.warmUpMs,
    count: options.count('count'),
  }
}

/** Connects, and makes one call over each connection: what cannot work at all is told at once, as for a single call. */
async function reach(
  links: readonly Link[],
  method: string,
  value: unknown,
): Promise<readonly ((value: unknown) => Promise<unknown>)[]> {
  await Promise.all(links.map((link) => link.connect()))
  const calls = links.map((link) => methodOf(link, method, 'unary', { timeoutMs: link.answerMs }))
  for (const call of calls as StubMethod<MethodType<'unary'>>[]) await call(value)
  return calls as ((value: unknown) => Promise<unknown>)[]
}

async function measure(
  { output, signal }: Run,
  plan: Plan,
  call: (number: number) => Promise<unknown>,
): Promise<Omit<Report, 'address' | 'method'>> {
  const { rate, concurrency, inFlight, durationMs, warmUpMs, count, connections } = plan
  const clock = preciseClock()
  const go = async (tally: Tally, durationMs: number, count?: number) => {
    const options: LoadOptions = { clock, call, tally, durationMs, count, signal }
    if (rate !== undefined) return openLoop(options, rate, inFlight)
    return { tookMs: await closedLoop(options, concurrency), unmade: 0 }
  }
  if (warmUpMs > 0) {
    output.status('warming up')
    await go(new Tally(), warmUpMs, count)
  }
  const tally = new Tally()
  const began = performance.now()
  const show = progress(tally, durationMs)
  const live = output.live
    ? setInterval(() => output.status(show(performance.now() - began)), progressMs)
    : undefined
  // Calls under way when the user has enough are not waited for.
  const cut = new Promise<{ tookMs: number; unmade: number }>((resolve) => {
    const stop = () => {
      tally.close()
      resolve({ tookMs: performance.now() - began, unmade: 0 })
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
  const { tookMs, unmade } = await Promise.race([go(tally, durationMs, count), cut])
  clearInterval(live)
  return { tally, tookMs, unmade, rate, concurrency, connections }
}

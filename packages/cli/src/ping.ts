import { setTimeout as delay } from 'node:timers/promises'
import { RpcError } from '@hawser/contract'
import type { Command, Run } from './command.js'
import { exitCodes } from './exit-code.js'
import { factsOf, tell } from './failure.js'
import { checkMethod, methodOf } from './invoke.js'
import { Link, linkOptions } from './link.js'
import { duration, rounded } from './quantity.js'
import { valueText } from './value-text.js'

const defaultCount = 5
const defaultIntervalMs = 1_000

export const ping: Command = {
  name: 'ping',
  about: 'ask whether a server answers, and how fast',
  usage: '<address> [method]',
  takes: [1, 2],
  options: {
    count: { value: 'n', short: 'n', about: `how often; default ${defaultCount}, 0 until interrupted` },
    interval: { value: 'time', short: 'i', about: 'from one to the next; default 1s' },
    ...linkOptions,
  },
  notes: [
    'Each question is a call that asks for a method and never runs it, so it takes the way of all calls but for the handler.',
    'With a method it tells whether that is there. Exit code 1: no answer came, or the method is not there.',
  ].join('\n'),
  examples: ['hawser ping tcp://127.0.0.1:57000', 'hawser ping ws://127.0.0.1:8080 /to_string --count 1'],
  async run(run) {
    const { options, output, signal } = run
    const [address, method] = options.positionals as [string, string?]
    if (method !== undefined) checkMethod(method)
    const count = options.count('count', 0) ?? defaultCount
    const intervalMs = options.milliseconds('interval', false) ?? defaultIntervalMs
    await using link = await Link.to(run, address)
    const survey = new Survey(run, link, method, true)
    while (!signal.aborted) {
      await survey.ask()
      if (survey.asked === count) break
      // An interruption is an end like another.
      await delay(intervalMs, undefined, { signal }).catch(() => {})
    }
    if (!output.unread.aborted) await survey.sum()
    return survey.good ? exitCodes.ok : exitCodes.failed
  },
}

/** Asks once, prints, and returns the exit code. */
export async function pingOnce(run: Run, link: Link, method: string | undefined): Promise<number> {
  const survey = new Survey(run, link, method, false)
  await survey.ask()
  return survey.good ? exitCodes.ok : exitCodes.failed
}

/** The questions asked, and what became of them. */
class Survey {
  asked = 0
  readonly #run: Run
  readonly #link: Link
  readonly #method: string | undefined
  readonly #announces: boolean
  readonly #times: number[] = []
  #connection: string | undefined
  #there = true

  /** @param announces tell of connections? */
  constructor(run: Run, link: Link, method: string | undefined, announces: boolean) {
    this.#run = run
    this.#link = link
    this.#method = method
    this.#announces = announces
  }

  /** Did any answer come, and was the method there? */
  get good(): boolean {
    return this.#times.length > 0 && this.#there
  }

  async ask(): Promise<void> {
    const { output, signal } = this.#run
    const link = this.#link
    try {
      const connection = await this.#connect()
      const options = { timeoutMs: link.answerMs, signal }
      const method = methodOf(link, this.#method ?? '/debug/reflection', 'unary', options)
      const began = performance.now()
      const there = await method.enabled()
      const ms = performance.now() - began
      // Whoever cannot be reached any more has no methods, either.
      if (!there && (await this.#connect()) !== connection) throw lost()
      this.asked++
      this.#there = there || this.#method === undefined
      this.#times.push(ms)
      await this.#answered(ms)
    } catch (error) {
      if (signal.aborted) return
      this.asked++
      if (!output.json) tell(error, output, link)
      else await output.line(valueText({ number: this.asked, error: factsOf(RpcError.from(error)) }))
    }
  }

  /** Prints what it comes to. */
  async sum(): Promise<void> {
    const { output } = this.#run
    const sorted = this.#times.toSorted((a, b) => a - b)
    const answered = sorted.length
    const asked = this.asked
    if (asked === 0) return
    const [min = 0, median = 0, max = 0] = [sorted[0], medianOf(sorted), sorted.at(-1)]
    if (output.json) {
      const times =
        answered > 0 ? { minMs: rounded(min), medianMs: rounded(median), maxMs: rounded(max) } : {}
      await output.line(valueText({ asked, answered, ...times }))
      return
    }
    const times =
      answered > 0 ? `; min ${duration(min)}, median ${duration(median)}, max ${duration(max)}` : ''
    await output.line(`${asked} asked, ${answered} answered${times}`)
  }

  async #connect(): Promise<string> {
    const { output } = this.#run
    const began = performance.now()
    const { id } = await this.#link.connect()
    if (this.#announces && id !== this.#connection && !output.json)
      await output.line(`connected to ${this.#link.address} in ${duration(performance.now() - began)}`)
    this.#connection = id
    return id
  }

  async #answered(ms: number): Promise<void> {
    const { output } = this.#run
    const there = this.#method === undefined ? {} : { there: this.#there }
    if (output.json) {
      await output.line(valueText({ number: this.asked, ms: rounded(ms), ...there }))
      return
    }
    const said =
      this.#method && (this.#there ? `, ${this.#method} is there` : `, there is no ${this.#method}`)
    await output.line(`answer ${this.asked} in ${duration(ms)}${said ?? ''}`)
  }
}

function lost(): RpcError {
  return new RpcError('unavailable', 'The connection was lost before the answer came', {
    reason: 'connection_lost',
    executed: 'no',
  })
}

function medianOf(sorted: readonly number[]): number | undefined {
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 || half === 0 ? sorted[half] : (sorted[half - 1]! + sorted[half]!) / 2
}

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@hawser/client'
import { msgpack } from '@hawser/codec-msgpack'
import type { Model } from '@hawser/prefork'
import { tcp } from '@hawser/transport-tcp'
import { quantile } from '../stats.js'
import type { ModelUsage, Question } from './program.js'

/** A model, and how many servers it may have. */
export interface ModelSubject {
  readonly model: Model
  readonly workers: number
  /** How many of sixteen connections are served at once. */
  readonly atOnce: number
}

/** What is taken of calls. */
export interface CallFigures {
  readonly callsPerSecond: number
  readonly p50: number
  readonly p99: number
  /** Processor time of all servers, in microseconds. */
  readonly cpuPerCall: number
}

/** What is taken of making connections: milliseconds to the first answer, one after the other. */
export interface SetUpFigures {
  readonly p50: number
  readonly max: number
  readonly cpuPerConnection: number
}

// Always the compiled one, as all that is measured.
const program = fileURLToPath(new URL('../../dist/models/program.js', import.meta.url))
const handshakeMs = 60_000

/** One run of a server in one model, and of clients that call it. */
export class Trial implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #clients: Client[] = []
  #address = ''

  private constructor() {
    this.#process = fork(program, [], { execArgv: [], env: { ...process.env, NODE_ENV: 'production' } })
  }

  /** Begins the program, and waits until it listens. */
  static async start({ model, workers }: ModelSubject): Promise<Trial> {
    const trial = new Trial()
    trial.#address = await trial.#ask<string>({ kind: 'serve', model, workers })
    return trial
  }

  usage(): Promise<ModelUsage> {
    return this.#ask({ kind: 'usage' })
  }

  /** Connects, calls once and closes, so many times. */
  async setUp(count: number): Promise<SetUpFigures> {
    const before = await this.usage()
    const times: number[] = []
    for (let index = 0; index < count; index++) {
      const begun = performance.now()
      const client = this.#client()
      await this.#remote(client, '/short')('x')
      times.push(performance.now() - begun)
      await client.close()
    }
    const after = await this.#settled(before.servers)
    times.sort((a, b) => a - b)
    return {
      p50: quantile(times, 0.5),
      max: quantile(times, 1),
      cpuPerConnection: (after.cpu - before.cpu) / count,
    }
  }

  /**
   * Calls on so many connections, one call at a time on each.
   * @param served how many of the connections are served at once; the calls of the others wait
   */
  async calls(
    connections: number,
    served: number,
    method: '/short' | '/compute',
    argument: unknown,
    seconds: { readonly warmUp: number; readonly measured: number },
  ): Promise<CallFigures> {
    const latencies: number[] = []
    let counting = false
    let stopped = false
    let connected = 0
    const loop = async () => {
      const call = this.#remote(this.#client(), method)
      await call(argument)
      connected++
      while (!stopped) {
        const begun = performance.now()
        await call(argument)
        if (counting) latencies.push(performance.now() - begun)
      }
    }
    // Those that nobody serves fail when all is closed.
    const loops = Array.from({ length: connections }, () => loop().catch(() => {}))
    while (connected < served) await pause(10)
    await pause(1_000 * seconds.warmUp)
    const before = await this.usage()
    const begun = performance.now()
    counting = true
    await pause(1_000 * seconds.measured)
    counting = false
    const took = (performance.now() - begun) / 1_000
    const after = await this.usage()
    stopped = true
    await this.#closeClients()
    await Promise.all(loops)
    latencies.sort((a, b) => a - b)
    return {
      callsPerSecond: latencies.length / took,
      p50: 1_000 * quantile(latencies, 0.5),
      p99: 1_000 * quantile(latencies, 0.99),
      cpuPerCall: (after.cpu - before.cpu) / latencies.length,
    }
  }

  /** With so many idle connections. */
  async idle(connections: number, served: number): Promise<ModelUsage> {
    let connected = 0
    const calls = Array.from({ length: connections }, () =>
      this.#remote(
        this.#client(),
        '/short',
      )('x').then(
        () => connected++,
        () => {},
      ),
    )
    while (connected < served) await pause(10)
    await pause(500)
    const usage = await this.usage()
    await this.#closeClients()
    await Promise.all(calls)
    return usage
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closeClients()
    if (this.#process.exitCode !== null) return
    this.#process.kill('SIGKILL')
    await once(this.#process, 'exit')
  }

  #client(): Client {
    const client = createClient({
      transports: [tcp()],
      codecs: [msgpack()],
      limits: { handshakeMs },
      log: () => {},
    })
    this.#clients.push(client)
    return client
  }

  #remote(client: Client, method: string): (argument: unknown) => Promise<unknown> {
    return client
      .remote<(argument: unknown) => unknown>(this.#address, method)
      .with({ timeoutMs: handshakeMs }) as (argument: unknown) => Promise<unknown>
  }

  async #closeClients(): Promise<void> {
    await Promise.all(
      this.#clients.splice(0).map((client) => client.close({ signal: AbortSignal.timeout(200) })),
    )
  }

  // The servers of connections that are over take a moment to leave, and only then does their time count.
  async #settled(servers: number): Promise<ModelUsage> {
    for (;;) {
      const usage = await this.usage()
      if (usage.servers <= servers) return usage
      await pause(20)
    }
  }

  async #ask<T>(question: Question): Promise<T> {
    this.#process.send(question)
    const [answer] = (await once(this.#process, 'message')) as [{ value?: T; error?: string }]
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer.value!
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer, Command } from './messages.js'

// Always the compiled one: under a test's TypeScript loader too, the measured processes run plain JavaScript.
const program = fileURLToPath(new URL('../dist/worker.js', import.meta.url))

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** The parent's handle on one worker process. Nothing asked of it waits longer than its limit. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  readonly #exited: Promise<void>
  #lastId = 0
  #output = ''

  /** @param nodeOptions for example `--expose-gc` */
  constructor(nodeOptions: readonly string[] = []) {
    this.#process = fork(program, [], {
      execArgv: [...nodeOptions],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    for (const stream of [this.#process.stdout!, this.#process.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-2_000)
      })
    }
    this.#process.on('message', (message) => this.#answered(message as Answer))
    this.#process.on('error', (error) => this.#lost(error.message))
    this.#exited = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => {
        this.#lost(`the process ended with ${signal ?? code}`)
        resolve()
      })
    })
  }

  /** @param seconds how long to wait for the answer */
  async ask<T>(command: Command, seconds = 15): Promise<T> {
    const id = ++this.#lastId
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
        timer = setTimeout(() => reject(new Error(`${command.kind} took over ${seconds} s`)), seconds * 1_000)
        this.#process.send({ id, command }, (error) => error && reject(error))
      })
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }

  // Its work is measured and done: nothing is gained by ending it gently.
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#exited
  }

  #answered({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id)
    if (error === undefined) waiting?.resolve(value)
    else waiting?.reject(new Error(error))
  }

  #lost(why: string): void {
    const said = this.#output.trim().split('\n').slice(-3).join(' | ')
    for (const { reject } of this.#waiting.values()) reject(new Error(said ? `${why}: ${said}` : why))
  }
}

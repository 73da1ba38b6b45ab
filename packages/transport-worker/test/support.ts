import { once } from 'node:events'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { Connection, Transport } from '@hawser/contract'
import type { ThreadData } from './fixtures/thread.js'

/** A thread that listens, ended with the test that started it. */
export class TestThread implements AsyncDisposable {
  readonly worker: Worker
  /** Resolves to its exit code. */
  readonly ended: Promise<number>

  constructor(worker: Worker) {
    this.worker = worker
    this.ended = new Promise((resolve) => worker.once('exit', resolve))
    // What ends a thread is looked at by its connections.
    worker.on('error', () => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker.terminate()
  }
}

/** Starts a fixture in a thread; it is listening when this resolves. */
export async function startThread(
  data: ThreadData = { role: 'server' },
  options: WorkerOptions = {},
): Promise<TestThread> {
  const url = new URL('./fixtures/load.mjs', import.meta.url)
  const thread = new TestThread(new Worker(url, { execArgv: [], workerData: data, ...options }))
  await once(thread.worker, 'message')
  return thread
}

/** Takes one connection. */
export class Accepted {
  readonly connection: Promise<Connection>
  take: (connection: Connection) => void = () => {}

  constructor() {
    this.connection = new Promise((resolve) => {
      this.take = resolve
    })
  }
}

/** Both ends of a connection, in one thread. */
export interface Ends {
  readonly client: Connection
  readonly server: Connection
}

/** Dials one transport from the other; what listened is closed again. */
export async function connect(here: Transport, there: Transport, name: string): Promise<Ends> {
  const accepted = new Accepted()
  await using _ = await there.listen(`worker://${name}`, accepted.take)
  const client = await here.dial(`worker://${name}`)
  return { client, server: await accepted.connection }
}

/** Real time, for what is asserted not to happen. */
export function pass(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

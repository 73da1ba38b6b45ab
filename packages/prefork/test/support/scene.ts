import { readdirSync, readFileSync } from 'node:fs'
import { type Client, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { type LogEntry, limitsWith } from '@hawser/contract'
import { type Running, type ServeOptions, serve } from '@hawser/prefork'
import { ipc } from '@hawser/transport-ipc'
import { type TlsClientOptions, tcp } from '@hawser/transport-tcp'

/** The servers under test. They are the compiled ones: what children run has to be there as a file of its own. */
export interface Scene extends AsyncDisposable {
  readonly running: Running
  readonly log: readonly LogEntry[]
  /** One more client, on a connection of its own. */
  client(): Caller
  events(): string[]
}

export interface Where {
  readonly model: string
  readonly worker: number
  readonly generation: number
  readonly pid: number
  readonly threadId: number
}

/** A client that knows where to call. */
export class Caller {
  readonly client: Client
  readonly #address: string

  constructor(address: string, tls?: TlsClientOptions) {
    this.#address = address
    // A server may have to be started first, on a machine that is busy otherwise.
    const patience = { handshakeMs: 60_000, connectMs: 60_000 }
    const limits = limitsWith(patience)
    this.client = createClient({
      transports: [tcp({ limits, ...(tls && { tls: { client: tls } }) }), ipc({ limits })],
      codecs: [json()],
      limits: patience,
      log: () => {},
    })
  }

  call<T>(path: string, ...args: readonly unknown[]): Promise<T> {
    return this.client
      .remote<(...args: readonly unknown[]) => T>(this.#address, path)
      .with({ timeoutMs: 20_000 })(...args) as Promise<T>
  }

  where(): Promise<Where> {
    return this.call<Where>('/where')
  }

  close(): Promise<void> {
    return this.client.close()
  }
}

export const module: URL = new URL('./server.mjs', import.meta.url)

export async function scene(options: Partial<ServeOptions> = {}): Promise<Scene> {
  const log: LogEntry[] = []
  const callers: Caller[] = []
  const running = await serve(module, {
    listen: 'tcp://127.0.0.1:0',
    workers: 2,
    execArgv: [],
    startMs: 60_000,
    log: (entry) => void log.push(entry),
    ...options,
  })
  return {
    running,
    log,
    client() {
      const caller = new Caller(running.address)
      callers.push(caller)
      return caller
    },
    events: () => log.map(({ event }) => event),
    async [Symbol.asyncDispose]() {
      await Promise.all(callers.map((caller) => caller.close()))
      await running.close()
    },
  }
}

/** Waits for what comes about by itself. */
export async function until(holds: () => boolean | Promise<boolean>, milliseconds = 30_000): Promise<void> {
  const late = performance.now() + milliseconds
  while (!(await holds())) {
    if (performance.now() > late) throw new Error(`It did not come about within ${milliseconds} ms: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Linux: the processes that a process has started, and that it has not taken leave of. */
export function childrenOf(parent: number): { pid: number; state: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return Number(ppid) === parent ? [{ pid: Number(name), state: state! }] : []
    } catch {
      return []
    }
  })
}

export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

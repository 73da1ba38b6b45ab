import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Limits } from '@hawser/contract'

const script = fileURLToPath(new URL('./server-process.mjs', import.meta.url))

/** How often each effect has happened, kept outside of any process. */
export interface Ledger extends Disposable {
  readonly path: string
  counts(): Map<string, number>
}

export function ledger(): Ledger {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'))
  const path = join(folder, 'effects')
  writeFileSync(path, '')
  return {
    path,
    counts() {
      const counts = new Map<string, number>()
      for (const id of readFileSync(path, 'utf8').split('\n').slice(0, -1))
        counts.set(id, (counts.get(id) ?? 0) + 1)
      return counts
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}

/** A server in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  readonly child: ChildProcess
  readonly address: string
  readonly port: number
  /** Sends a signal and resolves, where that ends the process, with its exit code. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

/** @param options the port to listen on, and limits other than the defaults */
export async function serverProcess(
  { path }: Ledger,
  options: { readonly port?: number; readonly limits?: Partial<Limits> } = {},
): Promise<ServerProcess> {
  const settings = JSON.stringify({ ...options, ledger: path })
  // What tests are run with is of no use to it, and makes it slow to start.
  const env = { ...process.env, NODE_OPTIONS: '' }
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const
  const child = fork(script, [settings], { execArgv: [], env, stdio: [...stdio] })
  const exit = once(child, 'exit') as Promise<[code: number | null]>
  const [{ address }] = (await once(child, 'message')) as [{ readonly address: string }]
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal)
    const [code] = await exit
    return code
  }
  return {
    child,
    address,
    port: Number(new URL(address).port),
    end,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await end('SIGKILL')
    },
  }
}

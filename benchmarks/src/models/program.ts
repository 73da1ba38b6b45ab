// The program of a server's main process: serves in one model, and tells what all its processes take.
import { readFileSync } from 'node:fs'
import { type Model, type Running, serve } from '@hawser/prefork'

/** What it is asked. */
export type Question =
  | { readonly kind: 'serve'; readonly model: Model; readonly workers: number }
  | { readonly kind: 'usage' }

/** Of all processes together. */
export interface ModelUsage {
  readonly servers: number
  /** Bytes, those shared between processes counted once. NaN where the system does not tell. */
  readonly memory: number
  /** Processor time in microseconds, that of children which have ended included. NaN likewise. */
  readonly cpu: number
}

let running: Running | undefined

async function answer(question: Question): Promise<unknown> {
  if (question.kind === 'usage') return usage()
  const { model, workers } = question
  running = await serve(new URL('./server.js', import.meta.url), {
    model,
    workers,
    listen: 'tcp://127.0.0.1:0',
    log: ({ level, message }) => {
      if (level === 'error') console.error(message)
    },
  })
  return running.address
}

function usage(): ModelUsage {
  const children = running!.children
  const pids = new Set([process.pid, ...children.flatMap(({ pid }) => pid ?? [])])
  return {
    servers: children.length,
    memory: sum([...pids].map(memoryOf)),
    cpu: sum([...pids].map(cpuOf)),
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

function memoryOf(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1]
  return kilobytes === undefined ? Number.NaN : 1_024 * Number(kilobytes)
}

// The system counts in hundredths of a second: user and system, of itself and of children it has taken leave of.
const tickUs = 10_000

function cpuOf(pid: number): number {
  const text = textOf(`/proc/${pid}/stat`)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return tickUs * sum(fields.slice(11, 15).map(Number))
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

process.on('message', async (question: Question) => {
  try {
    process.send!({ value: await answer(question) })
  } catch (error) {
    process.send!({ error: error instanceof Error ? error.message : String(error) })
  }
})
process.on('disconnect', () => process.exit())

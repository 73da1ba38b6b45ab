import { performance } from 'node:perf_hooks'
import { threadId } from 'node:worker_threads'
import type { Log } from '@hawser/contract'
import { consoleLog } from '@hawser/wire'

/** How busy a thread is. */
export interface ThreadUse {
  readonly name: string
  readonly pid: number
  /** 0 for the main thread of its process. */
  readonly thread: number
  /** The share of the last whole interval that its loop did not wait in, from 0 to 1. */
  readonly busy: number
}

/** How {@link watchLoop} can be told to watch. */
export interface LoopWatchOptions {
  /** What the thread is called. Default: the title of the process. */
  readonly name?: string | undefined
  /** Milliseconds of an interval. Default 1,000. */
  readonly everyMs?: number | undefined
  /** The share from which on an interval is warned of. Default 0.8. */
  readonly warnAt?: number | undefined
  /** Told when intervals begin, and when they cease, to be that busy. Default: the console. */
  readonly log?: Log | undefined
}

/** A watch over the loop of this thread. */
export interface LoopWatch extends Disposable {
  readonly use: ThreadUse
  close(): void
}

/**
 * Measures how busy the loop of this thread is. All servers and clients of a thread share its one loop, so another server in it adds
 * nothing; a loop that is always busy needs less work a call, work given to other threads, or more processes.
 * Keeps nothing awake.
 * @throws TypeError for an interval or a share that is none
 */
export function watchLoop(options: LoopWatchOptions = {}): LoopWatch {
  const { name = process.title, everyMs = 1_000, warnAt = 0.8, log = consoleLog } = options
  if (!(everyMs > 0)) throw new TypeError(`everyMs is a time above 0, not ${everyMs}`)
  if (!(warnAt > 0)) throw new TypeError(`warnAt is a share above 0, not ${warnAt}`)
  let last = performance.eventLoopUtilization()
  let busy = 0
  let warned = false
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    busy = performance.eventLoopUtilization(now, last).utilization
    last = now
    const full = busy >= warnAt
    if (full === warned) return
    warned = full
    const share = `${Math.round(100 * busy)} %`
    log(
      full
        ? {
            level: 'warn',
            event: 'loop_busy',
            message: `The loop of ${name} is busy for ${share} of its time`,
          }
        : {
            level: 'info',
            event: 'loop_free',
            message: `The loop of ${name} is busy for ${share} only again`,
          },
    )
  }, everyMs)
  timer.unref()
  const close = (): void => clearInterval(timer)
  return {
    get use() {
      return { name, pid: process.pid, thread: threadId, busy }
    },
    close,
    [Symbol.dispose]: close,
  }
}

import { currentCall } from '@hawser/context'
import type { Call, Handler, Log, Reply } from '@hawser/contract'

interface AsyncHook {
  enable(): unknown
  disable(): unknown
}
interface Host {
  process?: {
    getBuiltinModule?: (
      name: string,
    ) =>
      | { createHook?: (hooks: { before(id: number): void; after(id: number): void }) => AsyncHook }
      | undefined
  }
}

/**
 * For development: names the handler that held the loop longer than allowed, be it in its first stretch or after an
 * await. The later stretches are seen through Node's async hooks; that costs on every promise, so production does without.
 */
export class BlockDetector {
  readonly #limitMs: number
  readonly #log: Log
  readonly #hook: AsyncHook | undefined
  readonly #starts: number[] = []

  constructor(limitMs: number, log: Log) {
    this.#limitMs = limitMs
    this.#log = log
    this.#hook = (globalThis as Host).process?.getBuiltinModule?.('node:async_hooks')?.createHook?.({
      before: () => void this.#starts.push(performance.now()),
      after: () => {
        const started = this.#starts.pop()
        if (started === undefined) return
        const call = currentCall()
        if (call) this.#judge(call, started)
      },
    })
    this.#hook?.enable()
  }

  /** Watches the first stretch of each call of a handler, and those in which it makes its items. */
  readonly middleware: (next: Handler) => Handler = (next) => (call) => {
    const reply = this.#timed(call, () => next(call))
    return reply instanceof Promise
      ? reply.then((reply) => this.#watched(call, reply))
      : this.#watched(call, reply)
  }

  #watched(call: Call, reply: Reply): Reply {
    const { output } = reply
    // What is pushed comes from elsewhere: no handler runs for it.
    if (output instanceof Uint8Array || 'flow' in output) return reply
    const watched: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => {
        const items = output[Symbol.asyncIterator]()
        return {
          next: () => this.#timed(call, () => items.next()),
          return: () => this.#timed(call, () => items.return!()),
        }
      },
    }
    return { ...reply, output: watched }
  }

  #timed<T>(call: Call, run: () => T): T {
    const started = performance.now()
    try {
      return run()
    } finally {
      this.#judge(call, started)
    }
  }

  close(): void {
    this.#hook?.disable()
  }

  #judge(call: Call, started: number): void {
    const tookMs = performance.now() - started
    if (tookMs <= this.#limitMs) return
    this.#log({
      level: 'warn',
      event: 'handler_blocked',
      message: `A handler held the loop for ${Math.round(tookMs)} ms, over ${this.#limitMs} ms`,
      method: call.method,
      connection: call.connection?.id,
    })
  }
}

import { getHeapStatistics } from 'node:v8'
import type { Outcome, Target } from './target.js'

/** What an input may not do. */
export interface Find {
  readonly kind: 'wrong' | 'slow' | 'hungry' | 'prototype' | 'stray error'
  readonly text: string
}

/** Milliseconds an input may take. */
export const mostMs = 50
// A decoded value takes more room than its bytes: an empty object of JSON is two bytes, and dozens on the heap.
const bytesPerByte = 128
// The collector, the compiler and other programs take their time too, but not every time.
const attempts = 4

const shared = [Object.prototype, Array.prototype, Function.prototype, Map.prototype, Uint8Array.prototype]

/** Runs inputs, and tells which did what none may do. */
export class Watch implements Disposable {
  readonly #strays: unknown[] = []
  readonly #prototypes = prototypes()
  readonly #onStray = (error: unknown) => void this.#strays.push(error)

  constructor() {
    process.on('uncaughtException', this.#onStray)
    process.on('unhandledRejection', this.#onStray)
  }

  async run(target: Target, input: Uint8Array): Promise<Outcome | Find> {
    const copy = new Uint8Array(input)
    let first: Outcome | undefined
    let leastMs = Infinity
    let leastBytes = Infinity
    for (let attempt = 0; attempt < attempts; attempt++) {
      const heapBefore = heap()
      const start = performance.now()
      try {
        const outcome = target.run(copy)
        first ??= outcome instanceof Promise ? await outcome : outcome
        if (outcome instanceof Promise) await outcome
      } catch (error) {
        return {
          kind: 'wrong',
          text: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }
      }
      leastMs = Math.min(leastMs, performance.now() - start)
      leastBytes = Math.min(leastBytes, heap() - heapBefore)
      if (leastMs <= mostMs && leastBytes <= allowed(target, input)) break
    }
    if (leastMs > mostMs) return { kind: 'slow', text: `It took ${leastMs.toFixed(0)} ms` }
    if (leastBytes > allowed(target, input))
      return { kind: 'hungry', text: `It took ${leastBytes} bytes of memory, for ${input.length} bytes` }
    return this.#stray() ?? first!
  }

  /** What came to light only after the last input had been run. */
  async rest(): Promise<Find | undefined> {
    await new Promise((resolve) => setImmediate(resolve))
    return this.#stray()
  }

  [Symbol.dispose](): void {
    process.off('uncaughtException', this.#onStray)
    process.off('unhandledRejection', this.#onStray)
  }

  #stray(): Find | undefined {
    if (prototypes() !== this.#prototypes)
      return { kind: 'prototype', text: 'A built-in prototype was changed' }
    if (this.#strays.length === 0) return undefined
    const text = this.#strays.splice(0).map((error) => (error instanceof Error ? error.stack : String(error)))
    return { kind: 'stray error', text: text.join('\n') }
  }
}

export function isFind(result: Outcome | Find): result is Find {
  return 'kind' in result
}

function allowed({ allowance }: Target, { length }: Uint8Array): number {
  return allowance + bytesPerByte * length
}

function heap(): number {
  const { used_heap_size: used, external_memory: external } = getHeapStatistics()
  return used + external
}

function prototypes(): string {
  return shared.map((prototype) => Reflect.ownKeys(prototype).map(String).join()).join(';')
}

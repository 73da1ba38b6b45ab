import {
  type Call,
  type Handler,
  isSpent,
  type Limits,
  type Reply,
  RpcError,
  type Timers,
} from '@hawser/contract'
import { type RetryBudget, redirects, waitBefore } from '@hawser/wire'
import { Attempt } from '../attempt.js'
import { CallView } from '../call-view.js'
import { ReplayedInput, type ReplayRoom } from './replay.js'
import { RetriedItems } from './retried-items.js'
import type { RetryRules } from './retry.js'

/** What the calls of one retry have in common. */
export interface RetryParts {
  readonly rules: RetryRules
  readonly budget: RetryBudget
  readonly timers: Timers
  readonly limits: Limits
  readonly room: ReplayRoom
}

/** One call, and its attempts. */
export class RetriedCall {
  readonly #call: Call
  readonly #next: Handler
  readonly #parts: RetryParts
  readonly #input: ReplayedInput | undefined
  #attempts = 0
  // May one of the attempts have run the handler? Then no later error can say that nothing was run.
  #mayHaveRun = false

  constructor(call: Call, next: Handler, parts: RetryParts) {
    this.#call = call
    this.#next = next
    this.#parts = parts
    if (!(call.input instanceof Uint8Array)) this.#input = new ReplayedInput(call.input, parts.room)
  }

  /** The reply of the first attempt that has one. */
  async reply(): Promise<Reply> {
    for (;;) {
      try {
        const reply = await this.#attempt()
        if (reply.output instanceof Uint8Array) {
          this.over()
          return reply
        }
        return { ...reply, output: new RetriedItems(reply.output, this) }
      } catch (error) {
        await this.pause(error)
      }
    }
  }

  /** The items of one more attempt, once there is reason for one. */
  async items(): Promise<AsyncIterable<Uint8Array>> {
    for (;;) {
      try {
        const { output } = await this.#attempt()
        if (output instanceof Uint8Array) throw new RpcError('internal', 'One answer came instead of items')
        return output
      } catch (error) {
        await this.pause(error)
      }
    }
  }

  /**
   * After a failed attempt: waits until it is time for another one.
   * @throws the error the call fails with, where there will be none
   */
  async pause(thrown: unknown): Promise<void> {
    const error = RpcError.from(thrown)
    this.#attempts++
    const waitMs = this.#wait(error)
    const fate = this.#mayHaveRun && error.executed === 'no' ? error.with({ executed: 'maybe' }) : error
    this.#mayHaveRun ||= error.executed !== 'no'
    if (waitMs === undefined) {
      this.#input?.fail()
      throw fate
    }
    if (waitMs > 0) await this.#sleep(waitMs)
  }

  /** Nothing is tried again from here on. */
  over(): void {
    this.#input?.commit()
  }

  #attempt(): Reply | Promise<Reply> {
    const { rules, timers } = this.#parts
    const input = this.#input?.fromStart()
    if (rules.perAttemptMs !== Infinity)
      return new Attempt(this.#call, timers.clock.now() + rules.perAttemptMs, timers, input).run(this.#next)
    return this.#next(input ? new CallView(this.#call, { input }) : this.#call)
  }

  #wait(error: RpcError): number | undefined {
    const { rules, budget, limits, timers } = this.#parts
    const { clock } = timers
    const call = this.#call
    if (call.cancelReason || this.#attempts >= limits.attempts || !this.#safe(error)) return undefined
    if (this.#input ? !this.#input.replayable : isSpent(call.input as Uint8Array)) return undefined
    const pushbackMs = rules.pushback(error, call)
    if (pushbackMs !== undefined && !(pushbackMs >= 0)) return undefined
    if (pushbackMs === undefined && redirects(error)) return 0
    const waitMs = waitBefore(call.deadline, pushbackMs ?? 0, this.#attempts, clock, limits)
    // The budget is asked last: what is not made costs it nothing.
    return waitMs !== undefined && budget.take() ? waitMs : undefined
  }

  #safe(error: RpcError): boolean {
    const { rules } = this.#parts
    // The attempt's time was up, not the call's.
    const timedOut = error.code === 'deadline_exceeded' && rules.perAttemptMs !== Infinity
    if (error.executed === 'no' && (error.retryable || timedOut)) return true
    if (!rules.idempotent(this.#call)) return false
    return error.retryable || timedOut || (error.executed === 'maybe' && rules.codes.includes(error.code))
  }

  #sleep(milliseconds: number): Promise<void> {
    const { clock } = this.#parts.timers
    const call = this.#call
    return new Promise((resolve, reject) => {
      const cancelled = (reason: Error) => {
        clock.clear(timer)
        this.#input?.fail()
        reject(RpcError.from(reason).with({ executed: this.#mayHaveRun ? 'maybe' : 'no' }))
      }
      const listener = { cancelled }
      const timer = clock.timer(milliseconds, () => {
        call.offCancel(listener)
        resolve()
      })
      call.onCancel(listener)
    })
  }
}

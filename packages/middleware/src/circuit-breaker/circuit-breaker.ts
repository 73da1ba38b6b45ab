import { type Call, type Handler, type Middleware, type Reply, RpcError } from '@hawser/contract'
import { type CommonOptions, checkPositive, common } from '../options.js'
import { isPromise } from '../outcome.js'
import { watched } from '../watched-feed.js'
import { Circuit, type CircuitState, type Pass } from './circuit.js'

/** When calls are not made. */
export interface CircuitBreakerOptions extends CommonOptions {
  /** The share of calls that fail at which the circuit opens. Default 0.5. */
  readonly failureShare?: number | undefined
  /** Calls there must be for that. Default 20. */
  readonly minimumCalls?: number | undefined
  /** Milliseconds over which both are counted. Default 10,000. */
  readonly windowMs?: number | undefined
  /** Milliseconds during which no call is made. Default 5,000. */
  readonly openMs?: number | undefined
  /** Calls that must succeed after that for the circuit to close. Default 3. */
  readonly trials?: number | undefined
  /** What has a circuit of its own, for example `(call) => call.method`. Default: each handler that is wrapped; for a client, each address. */
  readonly key?: ((call: Call) => string) | undefined
  /** Which errors are failures of the destination. Default: `unavailable`, `deadline_exceeded`, `internal`, `unknown` and `data_loss`. */
  readonly isFailure?: ((error: RpcError) => boolean) | undefined
  /** Is told of each change. */
  readonly onChange?: ((state: CircuitState, key: string) => void) | undefined
}

// Keys may be chosen by others.
const mostKeys = 1_024
const failures: readonly string[] = ['unavailable', 'deadline_exceeded', 'internal', 'unknown', 'data_loss']

/**
 * Refuses calls with `unavailable` / `circuit_open`, executed: no, not retryable, once too many have failed; after a while lets a few
 * through, and all others once those have succeeded. A call that its caller cancels says nothing of the destination.
 *
 * @throws TypeError for numbers that make no sense
 */
export function circuitBreaker(options: CircuitBreakerOptions = {}): Middleware {
  const { clock } = common(options)
  const { failureShare = 0.5, minimumCalls = 20, windowMs = 10_000, openMs = 5_000, trials = 3 } = options
  const { key = () => '', isFailure = (error) => failures.includes(error.code), onChange } = options
  checkPositive('failureShare', failureShare, 1)
  for (const [name, value] of Object.entries({ minimumCalls, windowMs, openMs, trials }))
    checkPositive(name, value)
  return (next) => {
    const circuits = new Map<string, Circuit>()
    const circuitOf = (name: string): Circuit => {
      const known = circuits.get(name)
      if (known) return known
      if (circuits.size >= mostKeys) circuits.delete(spare(circuits))
      const changed = (state: CircuitState) => onChange?.(state, name)
      const made = new Circuit(clock, { failureShare, minimumCalls, windowMs, openMs, trials, changed })
      circuits.set(name, made)
      return made
    }
    return (call) => {
      const circuit = circuitOf(key(call))
      const pass = circuit.enter()
      if (!pass) throw open(circuit.openForMs)
      return passing(next, call, pass, isFailure)
    }
  }
}

function passing(
  next: Handler,
  call: Call,
  pass: Pass,
  isFailure: (error: RpcError) => boolean,
): Reply | Promise<Reply> {
  const failed = (thrown: unknown) => {
    const error = RpcError.from(thrown)
    // A caller's deadline is a cancel as well, and does say something.
    if (call.cancelReason && RpcError.from(call.cancelReason).code === 'cancelled') pass.void()
    else if (isFailure(error)) pass.failed()
    else pass.succeeded()
  }
  const replied = (reply: Reply): Reply => {
    // For a trial the beginning of a stream is enough: its end may be far.
    if (!reply?.output || reply.output instanceof Uint8Array || pass.trial) {
      pass.succeeded()
      return reply
    }
    const ended = (error: unknown) => (error === undefined ? pass.succeeded() : failed(error))
    return { ...reply, output: watched(reply.output, call, { ended }) }
  }
  let reply: Reply | Promise<Reply>
  try {
    reply = next(call)
  } catch (error) {
    failed(error)
    throw error
  }
  if (!isPromise(reply)) return replied(reply)
  return reply.then(replied, (error) => {
    failed(error)
    throw error
  })
}

// The oldest that is closed, which knows least that would be missed.
function spare(circuits: ReadonlyMap<string, Circuit>): string {
  let oldest: string | undefined
  for (const [name, { state }] of circuits) {
    if (state === 'closed') return name
    oldest ??= name
  }
  return oldest!
}

// Not retryable: who sits in front of the breaker would only hold calls back for a destination that may well be dead. When it
// pays to look again is said all the same, to those who have nothing else to do.
function open(retryAfterMs: number | undefined): RpcError {
  return new RpcError('unavailable', 'The destination has failed too often; no call is made for a while', {
    reason: 'circuit_open',
    executed: 'no',
    retryable: false,
    retryAfterMs,
  })
}

import { type Body, type Call, type Clock, type Handler, type Reply, RpcError } from '@hawser/contract'
import { escaped } from '@hawser/wire'
import { CallView } from '../call-view.js'
import { isPromise } from '../outcome.js'
import { watched } from '../watched-feed.js'
import { WatchedItems } from '../watched-items.js'
import type { AccessEntry } from './access-log.js'
import { toldHeaders } from './headers.js'
import type { Labels } from './labels.js'

/** What the calls of one access log have in common. */
export interface LogParts {
  readonly log: (entry: AccessEntry) => void
  readonly headers: boolean
  readonly redact: ReadonlySet<string>
  readonly labels: Labels
  readonly clock: Clock
}

/** One call, and what is counted of it. */
export class LoggedCall {
  readonly #call: Call
  readonly #parts: LogParts
  readonly #startedAt: number
  #bytesIn = 0
  #bytesOut = 0
  #itemsIn = 0
  #itemsOut = 0

  constructor(call: Call, parts: LogParts) {
    this.#call = call
    this.#parts = parts
    this.#startedAt = parts.clock.now()
  }

  run(next: Handler): Reply | Promise<Reply> {
    let reply: Reply | Promise<Reply>
    try {
      reply = next(this.#counted())
    } catch (error) {
      this.#tell(error)
      throw error
    }
    if (!isPromise(reply)) return this.#replied(reply)
    return reply.then(
      (reply) => this.#replied(reply),
      (error) => {
        this.#tell(error)
        throw error
      },
    )
  }

  #counted(): Call {
    const call = this.#call
    if (call.input instanceof Uint8Array) {
      this.#bytesIn = call.input.length
      this.#itemsIn = 1
      return call
    }
    const item = (bytes: Uint8Array) => {
      this.#itemsIn++
      this.#bytesIn += bytes.length
    }
    const input: Body = new WatchedItems(call.input, call, { item, ended: () => undefined })
    return new CallView(call, { input })
  }

  #replied(reply: Reply): Reply {
    const { output } = reply
    if (output instanceof Uint8Array) {
      this.#bytesOut = output.length
      this.#itemsOut = 1
      this.#tell(undefined)
      return reply
    }
    const item = (bytes: Uint8Array) => {
      this.#itemsOut++
      this.#bytesOut += bytes.length
    }
    // A reader that leaves has cancelled the call.
    const ended = (error: unknown) => this.#tell(error ?? this.#call.cancelReason, 'yes')
    return { ...reply, output: watched(output, this.#call, { item, ended }) }
  }

  #tell(thrown: unknown, ran?: 'yes'): void {
    const { clock, labels, log, headers, redact } = this.#parts
    const call = this.#call
    const error = thrown === undefined ? undefined : RpcError.from(thrown)
    const code = error?.code ?? 'ok'
    const executed = ran ?? error?.executed ?? 'yes'
    if (executed === 'yes') labels.add(call.method)
    const ms = clock.now() - this.#startedAt
    const method = escaped(call.method)
    tell(log, {
      level: 'info',
      event: 'call',
      message: `${method} ${code}${error?.reason ? ` (${error.reason})` : ''} in ${ms.toFixed(1)} ms, ${this.#bytesIn} B in, ${this.#bytesOut} B out`,
      method,
      label: labels.of(call.method),
      peer: call.connection && escaped(call.connection.info.address),
      connection: call.connection?.id,
      kind: call.kind,
      probe: call.probe,
      code,
      reason: error?.reason,
      executed,
      ms,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      itemsIn: this.#itemsIn,
      itemsOut: this.#itemsOut,
      ...(headers && { headers: toldHeaders(call.headers, redact) }),
    })
  }
}

// What a log throws must not become the outcome of the call it tells of.
function tell(log: (entry: AccessEntry) => void, entry: AccessEntry): void {
  try {
    log(entry)
  } catch {}
}

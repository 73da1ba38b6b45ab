import { type CancelListener, type ReplySink, RpcError } from '@hawser/contract'
import { Kind, type StreamIn, type StreamInOwner, type StreamOut, type StreamOutOwner } from '@hawser/wire'
import type { SessionCall } from './call.js'
import type { CallTable } from './call-table.js'
import { cancelledError } from './loss.js'

const nothing = new Uint8Array(0)

/**
 * A call on a connection. Its sink is told once; its place in the table is free only when the other side has given its one
 * final answer, which for a cancelled call comes later.
 */
export class Entry implements CancelListener, StreamInOwner, StreamOutOwner {
  id = 0
  codec = 0
  state: 'waiting' | 'sent' | 'done' = 'waiting'
  settled = false
  /** Its caller wants no answer any more; the number of the canonical code that says why. */
  cancelCode = 0
  abandoned = false
  input: StreamOut | undefined = undefined
  output: StreamIn | undefined = undefined
  readonly call: SessionCall
  readonly sink: ReplySink
  readonly #table: CallTable

  constructor(table: CallTable, call: SessionCall, sink: ReplySink) {
    this.#table = table
    this.call = call
    this.sink = sink
  }

  get body(): Uint8Array {
    return this.call.input instanceof Uint8Array ? this.call.input : nothing
  }

  /** The sink is about to be told: true the first time. */
  settle(): boolean {
    const first = !this.settled
    this.settled = true
    return first
  }

  /** Ends the call for its caller. */
  fail(error: RpcError): void {
    this.call.offCancel(this)
    this.input?.stop()
    this.output?.fail(error)
    if (this.settle()) this.sink.failed(error)
  }

  // CancelListener
  cancelled(reason: RpcError): void {
    this.#table.cancelled(this, reason)
  }

  // StreamInOwner: the items of the answer
  grant(bytes: number): void {
    if (this.state === 'sent') this.#table.link.credit(this.id, bytes)
  }
  stopped(reason: RpcError | undefined): void {
    this.cancelled(reason ?? cancelledError('The consumer stopped'))
  }

  // StreamOutOwner: the items of the request
  get executed(): 'maybe' {
    return 'maybe'
  }
  get ready(): boolean {
    const { link } = this.#table
    return this.state === 'sent' && link.greeted && link.ready
  }
  item(bytes: Uint8Array): void {
    this.#table.link.item(this.id, this.codec, bytes)
  }
  ended(): void {
    if (this.state === 'sent') this.#table.link.frame(Kind.end, this.id)
  }
  failed(error: unknown): void {
    this.cancelled(RpcError.from(error, 'aborted', { reason: 'cancelled' }))
  }
  closed(): void {}
}

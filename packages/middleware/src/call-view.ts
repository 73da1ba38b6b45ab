import type { Body, Call, CallKind, CancelListener, Headers, Peer } from '@hawser/contract'

/** What a view shows otherwise than the call it is of. */
export interface CallChanges {
  readonly headers?: Headers
  readonly input?: Body
}

/** A call with other headers or another input: in all else, its end included, the call that it is a view of. */
export class CallView implements Call {
  readonly outer: Call
  readonly headers: Headers
  readonly input: Body

  constructor(outer: Call, { headers = outer.headers, input = outer.input }: CallChanges) {
    this.outer = outer
    this.headers = headers
    this.input = input
  }

  get method(): string {
    return this.outer.method
  }
  get kind(): CallKind {
    return this.outer.kind
  }
  get codec(): string {
    return this.outer.codec
  }
  get deadline(): number {
    return this.outer.deadline
  }
  get connection(): Peer | undefined {
    return this.outer.connection
  }
  get probe(): boolean {
    return this.outer.probe
  }
  get idempotent(): boolean | undefined {
    return this.outer.idempotent
  }
  get signal(): AbortSignal {
    return this.outer.signal
  }
  get cancelReason(): Error | undefined {
    return this.outer.cancelReason
  }
  onCancel(listener: CancelListener): void {
    this.outer.onCancel(listener)
  }
  offCancel(listener: CancelListener): void {
    this.outer.offCancel(listener)
  }
}

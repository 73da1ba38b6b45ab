import type { Headers, RpcError } from '@hawser/contract'
import type { Inflow } from './inflow.js'
import type { Outflow } from './outflow.js'

/** A call as a session takes it. What is not readonly is the session's to keep, for as long as the call is with it. */
export interface Outgoing {
  readonly method: string
  /** By its number on the wire: bit 0, the caller streams; bit 1, the handler does. */
  readonly kind: number
  readonly probe: boolean
  /** Name of the codec. */
  readonly codec: string
  readonly headers: Headers
  /** Clock milliseconds; Infinity for none. */
  readonly deadline: number
  readonly body: Uint8Array
  /** The caller's items, each in the codec. */
  readonly items: AsyncIterable<Uint8Array> | undefined
  /** Where the handler's items go. */
  readonly inflow: Inflow | undefined
  id: number
  codecIndex: number
  outflow: Outflow | undefined
  /** The handler has begun to stream. */
  streams: boolean
  /** Its caller wants no answer any more; the number of the code that says why. */
  cancelCode: number
  // What is told of a call that is over already is ignored.
  /** The one answer, or the end of a stream of them; for a oneway call that it is on its way. */
  replied(body: Uint8Array): void
  /** Also ends a stream of answers. */
  failed(error: RpcError): void
}

/** Does the caller stream? */
export function streamsIn({ kind, probe }: Outgoing): boolean {
  return (kind & 1) > 0 && !probe
}

/** Does the handler? */
export function streamsOut({ kind, probe }: Outgoing): boolean {
  return (kind & 2) > 0 && !probe
}

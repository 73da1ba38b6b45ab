import type { Call, CallKind, Code, Executed, LogEntry, Middleware, Reason } from '@hawser/contract'
import { type CommonOptions, checkFunction, common } from '../options.js'
import { Labels } from './labels.js'
import { LoggedCall } from './logged-call.js'

/** What is told of one call. All text that others chose is escaped. */
export interface AccessEntry extends LogEntry {
  readonly event: 'call'
  readonly method: string
  /** The method where it is one that is there, and `other` for any name else: fit to be the label of a metric. */
  readonly label: string
  readonly kind: CallKind
  readonly probe: boolean
  readonly code: Code | 'ok'
  readonly reason: Reason | undefined
  /** Did the handler run? `yes` for a success. */
  readonly executed: Executed
  /** Milliseconds to the reply, and for a stream to its last item. */
  readonly ms: number
  /** Of all bodies that came, and that went. */
  readonly bytesIn: number
  readonly bytesOut: number
  /** Messages that came, and that went; 1 where it is no stream. */
  readonly itemsIn: number
  readonly itemsOut: number
  /** Without the secrets among them. Only where asked for. */
  readonly headers?: readonly (readonly [key: string, value: string])[] | undefined
}

/** Where entries go, and what of. */
export interface AccessLogOptions extends Pick<CommonOptions, 'clock'> {
  /** Takes one entry for each call, when it has ended. A `Log` does. */
  readonly log: (entry: AccessEntry) => void
  /** Tell the headers as well? Default false. */
  readonly headers?: boolean | undefined
  /** Headers not to tell, besides `authorization`, `cookie` and those whose names sound like secrets. */
  readonly redact?: readonly string[] | undefined
  /** Leaves out calls of no interest. Default: none. */
  readonly skip?: ((call: Call) => boolean) | undefined
}

/**
 * Tells of each call once, when it has ended: with its last item, where it is a stream.
 * @throws TypeError for a log that is no function
 */
export function accessLog(options: AccessLogOptions): Middleware {
  const { log, headers = false, redact = [], skip } = options
  checkFunction('log', log)
  const { clock } = common(options)
  const labels = new Labels()
  const parts = { log, headers, redact: new Set(redact), labels, clock }
  return (next) => (call) => (skip?.(call) ? next(call) : new LoggedCall(call, parts).run(next))
}

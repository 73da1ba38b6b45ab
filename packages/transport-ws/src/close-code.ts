import { type Code, type Reason, RpcError } from '@hawser/contract'
import * as Status from './status.js'

type Meaning = readonly [code: Code, reason: Reason]

const lost: Meaning = ['unavailable', 'connection_lost']
const broken: Meaning = ['invalid_argument', 'bad_frame']
const meanings: ReadonlyMap<number, Meaning> = new Map([
  [1002, broken],
  [1003, broken],
  [1007, broken],
  [1008, ['permission_denied', 'denied']],
  [1009, ['resource_exhausted', 'too_large']],
  [1010, ['unavailable', 'unsupported']],
  [1011, ['internal', 'internal']],
  [1012, ['unavailable', 'draining']],
  [1013, ['unavailable', 'overloaded']],
])
const clean: ReadonlySet<number> = new Set([Status.normal, Status.goingAway, Status.none])

/** What the code a connection was closed with says of its end; undefined for a clean one. */
export function endOf(code: number, text: string): RpcError | undefined {
  if (clean.has(code)) return undefined
  const [rpcCode, reason] = meanings.get(code) ?? lost
  const retryable = rpcCode === 'unavailable' && reason !== 'unsupported'
  const said = text === '' ? '' : `: ${JSON.stringify(text)}`
  const what = code === Status.abnormal ? 'ended without a closing handshake' : `was closed with ${code}`
  return new RpcError(rpcCode, `The connection ${what}${said}`, { reason, retryable })
}

/** How a connection ends whose peer sends text: values travel as bytes. */
export function textRefused(): RpcError {
  return new RpcError('invalid_argument', 'The peer sent a text message', {
    reason: 'bad_frame',
    retryable: false,
  })
}

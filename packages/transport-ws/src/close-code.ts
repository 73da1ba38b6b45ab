import { type Code, type Reason, RpcError } from '@hawser/contract'

/** The status codes of RFC 6455 section 7.4 and its registry that are told apart here. */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  unsupportedData: 1003,
  tooBig: 1009,
  none: 1005,
  abnormal: 1006,
} as const

type Meaning = readonly [code: Code, reason: Reason, retryable: boolean]

const lost: Meaning = ['unavailable', 'connection_lost', true]
const broken: Meaning = ['invalid_argument', 'bad_frame', false]
const meanings: ReadonlyMap<number, Meaning> = new Map([
  [1002, broken],
  [1003, broken],
  [1007, broken],
  [1008, ['permission_denied', 'denied', false]],
  [1009, ['resource_exhausted', 'too_large', false]],
  [1010, ['unavailable', 'unsupported', false]],
  [1011, ['internal', 'internal', false]],
  [1012, ['unavailable', 'draining', true]],
  [1013, ['unavailable', 'overloaded', true]],
])
const clean: ReadonlySet<number> = new Set([CloseCode.normal, CloseCode.goingAway, CloseCode.none])

/** What the code a connection was closed with says of its end; undefined for a clean one. */
export function endOf(code: number, text: string): RpcError | undefined {
  if (clean.has(code)) return undefined
  const [rpcCode, reason, retryable] = meanings.get(code) ?? lost
  const said = text === '' ? '' : `: ${JSON.stringify(text)}`
  const what = code === CloseCode.abnormal ? 'ended without a closing handshake' : `was closed with ${code}`
  return new RpcError(rpcCode, `The connection ${what}${said}`, { reason, retryable })
}

/** How a connection ends whose peer sends text: values travel as bytes. */
export function textRefused(): RpcError {
  return new RpcError('invalid_argument', 'The peer sent a text message', {
    reason: 'bad_frame',
    retryable: false,
  })
}

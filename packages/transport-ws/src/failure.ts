import { RpcError } from '@hawser/contract'

// Everything else, a page even, may mean that the listener has not come yet.
const lastingStatus: ReadonlySet<number> = new Set([
  301, 302, 303, 307, 308, 400, 401, 403, 405, 426, 431, 501, 505,
])

/** What answered did not become a WebSocket. */
export function answeredFailure(address: string, status: number): RpcError {
  return new RpcError('unavailable', `Cannot connect to ${address}: it answered ${status}`, {
    reason: 'unreachable',
    executed: 'no',
    retryable: !lastingStatus.has(status),
  })
}

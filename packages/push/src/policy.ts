/**
 * What happens to a subscriber for whom as many messages wait as may, when one more comes:
 *
 * - `close`: it is closed, with `resource_exhausted` / `slow_consumer`, which is retryable
 * - `drop-new`: it does not get the new one
 * - `drop-old`: it does not get the oldest that waits
 * - `latest`: it gets the newest only, whatever waited
 * - `block`: `publish` refuses before anybody gets it; `publishWhenReady` waits, and closes who takes nothing for too long
 */
export type Policy = 'close' | 'drop-new' | 'drop-old' | 'latest' | 'block'

export const policies: readonly Policy[] = ['close', 'drop-new', 'drop-old', 'latest', 'block']

/** How much may wait for one subscriber, beyond what its connection has accepted. */
export interface Mark {
  readonly policy: Policy
  readonly messages: number
  readonly bytes: number
  /** So many messages more, of publishers who were asked to wait. */
  readonly slack: number
}

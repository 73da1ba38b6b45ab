import type { RemoteFunction } from '@hawser/client'
import type { Test } from 'tap'

const bad: readonly Readonly<Record<string, string>>[] = [
  { 'A B': 'x' },
  { a: 'x\ny' },
  { a: '\0' },
  { ['k'.repeat(129)]: 'x' },
  { a: 'v'.repeat(4_097) },
]

/** Whatever way calls go, they are refused for headers that are not allowed. */
export async function refusesBadHeaders(t: Test, remote: RemoteFunction<() => unknown>): Promise<void> {
  for (const headers of bad)
    await t.rejects(remote.with({ headers })(), {
      code: 'invalid_argument',
      reason: 'bad_header',
      executed: 'no',
    })
}

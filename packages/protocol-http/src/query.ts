import { RpcError } from '@hawser/contract'

/**
 * The arguments in the query of a URL, as JSON; undefined where there are none.
 * @throws RpcError `invalid_argument` / `bad_arguments`
 */
export function argumentsIn(query: string): Uint8Array | undefined {
  const given = query.split('&').find((each) => each.startsWith('args='))
  if (given === undefined) return undefined
  try {
    return new TextEncoder().encode(decodeURIComponent(given.slice(5).replaceAll('+', ' ')))
  } catch {
    throw new RpcError('invalid_argument', 'The arguments in the query are not percent-encoded UTF-8', {
      reason: 'bad_arguments',
      executed: 'no',
    })
  }
}

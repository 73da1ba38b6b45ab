import { RpcError } from '@hawser/contract'
import { methodOf } from './invoke.js'
import type { Link } from './link.js'

/** Where servers describe themselves. */
export const reflectionPath = '/debug/reflection'

/** What a server says it has: signatures, by name. */
export interface Reflection {
  readonly rpc: ReadonlyMap<string, string>
  readonly publish: ReadonlyMap<string, string>
}

/**
 * Asks a server what it has.
 * @throws RpcError `failed_precondition` where it does not tell
 */
export async function reflect(link: Link, signal: AbortSignal): Promise<Reflection> {
  await link.connect()
  const call = methodOf(link, reflectionPath, 'unary', { timeoutMs: link.answerMs, signal })
  try {
    const { rpc, publish } = ((await (call as (args: unknown) => Promise<unknown>)([])) ?? {}) as {
      readonly rpc?: unknown
      readonly publish?: unknown
    }
    return { rpc: signatures(rpc), publish: signatures(publish) }
  } catch (error) {
    if (!RpcError.is(error) || error.reason !== 'no_method') throw error
    throw new RpcError(
      'unimplemented',
      'The server does not tell what it has: its reflection is not enabled',
      {
        reason: 'no_method',
        executed: 'no',
        cause: error,
      },
    )
  }
}

function signatures(entries: unknown): ReadonlyMap<string, string> {
  if (typeof entries !== 'object' || entries === null) return new Map()
  return new Map(Object.entries(entries).map(([name, signature]) => [name, String(signature)]))
}

import { RpcError } from '@hawser/contract'
import { methodOf } from './invoke.js'
import type { Link } from './link.js'

/** Where servers describe themselves. */
export const reflectionPath = '/debug/reflection'

/** What a server says it has: signatures, by name. */
export interface Reflection {
  readonly rpc: ReadonlyMap<string, string>
  readonly publish: ReadonlyMap<string, string>
  /** The whole answer, with whatever else the server tells. */
  readonly whole: unknown
}

/**
 * Asks a server what it has.
 * @throws RpcError `failed_precondition` where it does not tell
 */
export async function reflect(link: Link, signal: AbortSignal): Promise<Reflection> {
  await link.connect()
  const call = methodOf(link, reflectionPath, 'unary', { timeoutMs: link.answerMs, signal })
  try {
    const whole = await (call as (args: unknown) => Promise<unknown>)([])
    const { rpc, publish } = (whole ?? {}) as { readonly rpc?: unknown; readonly publish?: unknown }
    return { rpc: signatures(rpc), publish: signatures(publish), whole }
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
  return new Map(Object.entries(entries).map(([name, signature]) => [name, without(name, String(signature))]))
}

// They have the name in their middle: `string [/to_string](i32)`.
function without(name: string, signature: string): string {
  return signature.replace(` [${name}]`, '')
}

import { inspect, isDeepStrictEqual } from 'node:util'
import { RpcError } from '@hawser/contract'

/** @throws Error that says what was found instead */
export function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return
  throw new Error(`${what}: ${shown(found)} instead of ${shown(expected)}`)
}

/** @throws Error that says what should have been true */
export function expect(what: string, holds: boolean): void {
  if (!holds) throw new Error(what)
}

/** The RpcError that `calling` rejects with. */
export async function errorOf(calling: Promise<unknown>): Promise<RpcError> {
  const error = await calling.then(
    (value) => new Error(`an answer came instead of an error: ${shown(value)}`),
    (error: unknown) => error,
  )
  if (!RpcError.is(error)) throw error
  return error
}

function shown(value: unknown): string {
  const text = inspect(value, { breakLength: Infinity, depth: 3, maxArrayLength: 3, maxStringLength: 40 })
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}

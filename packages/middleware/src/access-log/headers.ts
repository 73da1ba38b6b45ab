import type { Headers } from '@hawser/contract'
import { escaped } from '@hawser/wire'

const secret = /auth|cookie|token|secret|passw|credential|session|signature|api-?key|private/

/** Headers as they may be told: those that hold secrets by their names alone. */
export function toldHeaders(
  headers: Headers,
  redact: ReadonlySet<string>,
): readonly (readonly [key: string, value: string])[] {
  return [...headers].map(([key, value]) => {
    const told = redact.has(key) || secret.test(key) ? '[redacted]' : escaped(value)
    return [escaped(key), told] as const
  })
}

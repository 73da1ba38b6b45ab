import type { Headers } from '@hawser/contract'

// https://www.w3.org/TR/trace-context/ : version (not ff), trace id and parent id (not all
// zeros), flags. Anything else could be an injection.
const traceParent = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** What a nested call takes over from the headers of the call it is made for: the trace and the baggage, as W3C names them. */
export function inheritedHeaders(headers: Headers): Headers | undefined {
  if (headers.size === 0) return undefined
  const inherited = new Map<string, string>()
  const parent = headers.get('traceparent')
  if (parent !== undefined && traceParent.test(parent)) {
    inherited.set('traceparent', parent)
    const state = headers.get('tracestate')
    if (state !== undefined) inherited.set('tracestate', state)
  }
  const baggage = headers.get('baggage')
  if (baggage !== undefined) inherited.set('baggage', baggage)
  return inherited.size > 0 ? inherited : undefined
}

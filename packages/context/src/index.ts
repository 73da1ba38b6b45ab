/**
 * The call a piece of code runs for. A server runs each handler inside its call; whatever the handler awaits, starts or
 * iterates finds it here, and clients take deadline, cancellation, trace and baggage of nested calls from it.
 *
 * ```ts
 * import { currentCall } from '@hawser/context'
 *
 * export async function readSlowly(url: string): Promise<string> {
 *   const response = await fetch(url, { signal: currentCall()?.signal ?? null })
 *   return response.text()
 * }
 * ```
 *
 * @module
 */
export { currentCall, runInCall, supportsContext } from './context.js'
export { inheritedHeaders } from './inherited-headers.js'

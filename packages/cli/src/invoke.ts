import type { CallOptions, StubMethod } from '@hawser/client'
import { type CallKind, type MethodType, RpcError } from '@hawser/contract'
import type { Input } from './input.js'
import type { Link } from './link.js'
import { UsageError } from './usage-error.js'

/** What is to be called. */
export interface Invocation {
  readonly method: string
  /** Undefined: found out by asking. */
  readonly kind: CallKind | undefined
  readonly input: Input
  readonly signal: AbortSignal
}

/** One of the values a call is answered with. */
export interface Answer {
  readonly value: unknown
  /** Is it one of a stream? */
  readonly streamed: boolean
}

/** The kinds of calls, for the option that names one. */
export const callKinds: readonly CallKind[] = ['unary', 'client-stream', 'server-stream', 'duplex', 'oneway']

/** Calls, and gives what comes back, as it comes. Errors are thrown: RpcError, UsageError. */
export async function* invoke(link: Link, invocation: Invocation): AsyncGenerator<Answer> {
  const { method, kind, input, signal } = invocation
  checkMethod(method)
  const began = performance.now()
  // What comes line by line is sent so only where that is said: otherwise all of it is there before anything is.
  const live = kind !== undefined && takesItems(kind)
  const values = live ? [] : await input.values()
  await link.connect()
  const kinds = kind ? [kind] : kindsFor(method, values)
  let refusal: unknown
  for (const tried of kinds) {
    const given = takesItems(tried) ? (live ? input.items() : values) : inputOf(method, values)
    try {
      yield* answers(link, { method, kind: tried, given, signal }, performance.now() - began)
      return
    } catch (error) {
      if (!isOfAnotherKind(error)) throw error
      refusal ??= error
    }
  }
  throw refusal
}

// Over HTTP a stream is a form of answer like a codec, and refused like one.
function isOfAnotherKind(error: unknown): boolean {
  if (!RpcError.is(error) || error.executed !== 'no') return false
  return error.reason === 'wrong_kind' || error.reason === 'no_codec'
}

/**
 * The one value that a method is called with: for a path an array of arguments, the one that was said or all that was.
 * @throws UsageError where there are several
 */
export function inputOf(method: string, values: readonly unknown[]): unknown {
  const [first] = values
  if (method.startsWith('/')) return values.length === 1 && Array.isArray(first) ? first : values
  if (values.length > 1) throw new UsageError(`${method} is called with one value, not ${values.length}`)
  return first
}

/** A method by its name, whatever its kind: paths and those of services alike. */
export function methodOf(
  link: Link,
  method: string,
  kind: CallKind,
  options: CallOptions,
): StubMethod<MethodType> {
  const at = method.lastIndexOf('/')
  const name = method.slice(at + 1)
  const service = { name: method.slice(0, at), methods: { [name]: { kind, untyped: true } as MethodType } }
  const found = link.client.stub(service, link.address, { headers: link.headers, ...options })[name]
  return found as StubMethod<MethodType>
}

/** @throws UsageError for what cannot be the name of a method */
export function checkMethod(method: string): void {
  if (!/^(?:\/[!-~]+|[\w.]+\/\w+)$/.test(method))
    throw new UsageError(`A method is /path or package.Service/method, unlike ${JSON.stringify(method)}`)
}

// A call of another kind than the method's is refused, and never run: so the kind is found out by trying. A oneway call
// is not told of, and so the last.
function kindsFor(method: string, values: readonly unknown[]): readonly CallKind[] {
  if (method.startsWith('/')) return ['unary', 'server-stream']
  return values.length > 1
    ? ['client-stream', 'duplex']
    : ['unary', 'server-stream', 'client-stream', 'duplex', 'oneway']
}

interface Attempt {
  readonly method: string
  readonly kind: CallKind
  /** The value, or the values of a stream. */
  readonly given: unknown
  readonly signal: AbortSignal
}

async function* answers(
  link: Link,
  { method, kind, given, signal }: Attempt,
  spentMs: number,
): AsyncGenerator<Answer> {
  const streamed = kind === 'server-stream' || kind === 'duplex'
  const limitMs = streamed ? link.deadlineMs : link.answerMs
  const timeoutMs = limitMs === undefined ? undefined : Math.max(0, limitMs - spentMs)
  const call = methodOf(link, method, kind, { timeoutMs, signal }) as (given: unknown) => unknown
  const answer = call(given)
  if (streamed) {
    for await (const item of answer as AsyncIterable<unknown>) yield { value: item, streamed }
  } else {
    const value = await (answer as Promise<unknown>)
    if (kind !== 'oneway') yield { value, streamed }
  }
}

function takesItems(kind: CallKind): boolean {
  return kind === 'client-stream' || kind === 'duplex'
}

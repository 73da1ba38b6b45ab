import { type Code, type Codec, codes, type Executed, type Reason, RpcError, reasons } from '@hawser/contract'
import { lostError, noMethod } from '@hawser/wire'

/** An answer that is no success. */
export interface ErrorAnswer {
  readonly method: string
  readonly status: number
  /** What stands behind the status. */
  readonly phrase: string
  readonly retryAfter: string | undefined
  readonly body: Uint8Array
}

const mostLineBytes = 256

type Meaning = readonly [code: Code, reason?: Reason]

// What a status says by itself, where whoever answered is no server of ours.
const meanings: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [400, ['invalid_argument']],
  [401, ['unauthenticated', 'unauthenticated']],
  [403, ['permission_denied', 'denied']],
  [405, ['unimplemented', 'wrong_kind']],
  [406, ['unimplemented', 'no_codec']],
  [408, ['unavailable']],
  [409, ['aborted']],
  [413, ['resource_exhausted', 'too_large']],
  [415, ['unimplemented', 'no_codec']],
  [429, ['resource_exhausted', 'overloaded']],
  [431, ['resource_exhausted', 'bad_header']],
  [499, ['cancelled', 'cancelled']],
  [501, ['unimplemented']],
  [502, ['unavailable']],
  [503, ['unavailable', 'overloaded']],
  [504, ['deadline_exceeded', 'deadline']],
])

/** The error that an answer tells of. */
export function errorOf(answer: ErrorAnswer, codec: Codec | undefined): RpcError {
  const told = toldError(parsed(answer.body), codec)
  if (told) return told
  const { method, status, phrase } = answer
  if (status === 404) return noMethod(method)
  const [code, reason] = meanings.get(status) ?? [status < 400 ? 'unimplemented' : 'unknown']
  const retryAfterMs = secondsOf(answer.retryAfter)
  const message = phrase === '' ? `The server answered with status ${status}` : phrase
  const line = lineOf(answer.body)
  return new RpcError(code, line === '' ? message : `${message}: ${line}`, { reason, retryAfterMs })
}

// A port of another protocol, and many a proxy, say in a line of text what is wrong. A page of HTML is none.
function lineOf(body: Uint8Array): string {
  if (body.length > mostLineBytes) return ''
  const line = new TextDecoder().decode(body).trim()
  return /^[^<{\p{C}][^\p{C}]*$/u.test(line) ? line : ''
}

/** The error that is told of in JSON; undefined where that is no error. */
export function toldError(value: unknown, codec: Codec | undefined): RpcError | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { code, reason, message, executed, retryable, retryAfterMs, details } = value as Readonly<
    Record<string, unknown>
  >
  if (typeof code !== 'string' || !Object.hasOwn(codes, code) || typeof message !== 'string') return undefined
  return new RpcError(code as Code, message, {
    reason: typeof reason === 'string' && Object.hasOwn(reasons, reason) ? (reason as Reason) : undefined,
    executed: executions.has(executed) ? (executed as Executed) : 'maybe',
    retryable: typeof retryable === 'boolean' ? retryable : undefined,
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
    details: details === undefined ? undefined : detailsOf(details, codec),
  })
}

const executions: ReadonlySet<unknown> = new Set(['no', 'maybe', 'yes'])

// Between the layers they are bytes in the call's codec.
function detailsOf(details: unknown, codec: Codec | undefined): Uint8Array | undefined {
  try {
    return codec ? codec.encode(details) : new TextEncoder().encode(JSON.stringify(details))
  } catch {
    return undefined
  }
}

function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : undefined
}

/** JSON from the other side; undefined for what is none. */
export function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/** What a request broke with that got no answer. */
export function brokenError(error: Error & { readonly code?: string }, sent: boolean): RpcError {
  if (RpcError.is(error)) return error
  const { code } = error
  if (code === 'HPE_HEADER_OVERFLOW') return tooLarge('The headers of the answer are too large')
  if (code?.startsWith('HPE_')) return badFrame(`The answer is no HTTP: ${error.message}`)
  if (code === 'ERR_UNESCAPED_CHARACTERS' || code === 'ERR_INVALID_CHAR')
    return new RpcError('invalid_argument', error.message, { reason: 'bad_header', executed: 'no' })
  const lost = lostError(RpcError.from(error, 'unavailable', { reason: 'connection_lost', retryable: true }))
  return sent ? lost : lost.with({ executed: 'no' })
}

/** The other side sent what it may not. */
export function badFrame(message: string): RpcError {
  return new RpcError('internal', message, { reason: 'bad_frame', retryable: false })
}

/** The other side sent more than is taken. */
export function tooLarge(message: string): RpcError {
  return new RpcError('resource_exhausted', message, { reason: 'too_large', retryable: false })
}

import { type Call, type Codec, type DeclaredErrors, type Log, RpcError } from '@hawser/contract'
import type { MethodCodecs } from '@hawser/wire'

/**
 * What a handler threw, as it crosses the wire: an error that the method declares keeps its fields, an RpcError its code,
 * reason, message and details; anything else is `internal` with its message, and is logged here with its stack. Either
 * way the handler did run, whatever an error from further down says of its own call.
 */
export function failure(
  thrown: unknown,
  call: Call,
  codecs: MethodCodecs,
  log: Log,
  errors?: DeclaredErrors,
): RpcError {
  const declared = errors?.pack(thrown)
  if (declared) {
    const { code, message, details } = declared
    const error = new RpcError(code, message, { reason: 'declared', executed: 'yes', details })
    return error.with({ details: encodeDetails(error, call, codecs.errors, log) })
  }
  if (!RpcError.is(thrown))
    log({
      level: 'error',
      event: 'handler_failed',
      message: 'A handler threw',
      method: call.method,
      connection: call.connection?.id,
      error: thrown,
    })
  const known = RpcError.from(thrown, 'internal', { reason: 'handler_failed' })
  // Derived for a call that was not run, `retryable` says nothing of this one; said by the handler, it stands. So does when.
  const { retryable, retryAfterMs } = known.executed === 'no' ? nothingSaid : known
  const error = known.with({ executed: 'yes', retryable, retryAfterMs })
  return error.details === undefined
    ? error
    : error.with({ details: encodeDetails(error, call, codecs.plain, log) })
}

const nothingSaid = { retryable: undefined, retryAfterMs: undefined }

function encodeDetails(error: RpcError, call: Call, codec: Codec, log: Log): Uint8Array | undefined {
  try {
    return codec.encode(error.details)
  } catch (cause) {
    log({
      level: 'warn',
      event: 'details_dropped',
      message: 'The details of an error cannot travel',
      method: call.method,
      error: cause,
    })
    return undefined
  }
}

/** What a call fails with whose arguments the method cannot take. The handler was not run. */
export function badArguments(message: string, cause?: unknown): RpcError {
  return new RpcError('invalid_argument', message, { reason: 'bad_arguments', executed: 'no', cause })
}

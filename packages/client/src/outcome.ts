import { type Codec, RpcError } from '@hawser/contract'

/**
 * The value of an answer.
 * @throws RpcError `internal`, executed: yes: the handler ran, but what it said cannot be read
 */
export function answerOf(codec: Codec, bytes: Uint8Array): unknown {
  try {
    return codec.decode(bytes)
  } catch (error) {
    throw new RpcError('internal', 'The answer cannot be read', {
      reason: RpcError.is(error) ? error.reason : 'bad_payload',
      executed: 'yes',
      cause: error,
    })
  }
}

/** An error with its details as a value; details that cannot be read are left out. */
export function errorOf(codec: Codec, error: RpcError): RpcError {
  if (!(error.details instanceof Uint8Array)) return error
  let details: unknown
  try {
    details = codec.decode(error.details)
  } catch {
    details = undefined
  }
  return error.with({ details })
}

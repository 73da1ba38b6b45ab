import { type Codec, RpcError } from '@hawser/contract'
import type { ClientCall } from './client-call.js'

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

/**
 * An error as its caller catches it: one that the method declares as it was thrown, any other with its details as a value;
 * details that cannot be read are left out.
 */
export function errorOf({ codecs, target }: ClientCall, error: RpcError): Error {
  if (!(error.details instanceof Uint8Array)) return error
  const { errors } = target
  const declared = error.reason === 'declared' ? errors : undefined
  let details: unknown
  try {
    if (declared) return declared.unpack(codecs.errors.decode(error.details), error)
    details = codecs.plain.decode(error.details)
  } catch {
    details = undefined
  }
  return error.with({ details })
}

import { type PeerInfo, type ProtocolContext, RpcError } from '@hawser/contract'

/**
 * The identity a credential stands for.
 * @throws RpcError for one that is refused, or that could not be checked
 */
export async function checkCredential(
  authenticate: NonNullable<ProtocolContext['authenticate']>,
  credential: Uint8Array | undefined,
  peer: PeerInfo,
): Promise<unknown> {
  try {
    return await authenticate(credential, peer)
  } catch (error) {
    if (RpcError.is(error)) throw error
    throw new RpcError('unauthenticated', 'The credential could not be checked', {
      reason: 'unauthenticated',
      cause: error,
    })
  }
}

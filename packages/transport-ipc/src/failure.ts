import { RpcError } from '@hawser/contract'
import { codeOf, listenFailure as socketFailure } from '@hawser/transport-socket'

/** Why an address could not be listened on. */
export function listenFailure(address: string, cause: unknown): RpcError {
  const code = codeOf(cause)
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new RpcError(
      'not_found',
      `${address} is in a directory that does not exist; with the option makeDirectory its last level is made`,
      { executed: 'no', cause },
    )
  return socketFailure(address, cause)
}

/** What is at the path, and cannot be replaced. */
export function occupied(path: string, by: string): RpcError {
  return new RpcError('failed_precondition', `${path} is ${by}: it is left as it is`, { executed: 'no' })
}

/** A live listener has it. */
export function inUse(address: string): RpcError {
  return socketFailure(address, Object.assign(new Error('address in use'), { code: 'EADDRINUSE' }))
}

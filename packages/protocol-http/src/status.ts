import { type Code, type Reason, RpcError } from '@hawser/contract'

// What gRPC's codes are in HTTP, as its own gateways have it.
const statuses: Readonly<Record<Code, number>> = {
  cancelled: 499,
  unknown: 500,
  invalid_argument: 400,
  deadline_exceeded: 504,
  not_found: 404,
  already_exists: 409,
  permission_denied: 403,
  resource_exhausted: 429,
  failed_precondition: 400,
  aborted: 409,
  out_of_range: 400,
  unimplemented: 501,
  internal: 500,
  unavailable: 503,
  data_loss: 500,
  unauthenticated: 401,
}

// Where HTTP has a status of its own for what went wrong before the method ran.
const refusals: Partial<Record<`${Code}/${Reason}`, number>> = {
  'resource_exhausted/too_large': 413,
  'resource_exhausted/bad_header': 431,
  'unimplemented/no_method': 404,
  'unimplemented/wrong_kind': 405,
  'unimplemented/no_codec': 415,
}

/** The status that an error is answered with. */
export function statusOf(error: RpcError): number {
  const { code, reason, executed } = error
  const own = executed === 'no' && reason ? refusals[`${code}/${reason}`] : undefined
  return own ?? statuses[code]
}

/** A refusal whose status says more than its code would. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal'
  readonly status: number
  readonly error: RpcError

  constructor(status: number, error: RpcError) {
    super(error.message, { cause: error })
    this.status = status
    this.error = error
  }
}

/** Nothing is registered at the path. */
export function noSuchMethod(): RpcError {
  return new RpcError('unimplemented', 'There is no such method', { reason: 'no_method', executed: 'no' })
}

/** A body that is not read for its size. */
export function tooLargeToRead(most: number): RpcError {
  return new RpcError('resource_exhausted', `The body is over ${most} bytes`, {
    reason: 'too_large',
    executed: 'no',
    retryable: false,
  })
}

/** A result that is not sent for its size. */
export function tooLargeToSend(bytes: number, most: number): RpcError {
  return new RpcError('resource_exhausted', `The result is ${bytes} bytes, over ${most}`, {
    reason: 'too_large',
    executed: 'yes',
  })
}

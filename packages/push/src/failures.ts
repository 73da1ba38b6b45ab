import { RpcError } from '@hawser/contract'

/** A subscriber is too slow. Another try makes sense: it may be faster then. */
export function slowError(path: string, what: string): RpcError {
  return new RpcError('resource_exhausted', `Too slow for ${path}: ${what}`, {
    reason: 'slow_consumer',
    executed: 'yes',
    retryable: true,
  })
}

/** The topic is no more: there is no use in subscribing again. */
export function closedTopic(path: string, why: string): RpcError {
  return new RpcError('unavailable', `The topic ${path} is closed: ${why}`, {
    reason: 'closed',
    executed: 'yes',
    retryable: false,
  })
}

/** The server is going away; another one may have the topic. */
export function drainingTopic(path: string): RpcError {
  return new RpcError('unavailable', `The server of ${path} is closing`, {
    reason: 'draining',
    executed: 'yes',
    retryable: true,
  })
}

export function tooManySubscriptions(most: number): RpcError {
  return new RpcError('resource_exhausted', `A connection may have ${most} subscriptions`, {
    reason: 'overloaded',
    executed: 'no',
  })
}

export function noRoom(path: string): RpcError {
  return new RpcError('resource_exhausted', `A subscriber of ${path} has no room`, {
    reason: 'overloaded',
    executed: 'no',
  })
}

export function tooLarge(path: string, bytes: number, most: number): RpcError {
  return new RpcError('resource_exhausted', `A message of ${path} takes ${bytes} bytes, of ${most} at most`, {
    reason: 'too_large',
    executed: 'no',
    retryable: false,
  })
}

/** A message cannot travel in the codec that some subscribers chose. */
export function cannotTravel(path: string, codec: string, cause: unknown): RpcError {
  const { message } = RpcError.from(cause)
  return new RpcError('unimplemented', `A message of ${path} cannot travel in ${codec}: ${message}`, {
    reason: 'no_codec',
    executed: 'yes',
    retryable: false,
  })
}

export function noCodec(path: string, codec: string): RpcError {
  return new RpcError('unimplemented', `There is no codec ${codec} for ${path}`, {
    reason: 'no_codec',
    executed: 'no',
  })
}

export function stoppedReading(): RpcError {
  return new RpcError('cancelled', 'The subscriber stopped reading', { reason: 'cancelled' })
}

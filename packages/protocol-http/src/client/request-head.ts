import type { Call, Clock, Limits } from '@hawser/contract'
import { RpcError } from '@hawser/contract'
import { deadlineError, encodeHeaders } from '@hawser/wire'
import { writtenHeaders } from '../head.js'

const pathPattern = /^[!-~]+$/

/** What of a request does not depend on its body. */
export interface RequestHead {
  readonly path: string
  /** Names and values in turn. */
  readonly headers: string[]
}

/** What all requests of a session say. */
export interface HeadParts {
  readonly host: string
  readonly limits: Limits
  readonly clock: Clock
  readonly authorization: string | undefined
}

/**
 * The head of the request for a call.
 * @throws RpcError for a name or a header that cannot stand in one, or when its time is up already
 */
export function requestHead(call: Call, { host, limits, clock, authorization }: HeadParts): RequestHead {
  const { method, headers, deadline, probe } = call
  const path = method.startsWith('/') ? method : `/${method}`
  // A query or a fragment would be cut off, and another method called.
  if (!pathPattern.test(path) || /[?#]/.test(path))
    throw new RpcError('invalid_argument', `${JSON.stringify(method)} cannot be called by HTTP`, {
      reason: 'bad_header',
      executed: 'no',
    })
  encodeHeaders(headers, limits)
  const lines = ['Host', host, ...spoken(headers)]
  if (authorization !== undefined && !headers.has('authorization'))
    lines.push('Authorization', `Bearer ${authorization}`)
  if (deadline !== Infinity) {
    const left = Math.ceil(deadline - clock.now())
    if (left <= 0) throw deadlineError('no')
    lines.push('timeout-ms', String(Math.min(left, longest)))
  }
  if (probe) lines.push('amrpc_check_enabled', '1')
  return { path, headers: lines }
}

const longest = 9_999_999_999

function spoken(headers: Call['headers']): string[] {
  try {
    return writtenHeaders(headers)
  } catch (error) {
    throw RpcError.from(error).with({ executed: 'no' })
  }
}

/** What the requests to an address name as their host. */
export function hostOf(address: string): string {
  const authority = /^[a-z+]+:\/\/([^/?#]+)/i.exec(address)?.[1]
  return authority !== undefined && /^[\w.:[\]-]+$/.test(authority) ? authority : 'localhost'
}

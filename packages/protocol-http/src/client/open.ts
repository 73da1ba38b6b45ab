import { type Connection, type ProtocolContext, RpcError, type Session } from '@hawser/contract'
import type { HttpOptions } from '../options.js'

/** Makes a dialled connection a handler: calls as HTTP requests. */
export function openHttp(_connection: Connection, _context: ProtocolContext, _options: HttpOptions): Session {
  throw new RpcError('unimplemented', 'This protocol only serves', { reason: 'unsupported', executed: 'no' })
}

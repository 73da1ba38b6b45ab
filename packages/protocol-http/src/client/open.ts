import type { Connection, ProtocolContext, Session } from '@hawser/contract'
import type { HttpOptions } from '../options.js'
import { ClientSession } from './session.js'

/** Makes a dialled connection a handler: calls as HTTP requests. */
export function openHttp(connection: Connection, context: ProtocolContext, options: HttpOptions): Session {
  return new ClientSession(connection, context, options)
}

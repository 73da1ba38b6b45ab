import type { Protocol } from '@hawser/contract'
import { openHttp } from './client/open.js'
import { type HttpOptions, settingsOf } from './options.js'

/** HTTP/1.1: calls at the paths of their methods, streams as server-sent events, topics as WebSockets. */
export function http(options: HttpOptions = {}): Protocol {
  settingsOf(options)
  return {
    name: 'http/1.1',
    sniff: () => 'no',
    serve() {
      throw new TypeError('Not served')
    },
    open: (connection, context) => openHttp(connection, context, options),
  }
}

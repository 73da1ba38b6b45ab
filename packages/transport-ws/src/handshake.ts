import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** What a listener asks of an upgrade request. */
export interface Terms {
  readonly path: string
  readonly origins: ReadonlySet<string>
  readonly subprotocols: readonly string[]
  readonly headerCount: number
}

/** What is answered to a request that does not become a WebSocket. */
export interface Refusal {
  readonly status: number
  readonly text: string
}

/** The path of a request, byte for byte: nothing is decoded or normalised. */
export function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

/** Why a request for an upgrade is refused, if it is. */
export function refusalOf(request: IncomingMessage, terms: Terms): Refusal | undefined {
  const { headers, rawHeaders } = request
  if (rawHeaders.length > 2 * terms.headerCount) return { status: 431, text: 'Too many headers' }
  if (pathOf(request) !== terms.path) return { status: 404, text: 'There is no WebSocket at this path' }
  // Old drafts named it otherwise. A header sent twice arrives as one with a comma, which no allowed origin has.
  for (const origin of [headers.origin, headers['sec-websocket-origin']])
    if (origin !== undefined && !isAllowed(String(origin), terms.origins))
      return { status: 403, text: 'Pages of this origin are not allowed' }
  const offered = headers['sec-websocket-protocol']
  if (offered !== undefined && terms.subprotocols.length > 0 && !choose(listOf(offered), terms.subprotocols))
    return { status: 400, text: `The sub-protocols here are ${terms.subprotocols.join(', ')}` }
  return undefined
}

/** The first of ours that is offered. */
export function choose(offered: ReadonlySet<string>, ours: readonly string[]): string | undefined {
  return ours.find((name) => offered.has(name))
}

/** The sub-protocols a request offers. */
export function offeredBy({ headers }: IncomingMessage): ReadonlySet<string> {
  const offered = headers['sec-websocket-protocol']
  return offered === undefined ? new Set() : listOf(offered)
}

function listOf(header: string): ReadonlySet<string> {
  return new Set(header.split(',').map((name) => name.trim()))
}

function isAllowed(origin: string, origins: ReadonlySet<string>): boolean {
  return origins.has('*') || origins.has(origin)
}

/** Answers, and ends the connection. */
export function refuse(socket: Duplex, { status, text }: Refusal): void {
  socket.on('error', () => {})
  if (!socket.writable) {
    socket.destroy()
    return
  }
  socket.once('finish', () => socket.destroy())
  const upgrade = status === 426 ? 'Upgrade: websocket\r\n' : ''
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n${upgrade}` +
      `Content-Type: text/plain\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
  )
}

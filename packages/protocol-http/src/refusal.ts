import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { RpcError } from '@hawser/contract'
import { absentPhrase, errorBody, phraseOf } from './error-body.js'
import { Refusal, statusOf } from './status.js'

const mostText = 1024

/**
 * Answers on a bare socket, where Node has no response to answer with, and ends it.
 * @param error a message, or the error that the body tells of
 * @param more names and values of further headers in turn
 * @param spoken does the message stand behind the status, where AMRPC's clients look for it?
 */
export function refuseUpgrade(
  socket: Duplex,
  status: number,
  error: string | RpcError,
  more: readonly string[] = [],
  spoken = false,
): void {
  if (socket.destroyed || !socket.writable) return
  const told = typeof error === 'string' ? new RpcError('invalid_argument', error, { executed: 'no' }) : error
  const body = errorBody(told, mostText)
  const phrase = spoken ? phraseOf(status === 404 ? absentPhrase : told.message) : STATUS_CODES[status]
  const lines = [`HTTP/1.1 ${status} ${phrase ?? 'Refused'}`, 'Connection: close']
  for (let index = 0; index + 1 < more.length; index += 2) lines.push(`${more[index]}: ${more[index + 1]}`)
  lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, '', '')
  socket.end(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), Buffer.from(body)]))
}

/** The status and the error of whatever was thrown. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown
  const error = RpcError.from(thrown, 'internal', { reason: 'internal', executed: 'no' })
  return new Refusal(statusOf(error), error)
}

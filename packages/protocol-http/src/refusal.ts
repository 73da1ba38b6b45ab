import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * Answers on a bare socket, where Node has no response to answer with, and ends it.
 * @param body JSON, or a message to be made it
 */
export function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  if (socket.destroyed || !socket.writable) return
  const body = JSON.stringify({ message })
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

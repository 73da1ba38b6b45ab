import { WebSocket as NodeWebSocket } from 'ws'

// Cap'n Web reads this global's constants, and Node.js has it from 22 on only.
if (typeof globalThis.WebSocket === 'undefined') Object.assign(globalThis, { WebSocket: NodeWebSocket })

/** The same on every version of Node.js, so that figures can be compared. */
export function asWebSocket(socket: NodeWebSocket): WebSocket {
  return socket as unknown as WebSocket
}

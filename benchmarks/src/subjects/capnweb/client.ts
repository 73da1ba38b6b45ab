import { once } from 'node:events'
import { newWebSocketRpcSession } from 'capnweb'
import { WebSocket } from 'ws'
import type { EchoClient } from '../../subject.js'
import type { Echo } from './server.js'
import { asWebSocket } from './websocket.js'

export async function connect(address: string): Promise<EchoClient> {
  const socket = new WebSocket(address)
  await once(socket, 'open')
  const echo = newWebSocketRpcSession<Echo>(asWebSocket(socket))
  return { echo: async (text) => echo.echo(text) }
}

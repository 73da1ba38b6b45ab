import { io } from 'socket.io-client'
import type { EchoClient } from '../../subject.js'

export async function connect(address: string): Promise<EchoClient> {
  const socket = io(address, { transports: ['websocket'] })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return { echo: (text) => socket.emitWithAck('echo', text) }
}

// A process of its own: serves the page's calls, and echoes plain WebSocket messages.
import { msgpack } from '@hawser/codec-msgpack'
import { createServer } from '@hawser/server'
import { ws } from '@hawser/transport-ws'
import { WebSocketServer } from 'ws'

process.on('message', async (origin: string) => {
  const server = createServer({ transports: [ws({ origins: [origin] })], codecs: [msgpack()] })
  server.rpc('/echo', (text: string) => text)
  const { address } = await server.listen('ws://127.0.0.1:0')
  const plain = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  plain.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  plain.on('listening', () => {
    const bound = plain.address()
    const port = typeof bound === 'object' ? bound?.port : undefined
    process.send!({ hawser: address, raw: `ws://127.0.0.1:${port}` })
  })
})
process.on('disconnect', () => process.exit())

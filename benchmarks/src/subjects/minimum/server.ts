import { createServer } from 'node:net'
import { listenLoopback } from '../../loopback.js'
import type { EchoServer, ServeOptions } from '../../subject.js'
import { flushing, frameWriter, readFrames } from './frames.js'

const methods: ((value: string) => string | Promise<string>)[] = [(text) => text]

export async function serve({ variant }: ServeOptions): Promise<EchoServer> {
  const server = createServer({ noDelay: true }, (socket) => {
    const writer = frameWriter(socket, flushing(variant))
    readFrames(socket, (id, method, value) => {
      const result = methods[method]!(value as string)
      if (result instanceof Promise) void result.then((settled) => writer.write(id, 0, settled))
      else writer.write(id, 0, result)
    })
    socket.on('error', () => socket.destroy())
  })
  return { address: String(await listenLoopback(server)) }
}

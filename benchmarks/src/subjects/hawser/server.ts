import { currentCall } from '@hawser/context'
import { createServer } from '@hawser/server'
import type { EchoServer, ServeOptions } from '../../subject.js'
import { strands } from './strands.js'

export async function serve({ variant }: ServeOptions): Promise<EchoServer> {
  const server = createServer(strands(variant))
  server.rpc('/echo', (text: string) => text)
  server.rpc('/until_cancelled', untilCancelled)
  const { address } = await server.listen('tcp://127.0.0.1:0')
  return { address }
}

function untilCancelled(): Promise<never> {
  const { signal } = currentCall()!
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

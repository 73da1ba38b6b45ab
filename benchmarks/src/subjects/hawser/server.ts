import { currentCall } from '@hawser/context'
import { createServer } from '@hawser/server'
import type { EchoServer, ServeOptions } from '../../subject.js'
import { Repeat } from './repeat.js'
import { addressFor, inOneProcess, type Strands, strands } from './strands.js'

export async function serve({ variant }: ServeOptions): Promise<EchoServer> {
  if (inOneProcess(variant)) return { address: '' }
  return { address: await serveAt(addressFor(variant), strands(variant)) }
}

/** Returns where it can be dialled. */
export async function serveAt(listenAt: string, strands: Strands): Promise<string> {
  const server = createServer(strands)
  server.rpc('/echo', (text: string) => text)
  server.rpc('/until_cancelled', untilCancelled)
  server.implement(Repeat, {
    *repeat(text, { signal }) {
      while (!signal.aborted) yield text
    },
  })
  const { address } = await server.listen(listenAt)
  return address
}

function untilCancelled(): Promise<never> {
  const { signal } = currentCall()!
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

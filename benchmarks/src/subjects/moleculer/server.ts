import { createServer } from 'node:net'
import type { Context } from 'moleculer'
import { listenLoopback } from '../../loopback.js'
import type { EchoServer } from '../../subject.js'

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listenLoopback(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function serve(): Promise<EchoServer> {
  const urls = {
    server: `tcp://127.0.0.1:${await freePort()}`,
    client: `tcp://127.0.0.1:${await freePort()}`,
  }
  const { createNode } = await import('./node.js')
  const broker = createNode('server', urls)
  broker.createService({
    name: 'echo',
    actions: { echo: (call: Context<{ text: string }>) => call.params.text },
  })
  await broker.start()
  return { address: JSON.stringify(urls) }
}

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The page, served from a port of its own. */
export interface ServedPage {
  readonly address: string
  /** What browsers call where it comes from. */
  readonly origins: readonly string[]
  close(): Promise<void>
}

/** Serves the page, and under `/server` the host and port it is to call. */
export async function servePage(port: number, called: () => string): Promise<ServedPage> {
  const html = await readFile(new URL('../page/index.html', import.meta.url))
  const server = createServer(({ url }, response) => {
    if (url === '/') response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(html)
    else if (url === '/server') response.writeHead(200, { 'Content-Type': 'text/plain' }).end(called())
    else response.writeHead(404).end()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: bound } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${bound}/`,
    origins: [`http://127.0.0.1:${bound}`, `http://localhost:${bound}`],
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

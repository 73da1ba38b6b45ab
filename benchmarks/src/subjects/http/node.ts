import { createServer } from 'node:http'
import { listenLoopback } from '../../loopback.js'
import type { EchoServer } from '../../subject.js'

const echo = (text: string) => ({ text })

export async function serve(): Promise<EchoServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const [text] = JSON.parse(Buffer.concat(chunks).toString()) as [string]
      const body = JSON.stringify(echo(text))
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      })
      response.end(body)
    })
  })
  return { address: `http://127.0.0.1:${await listenLoopback(server)}` }
}

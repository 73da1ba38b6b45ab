import fastify from 'fastify'
import type { EchoServer } from '../../subject.js'

const text = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }

export async function serve(): Promise<EchoServer> {
  const app = fastify()
  app.post<{ Body: { text: string } }>(
    '/echo',
    { schema: { body: text, response: { 200: text } } },
    async (request) => ({ text: request.body.text }),
  )
  return { address: await app.listen({ host: '127.0.0.1', port: 0 }) }
}

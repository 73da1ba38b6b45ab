import fastify from 'fastify'
import type { EchoServer } from '../../subject.js'

const text = { type: 'string' }
const schema = {
  body: { type: 'array', items: text, minItems: 1, maxItems: 1 },
  response: { 200: { type: 'object', properties: { text }, required: ['text'] } },
}

export async function serve(): Promise<EchoServer> {
  const app = fastify()
  app.post<{ Body: [string] }>('/echo', { schema }, async (request) => ({ text: request.body[0] }))
  return { address: await app.listen({ host: '127.0.0.1', port: 0 }) }
}

import { once } from 'node:events'
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js'
import type { EchoServer } from '../../subject.js'
import { Echo, type Text } from './service.js'

export async function serve(): Promise<EchoServer> {
  const server = new Server()
  server.addService(Echo.service, {
    echo: (call: ServerUnaryCall<Text, Text>, reply: sendUnaryData<Text>) =>
      reply(null, { text: call.request.text }),
    repeat,
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return { address: `127.0.0.1:${port}` }
}

async function repeat(call: ServerWritableStream<Text, Text>): Promise<void> {
  const { text } = call.request
  while (!call.cancelled) if (!call.write({ text })) await once(call, 'drain')
}

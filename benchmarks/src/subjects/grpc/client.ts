import { type Client, credentials, type requestCallback } from '@grpc/grpc-js'
import type { EchoClient } from '../../subject.js'
import { Echo, type Text } from './service.js'

interface Stub extends Client {
  echo(request: Text, reply: requestCallback<Text>): void
}

export async function connect(address: string): Promise<EchoClient> {
  const stub = new Echo(address, credentials.createInsecure()) as unknown as Stub
  return {
    echo: (text) =>
      new Promise((resolve, reject) => {
        stub.echo({ text }, (error, reply) => (error ? reject(error) : resolve(reply!.text)))
      }),
  }
}

import { type Client, type ClientReadableStream, credentials, type requestCallback } from '@grpc/grpc-js'
import { itemsAsEcho } from '../../items.js'
import type { ConnectOptions, EchoClient } from '../../subject.js'
import { Echo, type Text } from './service.js'

interface Stub extends Client {
  echo(request: Text, reply: requestCallback<Text>): void
  repeat(request: Text): ClientReadableStream<Text>
}

export async function connect(address: string, { variant }: ConnectOptions): Promise<EchoClient> {
  const stub = new Echo(address, credentials.createInsecure()) as unknown as Stub
  if (variant === 'stream') return itemsAsEcho((text) => texts(stub.repeat({ text })))
  return {
    echo: (text) =>
      new Promise((resolve, reject) => {
        stub.echo({ text }, (error, reply) => (error ? reject(error) : resolve(reply!.text)))
      }),
  }
}

async function* texts(items: AsyncIterable<Text>): AsyncGenerator<string, undefined> {
  for await (const { text } of items) yield text
}

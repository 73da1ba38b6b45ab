import { Client } from 'rpc-websockets'
import type { EchoClient } from '../../subject.js'

export async function connect(address: string): Promise<EchoClient> {
  const client = new Client(address)
  await new Promise<void>((resolve, reject) => {
    client.on('open', resolve)
    client.on('error', reject)
  })
  return { echo: (text) => client.call('echo', [text]) as Promise<string> }
}

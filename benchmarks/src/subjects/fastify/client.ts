import { Client } from 'undici'
import type { ConnectOptions, EchoClient } from '../../subject.js'

export async function connect(address: string, { inFlight }: ConnectOptions): Promise<EchoClient> {
  const client = new Client(address, { pipelining: inFlight })
  return {
    echo: async (text) => {
      const { body } = await client.request({
        method: 'POST',
        path: '/echo',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text }),
        // Without these two, POST requests are never pipelined, and one connection carries one call at a time.
        idempotent: true,
        blocking: false,
      })
      return ((await body.json()) as { text: string }).text
    },
  }
}

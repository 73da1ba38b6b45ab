import type { EchoClient } from '../../subject.js'
import { createNode } from './node.js'

export async function connect(address: string): Promise<EchoClient> {
  const broker = createNode('client', JSON.parse(address) as Record<string, string>)
  await broker.start()
  await broker.waitForServices('echo', 8_000)
  return { echo: (text) => broker.call<string, { text: string }>('echo.echo', { text }) }
}

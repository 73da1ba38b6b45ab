import { listenLoopback } from '../../loopback.js'
import type { EchoServer, ServeOptions } from '../../subject.js'
import { layout, thrift } from './library.js'
import { Processor } from './service.js'

export async function serve({ variant }: ServeOptions): Promise<EchoServer> {
  const server = thrift.createServer({ Processor }, { echo: (text: string) => text }, layout(variant))
  return { address: String(await listenLoopback(server)) }
}

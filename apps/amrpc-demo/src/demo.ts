import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { RpcError } from '@hawser/contract'
import { http } from '@hawser/protocol-http'
import { topic } from '@hawser/push'
import { reflect } from '@hawser/reflection'
import { createServer } from '@hawser/server'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'
import { native } from '@hawser/wire'
import { servePage } from './page.js'
import { birthdayType, divideType, echoType, Nag, nagType, toStringType } from './types.js'

/** Where to listen. */
export interface DemoAddresses {
  readonly tcp: string
  readonly ipc: string
  /** A port of 127.0.0.1. */
  readonly pagePort: number
}

/** The demo, serving. */
export interface Demo extends AsyncDisposable {
  /** Native clients, HTTP and WebSocket, all at this one address. */
  readonly tcp: string
  /** The same on a local socket. */
  readonly ipc: string
  readonly page: string
  readonly methods: readonly string[]
}

const nagEveryMs = 1_000

/** Serves it all. */
export async function startDemo(addresses: DemoAddresses): Promise<Demo> {
  // Structs by the names of their fields, and enumerations as numbers: what AMRPC's own clients read.
  const codecs = [msgpack({ keys: 'names' }), json({ enums: 'numbers' })]
  const server = createServer({ transports: [tcp(), ipc()], codecs })

  server.rpc('/to_string', (n) => String(n), { signature: toStringType, safe: true })
  server.rpc('/echo', (bytes) => bytes, { signature: echoType, safe: true })
  server.rpc('/birthday', (person) => ({ ...person, age: person.age + 1 }), { signature: birthdayType })
  server.rpc('/divide', divide, { signature: divideType })

  const nagging = topic(server, '/nagging', { type: Nag, highWaterMark: 100 })
  const publish = (text: string) => void nagging.publish({ at: new Date().toISOString(), text })
  const timer = setInterval(() => publish('Have you moored the boat?'), nagEveryMs)
  server.rpc(
    '/nag',
    (text) => {
      publish(text)
      return nagging.size
    },
    { signature: nagType },
  )

  reflect(server, { enabled: true, schema: true })

  // The page is another origin than the server, whose port it calls: it has to be let in.
  let served = ''
  const page = await servePage(addresses.pagePort, () => served)
  const protocols = [native(), http({ profile: 'amrpc', origins: page.origins })]
  const overTcp = await server.listen(addresses.tcp, { protocols })
  const overIpc = await server.listen(addresses.ipc, { protocols })
  served = overTcp.address.replace(/^tcp:\/\//, '')

  return {
    tcp: overTcp.address,
    ipc: overIpc.address,
    page: page.address,
    methods: server.methods,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await Promise.all([page.close(), server.close()])
    },
  }
}

function divide(a: number, b: number): number {
  if (b === 0) throw new RpcError('invalid_argument', 'Nothing can be divided by 0', { details: { a, b } })
  return a / b
}

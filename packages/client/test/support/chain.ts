import { type Client, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { type VirtualClock, virtualClock } from '@hawser/contract'
import { createServer, type Server } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import { Echo, type EchoRecord, echo } from './echo.js'
import { inVirtualTime } from './stack.js'

/** Three servers in a row: /a calls /b of the second, which calls the third's methods. */
export interface Chain extends AsyncDisposable {
  readonly client: Client
  /** By the memory address of each: `memory://a` and so on. */
  readonly servers: Readonly<Record<'a' | 'b' | 'c', Server>>
  /** What became of the calls at the third hop. */
  readonly record: EchoRecord
  /** Passes on to hang at the third hop. */
  hang(name: string, options?: Parameters<ReturnType<Client['remote']>['with']>[0]): Promise<string>
}

export async function chain(clock?: VirtualClock): Promise<Chain> {
  const parts = { transports: [memory(clock ? { clock } : {})], codecs: [json()], clock, log: () => {} }
  const servers = { a: createServer(parts), b: createServer(parts), c: createServer(parts) }
  const clients = [createClient(parts), createClient(parts), createClient(parts)] as const
  const [client, ofA, ofB] = clients
  const { handlers, record } = echo()
  servers.c.implement(Echo, handlers)
  const third = ofB.stub(Echo, 'memory://c')
  servers.b.rpc('/hang', (name: string) => third.hang(name))
  servers.b.rpc('/drip', async (name: string) => {
    for await (const number of third.drip(name)) if (number > 3) return number
    return 0
  })
  for (const method of ['/hang', '/drip'])
    servers.a.rpc(method, ofA.remote<(name: string) => string>('memory://b', method))
  for (const [name, server] of Object.entries(servers)) await server.listen(`memory://${name}`)
  // Connecting is covered by deadlines as well, and is not what they are tested for.
  const connected = [client.connect('memory://a'), ofA.connect('memory://b'), ofB.connect('memory://c')]
  await clock?.advance(1)
  await Promise.all(connected)
  const hang = client.remote<(name: string) => string>('memory://a', '/hang')
  return {
    client,
    servers,
    record,
    hang: (name, options = {}) => hang.with(options)(name),
    async [Symbol.asyncDispose]() {
      await Promise.all([...clients, ...Object.values(servers)].map((each) => each.close()))
    },
  }
}

/** The same in virtual time. */
export async function virtualChain(): Promise<Chain & { readonly clock: VirtualClock }> {
  const clock = virtualClock()
  return inVirtualTime(await chain(clock), clock)
}

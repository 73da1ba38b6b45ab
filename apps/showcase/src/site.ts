import { createClient } from '@hawser/client'
import { RpcError } from '@hawser/contract'
import type { ListenOptions, Server } from '@hawser/server'
import { makeCertificate } from './certificate.js'
import { type Library, readLibrary } from './library.js'
import { createTextServer } from './server.js'
import { codecs, transportsOf, type Way, ways } from './strands.js'

/** The server, listening in every way there is. */
export interface Site extends AsyncDisposable {
  readonly server: Server
  readonly library: Library
  readonly ways: readonly Way[]
  /** Where it listens, by the name of the way. */
  readonly addresses: ReadonlyMap<string, string>
}

/** Opens it. */
export async function openSite(): Promise<Site> {
  const [certificate, library] = await Promise.all([makeCertificate(), readLibrary()])
  const { key, cert, path } = certificate
  const all = ways({ server: { key, cert }, client: { ca: cert } }, path)
  const transports = transportsOf(all)
  const addresses = new Map<string, string>()
  const client = createClient({ transports, codecs })
  const server = createTextServer({ transports, codecs }, { library, client, addresses })
  for (const { name, address, protocols } of all)
    addresses.set(
      name,
      typeof address === 'string' ? await listen(server, address, { protocols }) : addresses.get(address.of)!,
    )
  return {
    server,
    library,
    ways: all,
    addresses,
    async [Symbol.asyncDispose]() {
      await client.close()
      await server.close()
      await certificate[Symbol.asyncDispose]()
    },
  }
}

// Somebody else may have the usual port: then any will do.
async function listen(server: Server, address: string, options: ListenOptions): Promise<string> {
  const anyPort = address.replace(/:\d+$/, ':0')
  try {
    return (await server.listen(address, options)).address
  } catch (error) {
    if (!RpcError.is(error) || anyPort === address) throw error
    return (await server.listen(anyPort, options)).address
  }
}

import { type Client, type ClientOptions, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { RpcError, type Transport, type VirtualClock, virtualClock } from '@hawser/contract'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import { memory } from '@hawser/transport-memory'

/** Several servers and a client in virtual time. */
export interface Fleet extends AsyncDisposable {
  readonly clock: VirtualClock
  readonly client: Client
  /** Addresses in the order they were dialled, with the time. */
  readonly dialled: { readonly address: string; readonly at: number }[]
  /** How many calls each server has had, by its name. */
  readonly served: Map<string, number>
  /** Milliseconds after which a server answers; 0 unless set. */
  readonly delayMs: Map<string, number>
  /** Servers that fail all calls as a sick one would. */
  readonly sick: Set<string>
  readonly parts: ClientOptions
  /** Listens at `memory://name`. Methods: /who says the name, /hang never answers. */
  serve(name: string, options?: Partial<ServerOptions>): Promise<Server>
  /** Ends a server as a crash would. */
  crash(server: Server): Promise<void>
  /** Addresses that take a connection never, rather than refuse it. */
  readonly black: Set<string>
}

export function fleet(options: Partial<ClientOptions> = {}, seed = 1): Fleet {
  const clock = virtualClock(seed)
  const network: Transport = memory({ clock })
  const dialled: { readonly address: string; readonly at: number }[] = []
  const black = new Set<string>()
  const served = new Map<string, number>()
  const delayMs = new Map<string, number>()
  const sick = new Set<string>()
  const servers = new Set<Server>()
  const dialer = {
    schemes: network.schemes,
    dial(...[address, options]: Parameters<Transport['dial']>) {
      dialled.push({ address, at: clock.now() })
      if (!black.has(address)) return network.dial(address, options)
      return new Promise<never>((_, reject) => {
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason))
      })
    },
  }
  const shared = { codecs: [json()], clock, log: () => {} }
  const parts: ClientOptions = { ...shared, transports: [dialer], ...options }
  const client = createClient(parts)
  const wait = (milliseconds: number) =>
    new Promise<void>((resolve) => void clock.timer(milliseconds, resolve))
  return {
    clock,
    client,
    dialled,
    served,
    delayMs,
    sick,
    parts,
    black,
    async serve(name, serverOptions = {}) {
      const server = createServer({ ...shared, transports: [network], ...serverOptions })
      server.rpc('/who', async () => {
        served.set(name, (served.get(name) ?? 0) + 1)
        const milliseconds = delayMs.get(name) ?? 0
        if (milliseconds > 0) await wait(milliseconds)
        if (sick.has(name)) throw new RpcError('unavailable', 'unwell')
        return name
      })
      server.rpc('/hang', () => {
        served.set(name, (served.get(name) ?? 0) + 1)
        return new Promise(() => {})
      })
      await server.listen(`memory://${name}`)
      servers.add(server)
      return server
    },
    async crash(server) {
      servers.delete(server)
      const closing = server.close({ signal: AbortSignal.abort() })
      await clock.advance(1)
      await closing
    },
    async [Symbol.asyncDispose]() {
      const closing = Promise.all([client.close(), ...[...servers].map((server) => server.close())])
      await clock.advance(60_000)
      await closing
    },
  }
}

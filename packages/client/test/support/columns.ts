import { callsThrough, type RemoteFunction, type Stub } from '@hawser/client'
import { binary, compact } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { protobuf } from '@hawser/codec-protobuf'
import type { Codec, MethodType, ServiceType } from '@hawser/contract'
import { i32, list, optional, signature, string } from '@hawser/schema'
import { createServer, type Server, type ServiceHandlers } from '@hawser/server'
import { Echo, type EchoRecord, echo } from './echo.js'
import { stack, transports } from './stack.js'

const Pair = signature([i32, optional(string)], list(string))

function pair(a: number, b: string | undefined): string[] {
  return [String(a), String(b)]
}

function echoOn(server: Server, handlers: ServiceHandlers<typeof Echo.methods>): void {
  server.implement(Echo, handlers)
  server.rpc('/pair', pair, { signature: Pair })
}

/** What one row of a matrix works with. */
export interface Place {
  readonly echo: Stub<typeof Echo.methods>
  readonly record: EchoRecord
  /** A function with types: `[a, String(b)]`. */
  readonly pair: RemoteFunction<(a: number, b?: string | undefined) => string[]>
  /** A method that is not there. */
  readonly absent: { enabled(): Promise<boolean> }
  stub<M extends Record<string, MethodType>>(service: ServiceType<M>): Stub<M>
}

/** A codec, and what it cannot carry without a type: known as data, so that no row is left out. */
export interface Strand {
  readonly codec: Codec
  readonly carriesAnything: boolean
}

/** Every codec for values. */
export const strands: readonly Strand[] = [
  { codec: json(), carriesAnything: true },
  { codec: msgpack(), carriesAnything: true },
  { codec: protobuf(), carriesAnything: true },
  { codec: binary(), carriesAnything: false },
  { codec: compact(), carriesAnything: false },
]

/** One boundary. */
export interface Column {
  readonly name: string
  /** A place of its own for one row. By default its server is an {@link Echo}. */
  lay(codec: Codec, serve?: (server: Server) => void): Promise<Place & AsyncDisposable>
}

/** Every boundary there is, and none. */
export const columns: readonly Column[] = [
  ...transports().map(({ name, transport, address }) => ({
    name,
    async lay(codec: Codec, serve?: (server: Server) => void) {
      const { handlers, record } = echo()
      const all = await stack({ transport, address, codecs: [codec] })
      if (serve) serve(all.server)
      else echoOn(all.server, handlers)
      return {
        echo: all.client.stub(Echo, all.address),
        pair: all.client.remote(all.address, '/pair', { signature: Pair }),
        stub: <M extends Record<string, MethodType>>(service: ServiceType<M>) =>
          all.client.stub(service, all.address),
        absent: all.client.remote(all.address, '/absent'),
        record,
        [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
      }
    },
  })),
  {
    name: 'no transport',
    async lay(codec, serve) {
      const { handlers, record } = echo()
      const server = createServer({ codecs: [codec] })
      if (serve) serve(server)
      else echoOn(server, handlers)
      const calls = callsThrough(server.handler, { codecs: [codec] })
      return {
        echo: calls.stub(Echo),
        pair: calls.remote('/pair', { signature: Pair }),
        stub: <M extends Record<string, MethodType>>(service: ServiceType<M>) => calls.stub(service),
        absent: calls.remote('/absent'),
        record,
        async [Symbol.asyncDispose]() {
          calls.close()
          await server.close()
        },
      }
    },
  },
]

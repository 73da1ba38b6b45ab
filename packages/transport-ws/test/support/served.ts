import { binary, compact } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { protobuf } from '@hawser/codec-protobuf'
import type { Peer } from '@hawser/contract'
import { createServer, type Server } from '@hawser/server'
import { ws } from '../../src/index.js'
import { Harbour } from './harbour.js'

/** A server for pages, and what it has seen. */
export interface Served extends AsyncDisposable {
  readonly server: Server
  readonly address: string
  readonly peers: Peer[]
  /** What calls of `hang` have come to. */
  readonly hung: Map<string, 'waiting' | 'cancelled'>
  readonly left: number[]
  /** What the page said without being asked. */
  readonly said: unknown[]
}

/** Serves the harbour to the pages of an origin. */
export async function serve(origin: string, address = 'ws://127.0.0.1:0/rpc'): Promise<Served> {
  const peers: Peer[] = []
  const hung = new Map<string, 'waiting' | 'cancelled'>()
  const left: number[] = []
  const said: unknown[] = []
  const server = createServer({
    transports: [ws({ origins: [origin] })],
    codecs: [msgpack(), protobuf(), binary(), compact(), json()],
    log: () => {},
    onConnect: (peer) => void peers.push(peer),
    onNotify: (type, message) => void said.push([type, message]),
  })
  server.rpc('/greet', (name: string) => `Hello ${name}`)
  server.implement(Harbour, {
    load: (cargo) => cargo,
    upper: (text) => text.toUpperCase(),
    async sum(numbers) {
      let sum = 0
      for await (const number of numbers) sum += number
      return sum
    },
    *count(to) {
      let number = 1
      try {
        for (; number <= to; number++) yield number
      } finally {
        if (number <= to) left.push(number)
      }
    },
    async *mirror(texts) {
      for await (const text of texts) yield text.toUpperCase()
    },
    hang: (name, { signal }) =>
      new Promise((_, reject) => {
        hung.set(name, 'waiting')
        signal.addEventListener('abort', () => {
          hung.set(name, 'cancelled')
          reject(signal.reason)
        })
      }),
  })
  const listener = await server.listen(address)
  return {
    server,
    address: listener.address,
    peers,
    hung,
    left,
    said,
    [Symbol.asyncDispose]: () => server.close(),
  }
}

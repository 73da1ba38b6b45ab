import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { testAuthority } from '@hawser/compliance/harness'
import { currentCall } from '@hawser/context'
import { RpcError } from '@hawser/contract'
import { topic } from '@hawser/push'
import {
  bytes,
  clientStream,
  duplex,
  field,
  i64,
  oneway,
  serverStream,
  service,
  string,
  struct,
  unary,
} from '@hawser/schema'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'
import { ws } from '@hawser/transport-ws'

const Item = struct('shop.Item', { id: field(1, i64), name: field(2, string), photo: field(3, bytes) })
const Shop = service('shop.Shop', {
  get: unary(i64, Item),
  all: serverStream(i64, Item),
  sum: clientStream(i64, i64),
  running: duplex(i64, i64),
  note: oneway(i64),
  noted: unary(i64, i64),
})

/** Signs for the servers of the tests. */
export const authority: ReturnType<typeof testAuthority> = testAuthority()

/** A server with a bit of everything. */
export function served(options: Partial<ServerOptions> = {}): Server {
  const { cert, key } = authority.issue('127.0.0.1')
  const tls = { server: { cert, key } }
  const server = createServer({
    transports: [tcp({ tls }), ipc(), ws({ tls })],
    codecs: [msgpack(), json()],
    log() {},
    ...options,
  })
  server.rpc('/add', (a: number, b: number) => a + b)
  server.rpc('/echo', (value: unknown) => value)
  server.rpc('/bytes', () => Uint8Array.of(1, 2, 3))
  server.rpc('/nothing', () => {})
  server.rpc('/infinity', () => Infinity)
  server.rpc('/header', (name: string) => currentCall()?.headers.get(name))
  server.rpc('/codec', () => currentCall()?.codec)
  server.rpc('/fail', () => {
    throw new RpcError('not_found', 'No such rope\u001b[2J', { details: { id: 7 } })
  })
  server.rpc(
    '/slow',
    () => new Promise<void>((resolve) => currentCall()?.onCancel({ cancelled: () => resolve() })),
  )
  const item = (id: bigint) => ({ id, name: 'rope', photo: Uint8Array.of(1, 2) })
  let last = 0n
  server.implement(Shop, {
    get: item,
    note(number) {
      last = number
    },
    noted: () => last,
    async *all(count) {
      for (let id = 0n; id < count; id++) yield item(id)
    },
    async sum(numbers) {
      let sum = 0n
      for await (const number of numbers) sum += number
      return sum
    },
    async *running(numbers) {
      let sum = 0n
      for await (const number of numbers) {
        sum += number
        yield sum
      }
    },
  })
  return server
}

/** A topic that publishes 0, 1, 2 … to each that joins, for as long as there is somebody. */
export function counting(server: Server): void {
  let timer: NodeJS.Timeout | undefined
  let next = 0
  const numbers = topic<number>(server, '/numbers', {
    onJoin: () => {
      timer ??= setInterval(() => numbers.publish(next++), 5)
    },
    onLeave: () => {
      if (numbers.size > 0) return
      clearInterval(timer)
      timer = undefined
    },
  })
}

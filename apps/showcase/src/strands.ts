import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import type { Codec, Transport } from '@hawser/contract'
import { memory } from '@hawser/transport-memory'
import { type TcpOptions, tcp } from '@hawser/transport-tcp'

/** One way to reach the server. */
export interface Way {
  /** As the table calls it. */
  readonly name: string
  readonly transport: Transport
  /** Where to listen; with another port where this one is taken. */
  readonly address: string
  /** What another process needs besides the address to call; absent where it cannot. */
  readonly callOptions?: readonly string[]
}

/**
 * Every transport there is: a line here is a row for each codec in the table.
 * @param ca the file with the certificate of the tls address
 */
export function ways(tls: TcpOptions['tls'], ca: string): readonly Way[] {
  const tcpAndTls = tcp({ tls })
  return [
    { name: 'memory', transport: memory(), address: 'memory://showcase' },
    { name: 'tcp', transport: tcpAndTls, address: 'tcp://127.0.0.1:57000', callOptions: [] },
    { name: 'tls', transport: tcpAndTls, address: 'tls://127.0.0.1:57001', callOptions: ['--ca', ca] },
  ]
}

/** The transports of all ways, each once. */
export function transportsOf(ways: readonly Way[]): Transport[] {
  return [...new Set(ways.map(({ transport }) => transport))]
}

/** Every codec there is, the preferred first. */
export const codecs: readonly Codec[] = [msgpack(), json()]

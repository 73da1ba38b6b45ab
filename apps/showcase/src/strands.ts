import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { binary, compact } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { protobuf } from '@hawser/codec-protobuf'
import type { Codec, Protocol, Transport } from '@hawser/contract'
import { http } from '@hawser/protocol-http'
import { jsonFrame } from '@hawser/protocol-json-frame'
import { ipc } from '@hawser/transport-ipc'
import { memory } from '@hawser/transport-memory'
import { type TcpOptions, tcp } from '@hawser/transport-tcp'
import { worker } from '@hawser/transport-worker'
import { ws } from '@hawser/transport-ws'
import { native } from '@hawser/wire'

/** One way to reach the server. */
export interface Way {
  /** As the table calls it. */
  readonly name: string
  readonly transport: Transport
  /** Where to listen; with another port where this one is taken. Of another way: at its address, which speaks both. */
  readonly address: string | { readonly of: string }
  /** What is spoken there, told apart by the first bytes; Hawser's own protocol alone where absent. */
  readonly protocols?: readonly Protocol[]
  /** What is called with, where it is not Hawser's own protocol. */
  readonly protocol?: Protocol
  /** The codecs it carries, by name; all where absent. */
  readonly carries?: readonly string[]
  /** The checks of what it has no means for, by name. */
  readonly lacks?: readonly string[]
  /** What a handler hears that is not wanted any more: `cancelled`, unless that can only be told by hanging up. */
  readonly gone?: 'unavailable'
  /** What another process needs besides the address to call; absent where it cannot. */
  readonly callOptions?: readonly string[]
}

/**
 * Every transport there is, and every protocol: an entry here is a row for each codec in the table.
 * @param ca the file with the certificate of the tls address
 */
export function ways(tls: TcpOptions['tls'], ca: string): readonly Way[] {
  const tcpAndTls = tcp({ tls })
  const wsAndWss = ws({ tls })
  const socket = join(tmpdir(), `hawser-showcase-${process.pid}.sock`)
  return [
    { name: 'memory', transport: memory(), address: 'memory://showcase' },
    {
      name: 'tcp',
      transport: tcpAndTls,
      address: 'tcp://127.0.0.1:57000',
      protocols: [native(), http(), jsonFrame()],
      callOptions: [],
    },
    {
      name: 'http',
      transport: tcpAndTls,
      address: { of: 'tcp' },
      protocol: http(),
      carries: ['json'],
      lacks: ['duplex', 'push'],
      gone: 'unavailable',
    },
    {
      name: 'json-frame',
      transport: tcpAndTls,
      address: { of: 'tcp' },
      protocol: jsonFrame(),
      carries: ['json'],
      lacks: ['server', 'client', 'duplex', 'deadline', 'cancel', 'push', 'pull', 'nested'],
    },
    { name: 'tls', transport: tcpAndTls, address: 'tls://127.0.0.1:57001', callOptions: ['--ca', ca] },
    { name: 'ipc', transport: ipc(), address: `ipc://${socket}`, callOptions: [] },
    { name: 'ws', transport: wsAndWss, address: 'ws://127.0.0.1:57002', callOptions: [] },
    { name: 'wss', transport: wsAndWss, address: 'wss://127.0.0.1:57003', callOptions: ['--ca', ca] },
    { name: 'worker', transport: channel(), address: 'worker://showcase' },
  ]
}

// Both ends are in this thread here, and each calls the other by the same name; elsewhere the port is a Worker.
function channel(): Transport {
  const { port1, port2 } = new MessageChannel()
  const here = worker({ workers: { showcase: port1 } })
  const there = worker({ workers: { showcase: port2 } })
  return { ...here, listen: there.listen }
}

/** The transports of all ways, each once. */
export function transportsOf(ways: readonly Way[]): Transport[] {
  return [...new Set(ways.map(({ transport }) => transport))]
}

/** Every codec there is, the preferred first. */
export const codecs: readonly Codec[] = [msgpack(), json(), protobuf(), binary(), compact()]

/** Those a way carries. */
export function codecsOf({ carries }: Way): readonly Codec[] {
  return codecs.filter(({ name }) => carries?.includes(name) ?? true)
}

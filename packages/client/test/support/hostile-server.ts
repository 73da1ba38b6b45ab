import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** The numbers of docs/protocol.md, written down without any of the code under test. */
export const kinds = {
  hello: 1,
  request: 2,
  reply: 3,
  error: 4,
  item: 5,
  end: 6,
  credit: 7,
  cancel: 8,
  ping: 10,
  goaway: 12,
} as const

const preface = Buffer.from('f86861777365720a', 'hex')
const acceptorHello = frame(kinds.hello, 0, Buffer.from('01020100010002000c00400000040000c800210400', 'hex'))

/** A frame of json, which is the only codec offered. */
export function frame(kind: number, id: number, body: Buffer | string = '', flags = 0, detail = 0): Buffer {
  const rest = Buffer.from(body as string)
  const head = Buffer.alloc(12)
  head.writeUInt32BE(rest.length + 8)
  head[4] = kind
  head[5] = flags
  head[7] = detail
  head.writeUInt32BE(id, 8)
  return Buffer.concat([head, rest])
}

/** A frame of a client's, as far as a script needs it. */
export interface Received {
  readonly kind: number
  readonly id: number
  readonly detail: number
}

/** One connection of a client, in the hands of a script. */
export interface Victim {
  readonly socket: Socket
  /** From 0. */
  readonly number: number
  send(...frames: Buffer[]): void
}

/** What a server does instead of serving. */
export interface Script {
  /** After the hellos, which are exchanged as they should be unless this is false. */
  readonly hello?: boolean
  connected?(victim: Victim): void
  received?(frame: Received, victim: Victim): void
}

/** A server that speaks the protocol's bytes, and keeps to none of its rules. */
export interface HostileServer extends AsyncDisposable {
  readonly address: string
  /** Connections there were. */
  readonly connections: number
  /** Connections that are open. */
  readonly open: number
  /** What came, of all connections. */
  readonly frames: Received[]
}

export async function hostileServer(script: Script): Promise<HostileServer> {
  const sockets = new Set<Socket>()
  const frames: Received[] = []
  let connections = 0
  const server = createServer({ noDelay: true }, (socket) => {
    const number = connections++
    sockets.add(socket)
    // It is left by clients that have had enough.
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    const victim: Victim = { socket, number, send: (...all) => void socket.write(Buffer.concat(all)) }
    if (script.hello !== false) socket.write(Buffer.concat([preface, acceptorHello]))
    let held = Buffer.alloc(0)
    let at = preface.length
    socket.on('data', (bytes) => {
      held = Buffer.concat([held, bytes])
      while (held.length >= at + 12 && held.length >= at + 4 + held.readUInt32BE(at)) {
        const received = { kind: held[at + 4]!, detail: held[at + 7]!, id: held.readUInt32BE(at + 8) }
        held = held.subarray(at + 4 + held.readUInt32BE(at))
        at = 0
        frames.push(received)
        if (received.kind === kinds.hello) script.connected?.(victim)
        script.received?.(received, victim)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `tcp://127.0.0.1:${port}`,
    get connections() {
      return connections
    },
    get open() {
      return sockets.size
    },
    frames,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

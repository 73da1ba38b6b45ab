import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** One frame as it crossed, or the preface that each side begins with. */
export interface Crossing {
  readonly from: 'client' | 'server'
  readonly hex: string
}

const prefaceBytes = 8

// Credit is granted when it is due, which differs from run to run; the little that is sent here goes without.
const credit = 7

/** Cuts what one side sends into its preface and frames, but for credit. */
export class Cutter {
  #bytes = Buffer.alloc(0)
  #begun = false
  readonly #frame: (frame: Buffer) => void

  constructor(frame: (frame: Buffer) => void) {
    this.#frame = frame
  }

  push(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    for (;;) {
      const size = this.#begun ? this.#size() : prefaceBytes
      if (this.#bytes.length < Math.max(size, 5)) return
      if (!this.#begun || this.#bytes[4] !== credit) this.#frame(this.#bytes.subarray(0, size))
      this.#bytes = this.#bytes.subarray(size)
      this.#begun = true
    }
  }

  #size(): number {
    return this.#bytes.length < 4 ? Number.POSITIVE_INFINITY : 4 + this.#bytes.readUInt32BE(0)
  }
}

/** Stands between a client and a server, and writes down what crosses. */
export async function tap(
  serverPort: number,
): Promise<{ port: number; crossings: Crossing[]; close(): void }> {
  const crossings: Crossing[] = []
  const note = (from: Crossing['from']) =>
    new Cutter((frame) => void crossings.push({ from, hex: frame.toString('hex') }))
  const server = await listening((client) => {
    const upstream = connect(serverPort, '127.0.0.1')
    join(client, upstream, note('client'))
    join(upstream, client, note('server'))
  })
  return { port: portOf(server), crossings, close: () => void server.close() }
}

function join(from: Socket, to: Socket, cutter: Cutter): void {
  from.on('data', (bytes) => {
    cutter.push(bytes)
    to.write(bytes)
  })
  from.on('end', () => to.end())
  from.on('error', () => to.destroy())
}

/** Says what the server said, each piece once the client has said as much as it had said before it. */
export async function playServer(crossings: readonly Crossing[]): Promise<Server> {
  return listening((socket) => {
    let heard = 0
    let at = 0
    const go = () => {
      let needed = crossings.slice(0, at).filter(({ from }) => from === 'client').length
      for (; at < crossings.length; at++) {
        const { from, hex } = crossings[at]!
        if (from === 'server') socket.write(Buffer.from(hex, 'hex'))
        else if (++needed > heard) return
      }
    }
    const cutter = new Cutter(() => {
      heard++
      go()
    })
    socket.on('data', (bytes) => cutter.push(bytes))
    socket.on('error', () => undefined)
    go()
  })
}

/** Says what the client said, a piece at a time as above, and returns what the server answers, piece by piece. */
export async function playClient(crossings: readonly Crossing[], port: number): Promise<Buffer[]> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const answers: Buffer[] = []
  const wanted = crossings.filter(({ from }) => from === 'server').length
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  let at = 0
  const go = () => {
    let needed = crossings.slice(0, at).filter(({ from }) => from === 'server').length
    for (; at < crossings.length; at++) {
      const { from, hex } = crossings[at]!
      if (from === 'client') socket.write(Buffer.from(hex, 'hex'))
      else if (++needed > answers.length) return
    }
  }
  const cutter = new Cutter((frame) => {
    answers.push(Buffer.from(frame))
    go()
    if (answers.length === wanted) socket.end()
  })
  socket.on('data', (bytes) => cutter.push(bytes))
  go()
  await over
  return answers
}

async function listening(accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer(accept)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

export function portOf(server: Server): number {
  const address = server.address()
  if (!address || typeof address === 'string') throw new TypeError('The server is not listening')
  return address.port
}

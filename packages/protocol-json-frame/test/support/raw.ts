import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** A message as the tutorial's `struct.pack("I", …)` and `json.dumps` make it, written down without any of the code under test. */
export function frame(message: unknown, bigEndian = false): Buffer {
  const body = typeof message === 'string' ? Buffer.from(message) : Buffer.from(JSON.stringify(message))
  return framed(body, bigEndian)
}

export function framed(body: Uint8Array, bigEndian = false): Buffer {
  const length = Buffer.alloc(4)
  if (bigEndian) length.writeUInt32BE(body.length)
  else length.writeUInt32LE(body.length)
  return Buffer.concat([length, body])
}

/** One end of a socket that speaks by hand. */
export class Raw implements AsyncDisposable {
  readonly socket: Socket
  /** What has come and is not a whole message. */
  rest: Buffer = Buffer.alloc(0)
  over = false
  readonly #messages: unknown[] = []
  #wake: () => void = () => {}
  readonly #bigEndian: boolean

  constructor(socket: Socket, bigEndian = false) {
    this.socket = socket
    this.#bigEndian = bigEndian
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      this.rest = Buffer.concat([this.rest, bytes])
      this.#cut()
      this.#wake()
    })
    socket.on('close', () => {
      this.over = true
      this.#wake()
    })
  }

  static async dial(address: string, bigEndian = false): Promise<Raw> {
    const socket = connect(Number(new URL(address).port), '127.0.0.1')
    const raw = new Raw(socket, bigEndian)
    await once(socket, 'connect')
    return raw
  }

  /** Writes messages: values, texts that stand for themselves, and bytes that are no messages. */
  send(...messages: readonly unknown[]): void {
    this.socket.write(
      Buffer.concat(
        messages.map((each) => (each instanceof Uint8Array ? each : frame(each, this.#bigEndian))),
      ),
    )
  }

  /** The next message; undefined when there is none any more. */
  async next(): Promise<unknown> {
    for (;;) {
      if (this.#messages.length > 0) return this.#messages.shift()
      if (this.over) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async ask(message: unknown): Promise<unknown> {
    this.send(message)
    return await this.next()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.over) return
    const closed = once(this.socket, 'close')
    this.socket.destroy()
    await closed
  }

  #cut(): void {
    while (this.rest.length >= 4) {
      const size = 4 + (this.#bigEndian ? this.rest.readUInt32BE() : this.rest.readUInt32LE())
      if (this.rest.length < size) return
      const text = this.rest.subarray(4, size).toString()
      try {
        this.#messages.push(JSON.parse(text))
      } catch {
        return
      }
      this.rest = this.rest.subarray(size)
    }
  }
}

/** A server that speaks by hand. */
export async function rawServer(
  accept: (raw: Raw) => void,
  bigEndian = false,
): Promise<{ readonly address: string; readonly server: Server } & AsyncDisposable> {
  const raws: Raw[] = []
  const server = createServer((socket) => {
    const raw = new Raw(socket, bigEndian)
    raws.push(raw)
    accept(raw)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    address: `tcp://127.0.0.1:${port}`,
    server,
    async [Symbol.asyncDispose]() {
      await Promise.all(raws.map((raw) => raw[Symbol.asyncDispose]()))
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

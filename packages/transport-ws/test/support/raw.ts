import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { parseAddress } from '../../src/address.js'

/** Lines of an upgrade request, each to be left out or replaced. */
export interface RequestParts {
  readonly start?: string
  readonly headers?: readonly string[]
  /** Names of the usual headers to leave out. */
  readonly without?: readonly string[]
}

const usual = [
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

/** An upgrade request as text. */
export function request({ start = 'GET / HTTP/1.1', headers = [], without = [] }: RequestParts = {}): string {
  const kept = usual.filter((line) => !without.includes(line.slice(0, line.indexOf(':'))))
  return `${[start, ...kept, ...headers].join('\r\n')}\r\n\r\n`
}

/** A plain socket that speaks HTTP and WebSocket frames by hand. */
export class RawPeer {
  readonly socket: Socket
  received: Buffer = Buffer.alloc(0)
  ended = false
  #changed: () => void = () => {}

  constructor(address: string) {
    this.socket = connect(parseAddress(address, 1).port, '127.0.0.1')
    this.socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes])
      this.#changed()
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.ended = true
      this.#changed()
    })
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes)
  }

  /** Waits for the head of a response, and takes it. */
  async head(): Promise<string> {
    let at = this.received.indexOf('\r\n\r\n')
    while (at < 0 && !this.ended) {
      await this.change()
      at = this.received.indexOf('\r\n\r\n')
    }
    const head = this.received.toString('latin1', 0, at < 0 ? undefined : at)
    this.received = at < 0 ? Buffer.alloc(0) : this.received.subarray(at + 4)
    return head
  }

  /** Resolves at the end of the connection: the status of the close frame it got, if any. */
  async end(): Promise<number | undefined> {
    while (!this.ended) await this.change()
    const { received } = this
    return received[0] === 0x88 && received.length >= 4 ? received.readUInt16BE(2) : undefined
  }

  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve
    })
  }

  async close(): Promise<void> {
    if (this.ended) return
    const closed = once(this.socket, 'close')
    this.socket.destroy()
    await closed
  }
}

/** One attempt at an upgrade: the first line of the answer, and all of it. */
export async function ask(
  address: string,
  parts: RequestParts | string = {},
): Promise<readonly [string, string]> {
  const peer = new RawPeer(address)
  peer.write(typeof parts === 'string' ? parts : request(parts))
  const head = await peer.head()
  await peer.close()
  return [head.split('\r\n', 1)[0]!, head]
}

/** A raw peer after its upgrade. */
export async function upgraded(address: string, parts: RequestParts = {}): Promise<RawPeer> {
  const peer = new RawPeer(address)
  peer.write(request(parts))
  const head = await peer.head()
  if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`Not upgraded: ${head}`)
  return peer
}

export const Opcode = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 }

/** What a frame is made of, as a client sends it: masked, and whole, unless told otherwise. */
export interface FrameParts {
  readonly opcode?: number
  readonly fin?: boolean
  readonly rsv?: number
  readonly masked?: boolean
  /** Declared instead of the real length, in eight bytes. */
  readonly length?: bigint
}

/** A frame as bytes. The mask is of zeros, so the payload stays legible. */
export function frame(payload: Uint8Array | string, parts: FrameParts = {}): Buffer {
  const { opcode = Opcode.binary, fin = true, rsv = 0, masked = true, length } = parts
  const body = Buffer.from(payload)
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  const mask = masked ? 0x80 : 0
  const size = Buffer.alloc(length !== undefined || body.length > 65_535 ? 9 : body.length > 125 ? 3 : 1)
  if (size.length === 1) size[0] = mask | body.length
  else if (size.length === 3) {
    size[0] = mask | 126
    size.writeUInt16BE(body.length, 1)
  } else {
    size[0] = mask | 127
    size.writeBigUInt64BE(length ?? BigInt(body.length), 1)
  }
  return Buffer.concat([Buffer.of(first), size, Buffer.alloc(masked ? 4 : 0), body])
}

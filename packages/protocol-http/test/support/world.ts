import { connect, type Socket } from 'node:net'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import type { Limits, LogEntry } from '@hawser/contract'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'
import type { Test } from 'tap'
import { type HttpOptions, http } from '../../src/index.js'

/** A server on a port of its own, which ends with the test. */
export interface World {
  readonly server: Server
  readonly port: number
  readonly origin: string
  readonly logs: LogEntry[]
}

export interface WorldOptions extends Partial<Omit<ServerOptions, 'limits'>> {
  readonly http?: HttpOptions
  readonly limits?: Partial<Limits>
}

export async function world(t: Test, options: WorldOptions = {}): Promise<World> {
  const { http: own, ...rest } = options
  const logs: LogEntry[] = []
  const server = createServer({
    transports: [tcp()],
    codecs: [json(), msgpack()],
    protocols: [http(own)],
    log: (entry) => void logs.push(entry),
    ...rest,
  })
  t.teardown(() => server.close({ signal: AbortSignal.timeout(500) }))
  const { address } = await server.listen('tcp://127.0.0.1:0')
  const port = Number(address.slice(address.lastIndexOf(':') + 1))
  return { server, port, origin: `http://127.0.0.1:${port}`, logs }
}

/** A bare socket: what is sent is up to the test, and all that comes is kept. */
export class Wire {
  readonly socket: Socket
  text = ''
  readonly closed: Promise<void>
  #changed: (() => void)[] = []

  constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.text += text
      this.#wake()
    })
    socket.on('error', () => {})
    this.closed = new Promise((resolve) =>
      socket.on('close', () => {
        resolve()
        this.#wake()
      }),
    )
  }

  send(text: string | Uint8Array): void {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)
  }

  /** Waits until what came matches; gives it. Rejects when the connection ends before. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text)
      if (found) return found
      if (this.socket.closed) throw new Error(`Closed after ${JSON.stringify(this.text)}`)
      await new Promise<void>((resolve) => this.#changed.push(resolve))
    }
  }

  #wake(): void {
    for (const resolve of this.#changed.splice(0)) resolve()
  }
}

export function wire(t: Test, port: number): Wire {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  t.teardown(() => socket.destroy())
  return new Wire(socket)
}

/** Sends all of it, and gives all that came until the other side closed. */
export async function exchange(t: Test, port: number, text: string | Uint8Array): Promise<string> {
  const line = wire(t, port)
  line.send(text)
  await line.closed
  return line.text
}

/** A POST of JSON. */
export function post(path: string, body: string, more = ''): string {
  return `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`
}

/** An answer over fetch. */
export interface Answer {
  readonly status: number
  readonly phrase: string
  readonly type: string | null
  readonly headers: Headers
  readonly bytes: Uint8Array
  readonly text: string
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init)
  const bytes = new Uint8Array(await response.arrayBuffer())
  return {
    status: response.status,
    phrase: response.statusText,
    type: response.headers.get('content-type'),
    headers: response.headers,
    bytes,
    text: new TextDecoder().decode(bytes),
  }
}

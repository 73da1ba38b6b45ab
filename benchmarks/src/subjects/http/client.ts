import { once } from 'node:events'
import { connect as dial, type Socket } from 'node:net'
import type { ConnectOptions, EchoClient } from '../../subject.js'

/** HTTP/1.1 by hand, so that the server's side is what is measured: a connection per call in flight, no pipelining. */
export async function connect(address: string, { inFlight }: ConnectOptions): Promise<EchoClient> {
  const { hostname, port } = new URL(address)
  const idle = await Promise.all(
    Array.from({ length: inFlight }, async () => {
      const line = new Line(dial({ host: hostname, port: Number(port), noDelay: true }))
      await line.ready
      return line
    }),
  )
  return {
    async echo(text) {
      const line = idle.pop()!
      const echoed = await line.echo(text)
      idle.push(line)
      return echoed
    },
  }
}

interface Exchange {
  readonly text: string
  readonly request: Buffer
  readonly body: Buffer
}

// The load sends one text, again and again.
let last: Exchange | undefined

function exchangeOf(text: string): Exchange {
  if (last?.text === text) return last
  const body = JSON.stringify([text])
  const head = `POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  last = { text, request: Buffer.from(head + body), body: Buffer.from(JSON.stringify({ text })) }
  return last
}

class Line {
  readonly ready: Promise<unknown>
  readonly #socket: Socket
  #expected: Buffer | undefined
  #got: Buffer | undefined
  // Answers to one text are equally long: what the first took, the others take.
  #length = 0
  #settle: ((error?: Error) => void) | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    this.ready = once(socket, 'connect')
    socket.on('data', (bytes) => this.#received(bytes))
    socket.on('close', () => this.#settle?.(new Error('the server closed a connection')))
  }

  echo(text: string): Promise<string> {
    const { request, body } = exchangeOf(text)
    if (this.#expected !== body) this.#length = 0
    this.#expected = body
    return new Promise((resolve, reject) => {
      this.#settle = (error) => (error ? reject(error) : resolve(text))
      this.#socket.write(request)
    })
  }

  #received(bytes: Buffer): void {
    const all = this.#got ? Buffer.concat([this.#got, bytes]) : bytes
    this.#length ||= lengthOf(all)
    if (this.#length === 0 || all.length < this.#length) {
      this.#got = all
      return
    }
    this.#got = undefined
    const expected = this.#expected!
    const right = all.length === this.#length && all.subarray(-expected.length).equals(expected)
    const settle = this.#settle
    this.#settle = undefined
    settle?.(right ? undefined : new Error(`not the echo: ${all.toString('latin1').slice(0, 300)}`))
  }
}

// Of a whole answer; 0 while its head is not there.
function lengthOf(bytes: Buffer): number {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return 0
  const [, body] = /content-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end)) ?? []
  if (body === undefined) throw new Error('the answer does not say how long it is')
  return end + 4 + Number(body)
}

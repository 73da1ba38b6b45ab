import { json } from '@hawser/codec-json'
import { type Connection, type LogEntry, type VirtualClock, virtualClock } from '@hawser/contract'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import { type JsonFrameOptions, jsonFrame } from '../../src/index.js'
import { frame } from './raw.js'

/** A connection to a server in virtual time, spoken on by hand. */
export class Hand {
  readonly connection: Connection
  /** What has come. */
  heard: Buffer = Buffer.alloc(0)
  ended = false
  readonly #clock: VirtualClock

  constructor(connection: Connection, clock: VirtualClock) {
    this.connection = connection
    this.#clock = clock
    connection.start((bytes) => {
      this.heard = Buffer.concat([this.heard, bytes])
    })
    void connection.closed.then(() => {
      this.ended = true
    })
  }

  /** Sends messages, or bytes, and lets them be taken. */
  async send(...messages: readonly unknown[]): Promise<void> {
    for (const each of messages)
      this.connection.send(each instanceof Uint8Array ? each : new Uint8Array(frame(each)))
    await this.#clock.settle()
  }

  /** The messages that came since it was last asked. */
  answers(): unknown[] {
    const answers: unknown[] = []
    while (this.heard.length >= 4 && this.heard.length >= 4 + this.heard.readUInt32LE()) {
      const end = 4 + this.heard.readUInt32LE()
      answers.push(JSON.parse(this.heard.subarray(4, end).toString()))
      this.heard = this.heard.subarray(end)
    }
    return answers
  }

  async ask(message: unknown): Promise<unknown> {
    await this.send(message)
    return this.answers()[0]
  }
}

/** A server in virtual time. */
export interface VirtualServer extends AsyncDisposable {
  readonly clock: VirtualClock
  readonly server: Server
  readonly log: readonly LogEntry[]
  dial(): Promise<Hand>
}

export async function virtual(
  options: Partial<ServerOptions> = {},
  frames: JsonFrameOptions = {},
): Promise<VirtualServer> {
  const clock = virtualClock()
  const network = memory({ clock })
  const log: LogEntry[] = []
  const server = createServer({
    transports: [network],
    codecs: [json()],
    clock,
    log: (entry) => void log.push(entry),
    ...options,
  })
  server.rpc('/ping', (params: unknown) => params)
  await server.listen('memory://frames', { protocols: [jsonFrame(frames)] })
  return {
    clock,
    server,
    log,
    dial: async () => new Hand(await network.dial('memory://frames'), clock),
    async [Symbol.asyncDispose]() {
      const closing = server.close()
      await clock.advance(60_000)
      await closing
    },
  }
}

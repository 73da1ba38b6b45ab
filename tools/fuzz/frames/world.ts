import { type Client, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import type { Codec, LogEntry, Transport, VirtualClock } from '@hawser/contract'
import { virtualClock } from '@hawser/contract'
import { createServer, type Server } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import { claim } from '../target.js'
import { quiet } from './quiet.js'
import { type Doings, Fuzzed, implementFuzzed, waited } from './service.js'

export const codecs: readonly Codec[] = [msgpack(), json()]
const address = 'memory://good'
const drainMs = 30_000
// Small enough for inputs to be over it.
const limits = { receiveBytes: 8_192 }

/** What can be different from one world to the next. */
export interface WorldOptions {
  /** Which of the two codecs the client offers first. */
  readonly preferred?: number
  /** Does the server look at credentials? Whatever they are, they will do; but it takes a moment. */
  readonly checks?: boolean
}

/** A server, and a client with a call under way: what an attack on another connection may not disturb. */
export class World {
  readonly clock: VirtualClock = virtualClock()
  readonly transport: Transport = memory({ clock: this.clock })
  readonly entries: LogEntry[] = []
  readonly server: Server
  readonly client: Client
  readonly doings: Doings
  #running: Promise<string> | undefined
  #fate: string | undefined

  constructor({ preferred = 0, checks = false }: WorldOptions) {
    const shared = {
      transports: [this.transport],
      limits,
      clock: this.clock,
      log: (entry: LogEntry) => void this.entries.push(entry),
    }
    this.server = createServer({ ...shared, codecs, ...(checks && { authenticate: async () => 'anybody' }) })
    this.doings = implementFuzzed(this.server)
    // It answers as well, so that frames of a server can call it.
    this.client = createClient({
      ...shared,
      codecs: preferred === 0 ? codecs : codecs.toReversed(),
      handler: this.server.handler,
      onNotify: () => {},
    })
  }

  async begin(): Promise<void> {
    await this.server.listen(address)
    this.#running = this.client.stub(Fuzzed, address).wait('good')
    this.#running.then(
      (answer) => {
        this.#fate = answer
      },
      (error) => {
        this.#fate = String(error)
      },
    )
    await quiet(this.clock)
    claim(this.doings.waiting.length === 1, 'The good call did not begin')
  }

  /** Opens the gate; the good call, and another one, have to succeed. */
  async unharmed(): Promise<void> {
    // An error without a reason of its own is a mistake of the session, which took it for one of the peer.
    const mistake = this.entries.find(({ event }) => event === 'connection_internal')
    claim(!mistake, `A connection ended for ${mistake?.message}`)
    claim(this.#fate === undefined, `The good call ended before its time: ${this.#fate}`)
    for (const call of this.doings.waiting) call.open()
    await quiet(this.clock)
    claim(this.#fate === waited, `The good call did not succeed: ${this.#fate}`)
    let echoed: unknown
    const echo = this.client
      .stub(Fuzzed, address)
      .echo('good')
      .then((value) => {
        echoed = value
      })
    await quiet(this.clock)
    claim(echoed === 'good', 'A later good call did not succeed')
    await echo
  }

  /** Closes everything. Nothing may be left, and nothing may take longer than draining does. */
  async end(): Promise<void> {
    let closed = false
    const closing = Promise.all([this.client.close(), this.server.close()]).then(() => {
      closed = true
    })
    await quiet(this.clock)
    if (!closed) await this.clock.advance(drainMs)
    if (!closed) await quiet(this.clock)
    claim(closed, 'It did not close')
    await closing
    claim(this.doings.streaming === 0, `${this.doings.streaming} handlers never ended`)
    claim(this.server.connections.length === 0, `${this.server.connections.length} connections are left`)
    claim(this.clock.pending === 0, `${this.clock.pending} timers are left`)
  }
}

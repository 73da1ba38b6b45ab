import { setImmediate } from 'node:timers/promises'
import { json } from '@hawser/codec-json'
import {
  type Connection,
  type Limits,
  type LogEntry,
  type Protocol,
  type VirtualClock,
  virtualClock,
} from '@hawser/contract'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import type { Test } from 'tap'
import { type HttpOptions, http } from '../../src/index.js'

/** A server in virtual time, called through memory. */
export interface Still {
  readonly clock: VirtualClock
  readonly server: Server
  readonly logs: LogEntry[]
  dial(): Promise<Line>
  /** Lets all that can happen now happen. */
  settle(): Promise<void>
  /** Moves time on, and lets things happen on the way. */
  pass(milliseconds: number): Promise<void>
}

/** One connection's other end. */
export class Line {
  text = ''
  ended = false
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
    connection.start((bytes) => {
      this.text += new TextDecoder().decode(bytes)
    })
    void connection.closed.then(() => {
      this.ended = true
    })
  }

  send(text: string): void {
    this.#connection.send(new TextEncoder().encode(text))
  }

  pause(): void {
    this.#connection.pause()
  }
}

export async function still(
  t: Test,
  options: {
    limits?: Partial<Limits>
    http?: HttpOptions
    before?: readonly Protocol[]
    authenticate?: ServerOptions['authenticate']
  } = {},
): Promise<Still> {
  const clock = virtualClock()
  const logs: LogEntry[] = []
  const transport = memory({ clock })
  const server = createServer({
    transports: [transport],
    codecs: [json()],
    protocols: [...(options.before ?? []), http(options.http)],
    log: (entry) => void logs.push(entry),
    limits: options.limits ?? {},
    ...(options.authenticate && { authenticate: options.authenticate }),
    clock,
  })
  await server.listen('memory://here')
  const settle = async () => {
    for (let round = 0; round < 4; round++) {
      await clock.settle()
      await setImmediate()
    }
  }
  t.teardown(async () => {
    const closing = server.close({ signal: AbortSignal.abort() })
    await settle()
    await closing
    if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`)
  })
  return {
    clock,
    server,
    logs,
    settle,
    async dial() {
      const dialled = transport.dial('memory://here')
      await settle()
      return new Line(await dialled)
    },
    async pass(milliseconds) {
      for (let left = milliseconds; left > 0; left -= 100) {
        await clock.advance(Math.min(100, left))
        await settle()
      }
    },
  }
}

import type { Socket } from 'node:net'
import { type Connection, systemClock } from '@hawser/contract'
import { BroughtConnection } from './brought.js'
import { ChannelEnd } from './channel.js'
import { Host } from './host.js'
import { type FromChild, isOurs, type Marked, marked, readToChild, type ToChild } from './message.js'

/** How a child reaches the main program. */
export interface Home {
  post(message: Marked<FromChild>): void
  /** Ends the process, or the thread. */
  leave(code: number): void
  /** Which place it has: told once, first. */
  placed?(worker: number): void
}

/** What a child does with what it hears. */
export interface Inhabitant {
  /** Whatever comes is heard from now on. */
  hello(): void
  message(value: unknown, socket?: Socket): void
  /** Takes the connection that was announced last. */
  brought(connection: Connection): void
  /** The main program is gone. */
  orphaned(): void
  /** Somebody else has asked this child to go. */
  asked(): void
}

type Announced = Extract<ToChild, { readonly kind: 'connection' }>

// What a child without its main program may take to say goodbye.
const farewellMs = 1_000

/** Lives as a child: makes the server when told to, and serves what it is given until told to leave. */
export function inhabit(home: Home, brings: boolean): Inhabitant {
  const clock = systemClock()
  const announced: Announced[] = []
  const stopping = new AbortController()
  let generation: number | undefined
  let host: Host | undefined
  let leaving = false
  const say = (message: FromChild) => home.post(marked(message, generation ?? 0))
  const channel = new ChannelEnd((body) => say({ kind: 'channel', body }))

  async function start(message: Extract<ToChild, { readonly kind: 'start' }>, own: number): Promise<void> {
    const { model, worker, module, listen, drainMs, accept } = message
    home.placed?.(worker)
    const context = { model, worker, generation: own, channel }
    try {
      host = await Host.open({
        module,
        listen,
        clock,
        drainMs,
        context,
        accept: brings ? 'brought' : accept,
      })
      say({ kind: 'ready', addresses: host.addresses })
    } catch (error) {
      say({ kind: 'failed', message: textOf(error) })
      home.leave(1)
    }
  }
  async function leave(code: number): Promise<void> {
    if (leaving) return
    leaving = true
    let left = code
    try {
      await host?.close({ signal: stopping.signal })
    } catch {
      left = 1
    }
    home.leave(left)
  }
  const stop = (code: number) => {
    stopping.abort()
    void leave(code)
  }
  function obey(message: ToChild, socket: Socket | undefined): void {
    switch (message.kind) {
      case 'start':
        break
      case 'connection':
        if (brings) announced.push(message)
        else take(message, socket)
        break
      case 'channel':
        channel.deliver(message.body)
        break
      case 'ping':
        say({ kind: 'pong' })
        break
      case 'drain':
        void leave(0)
        break
      case 'stop':
        stop(0)
    }
  }
  function take({ id, listener }: Announced, socket: Socket | undefined): void {
    // Said before anything was read of it: until then the main program can give it to another.
    say({ kind: 'taken', id })
    const done = () => say({ kind: 'done', id })
    // It was over while it was on its way.
    if (!socket) done()
    else if (!host || leaving) {
      socket.destroy()
      done()
    } else host.take(socket, listener, done)
  }
  return {
    hello: () => say({ kind: 'hello' }),
    message(value, socket) {
      if (!isOurs(value)) return
      const message = readToChild(value)
      if (message?.kind === 'start' && generation === undefined) {
        generation = message.generation
        void start(message, generation)
      } else if (message && message.generation === generation) obey(message, socket)
      else socket?.destroy()
    },
    brought(connection) {
      const next = announced.shift()
      if (!next || !host) {
        void connection.close()
        return
      }
      const { id, listener, peer = connection.peer } = next
      say({ kind: 'taken', id })
      host.serve(new BroughtConnection(connection, peer), listener, () => say({ kind: 'done', id }))
    },
    orphaned() {
      channel.end()
      void leave(0)
      clock.timer(farewellMs, () => stop(0))
    },
    asked() {
      if (generation === undefined || leaving) home.leave(0)
      else say({ kind: 'leaving' })
    },
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 1_024) : 'it threw a value that is no error'
}

import type { Clock, Log } from '@hawser/contract'
import type { Carrier, Exit, Spawn } from './carrier.js'
import { type Channel, ChannelEnd } from './channel.js'
import type { Client } from './client.js'
import { type FromChild, isOurs, marked, readFromChild, type ToChild } from './message.js'

/** What all children of a program share. Times are milliseconds. */
export interface ChildSettings {
  readonly spawn: Spawn
  readonly start: Omit<Extract<ToChild, { readonly kind: 'start' }>, 'kind' | 'worker' | 'drainMs'>
  readonly startMs: number
  readonly drainMs: number
  readonly hangMs: number
  readonly clock: Clock
  readonly log: Log
}

/** What its owner is told. */
export interface ChildOwner {
  /** It has one connection less. */
  freed(child: Child): void
  /** A connection that it was given, and has not looked at. */
  returned(client: Client): void
  /** It would like to be drained. */
  leaving(child: Child): void
  exited(child: Child, exit: Exit): void
}

/** What is known of a child. */
export interface ChildInfo {
  readonly worker: number
  readonly generation: number
  /** Undefined for a thread, and for the main program itself. */
  readonly pid: number | undefined
  readonly state: 'starting' | 'ready' | 'draining' | 'gone'
  /** Given to it, and not yet over. */
  readonly connections: number
}

// Beyond the time that a child takes to drain by its own account.
const graceMs = 2_000
const stopMs = 1_000

/** A process or a thread with a server in it. */
export class Child implements ChildInfo {
  readonly worker: number
  readonly generation: number
  readonly channel: Channel
  /** Where it listens, if it does so itself. Rejects when it ends before it is ready. */
  readonly ready: Promise<readonly string[]>
  readonly gone: Promise<Exit>
  /** When it became ready; undefined before. */
  readyAt: number | undefined
  state: ChildInfo['state'] = 'starting'
  connections = 0
  readonly #settings: ChildSettings
  readonly #owner: ChildOwner
  readonly #carrier: Carrier
  readonly #end: ChannelEnd
  readonly #untaken = new Map<number, Client>()
  // What is said to it before it listens.
  #early: unknown[] | undefined = []
  #timer: unknown
  #heard = 0
  #failure: string | undefined
  #resolveReady: (addresses: readonly string[]) => void = () => {}
  #rejectReady: (error: Error) => void = () => {}
  #resolveGone: (exit: Exit) => void = () => {}

  constructor(worker: number, generation: number, settings: ChildSettings, owner: ChildOwner) {
    this.worker = worker
    this.generation = generation
    this.#settings = settings
    this.#owner = owner
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve
      this.#rejectReady = reject
    })
    // Not everybody waits for it.
    this.ready.catch(() => {})
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve
    })
    this.#end = new ChannelEnd((body) => {
      if (this.#early) this.#early.push(body)
      else this.#post({ kind: 'channel', body })
    })
    this.channel = this.#end
    const events = {
      message: (value: unknown) => this.#message(value),
      exited: (exit: Exit) => this.#exited(exit),
    }
    this.#carrier = settings.spawn(events, worker)
    this.#timer = settings.clock.timer(settings.startMs, () =>
      this.#kill('child_start_timeout', 'did not start'),
    )
  }

  get pid(): number | undefined {
    return this.#carrier.pid
  }

  /**
   * Gives it a connection.
   * @throws TypeError for one that cannot be given away
   */
  hand(client: Client): void {
    const { id, listener, connection } = client
    const { address, host, tls } = connection.peer
    const message: ToChild = { kind: 'connection', id, listener, peer: { address, host, tls } }
    this.#carrier.hand(client, marked(message, this.generation))
    this.connections++
    this.#untaken.set(id, client)
  }

  /** Lets its calls end, and it leave. */
  drain(): void {
    if (this.state === 'ready') this.#leave('drain', this.#settings.drainMs + graceMs)
    else if (this.state === 'starting') this.stop()
  }

  /** Lets it leave at once. */
  stop(): void {
    if (this.state === 'starting') {
      // It may not listen yet, and has nothing to end.
      this.state = 'draining'
      this.#carrier.kill()
    } else if (this.state !== 'gone') this.#leave('stop', stopMs)
  }

  #post(message: ToChild): void {
    this.#carrier.post(marked(message, this.generation))
  }

  #leave(kind: 'drain' | 'stop', withinMs: number): void {
    const { clock } = this.#settings
    this.state = 'draining'
    this.#post({ kind })
    clock.clear(this.#timer)
    this.#timer = clock.timer(withinMs, () => this.#kill('child_killed', `did not ${kind}`))
  }

  #kill(event: string, why: string): void {
    this.#failure ??= why
    this.#say('warn', event, `${why}, and was killed`)
    this.#carrier.kill()
  }

  #message(value: unknown): void {
    if (!isOurs(value)) return
    this.#heard = this.#settings.clock.now()
    const message = readFromChild(value)
    if (!message || message.generation !== (message.kind === 'hello' ? 0 : this.generation)) {
      this.#say('warn', 'child_bad_message', 'sent what is no message of this program')
      return
    }
    this.#obey(message)
  }

  #obey(message: FromChild): void {
    switch (message.kind) {
      case 'hello':
        this.#start()
        break
      case 'ready':
        if (this.state === 'starting') this.#ready(message.addresses)
        break
      case 'failed':
        this.#failure = message.message
        break
      case 'taken':
        this.#taken(message.id)
        break
      case 'done':
        this.connections = Math.max(0, this.connections - 1)
        this.#owner.freed(this)
        break
      case 'channel':
        this.#end.deliver(message.body)
        break
      case 'leaving':
        this.#owner.leaving(this)
    }
  }

  #start(): void {
    const { start, drainMs } = this.#settings
    this.#post({ kind: 'start', worker: this.worker, ...start, drainMs })
    for (const body of this.#early ?? []) this.#post({ kind: 'channel', body })
    this.#early = undefined
  }

  #ready(addresses: readonly string[]): void {
    this.state = 'ready'
    this.readyAt = this.#settings.clock.now()
    this.#watch()
    this.#say('info', 'child_ready', 'is ready')
    this.#resolveReady(addresses)
  }

  #taken(id: number): void {
    const client = this.#untaken.get(id)
    if (!client) return
    this.#untaken.delete(id)
    this.#carrier.taken(client)
  }

  // A loop that turns no more is only seen from outside.
  #watch(): void {
    const { clock, hangMs } = this.#settings
    clock.clear(this.#timer)
    if (!Number.isFinite(hangMs)) return
    this.#timer = clock.timer(hangMs / 4, () => {
      if (clock.now() - this.#heard >= hangMs) {
        this.#kill('child_hung', 'has not answered')
        return
      }
      this.#post({ kind: 'ping' })
      this.#watch()
    })
  }

  #exited(exit: Exit): void {
    const expected = this.state === 'draining'
    this.state = 'gone'
    this.#settings.clock.clear(this.#timer)
    const how = exit.signal ?? `code ${exit.code}`
    const why = this.#failure ?? exit.error?.message
    this.#say(expected ? 'info' : 'warn', 'child_exited', `has ended with ${how}${why ? `: ${why}` : ''}`)
    this.#rejectReady(
      new Error(`A server did not start: ${why ?? `it ended with ${how}`}`, { cause: exit.error }),
    )
    this.#end.end()
    for (const client of this.#untaken.values()) this.#owner.returned(client)
    this.#untaken.clear()
    this.connections = 0
    this.#resolveGone(exit)
    this.#owner.exited(this, exit)
  }

  #say(level: 'info' | 'warn', event: string, what: string): void {
    const pid = this.pid === undefined ? '' : ` (process ${this.pid})`
    this.#settings.log({ level, event, message: `Server ${this.worker}.${this.generation}${pid} ${what}` })
  }
}

import type { Client } from './client.js'
import type { Marked, ToChild } from './message.js'

/** How a process or a thread has ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly error?: Error | undefined
}

/** What a process or a thread tells. */
export interface CarrierEvents {
  message(value: unknown): void
  /** Once, and nothing after it. */
  exited(exit: Exit): void
}

/** What there is to do to a process or a thread; `Child` owns every state around it. */
export interface Carrier {
  readonly pid: number | undefined
  post(message: Marked<ToChild>): void
  /** Gives it a connection, by a message that comes before or beside. */
  hand(client: Client, message: Marked<ToChild>): void
  /** It has the connection now. */
  taken(client: Client): void
  kill(): void
}

/** Begins the process or the thread of one place. */
export type Spawn = (events: CarrierEvents, worker: number) => Carrier

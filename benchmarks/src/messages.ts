/** What the parent asks of a worker process. Every request is answered by a {@link Answer} with its id. */
export interface Request {
  readonly id: number
  readonly command: Command
}

export type Command =
  /** Loads the subject's module and starts it. Answered with a {@link Started}. */
  | {
      readonly kind: 'start'
      readonly folder: string
      readonly role: 'server' | 'client'
      readonly variant: string
      readonly address: string
      readonly inFlight: number
    }
  /** To a client: puts the load on and lets it run for a while. The load stays on until `measure` has ended. */
  | { readonly kind: 'warm'; readonly bytes: number; readonly inFlight: number; readonly seconds: number }
  /** To a client: counts from now on, then takes the load off. Answered with a {@link Measured}. */
  | { readonly kind: 'measure'; readonly seconds: number }
  /** Answered with a {@link Usage}. */
  | { readonly kind: 'usage' }
  /** To a subject with further operations, for the memory and leak runs. Answered with whatever it returns. */
  | { readonly kind: 'task'; readonly name: string; readonly count: number }

export interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

export interface Started {
  readonly address: string
}

export interface Measured {
  readonly calls: number
  readonly seconds: number
  /** Latency in microseconds. */
  readonly p50: number
  readonly p99: number
  /** Microseconds of processor time, user and system, of the client process. */
  readonly cpu: number
}

export interface Usage {
  /** Microseconds of processor time, user and system, since the process began. */
  readonly cpu: number
  /** Bytes. */
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
}

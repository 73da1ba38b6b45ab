/** How much a log line matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** One thing that happened. Never holds payloads or credentials. */
export interface LogEntry {
  readonly level: LogLevel
  /** A fixed name, for example `handler_failed`. */
  readonly event: string
  readonly message: string
  readonly peer?: string | undefined
  readonly connection?: string | undefined
  readonly method?: string | undefined
  /** The callback of the user's that it is about, for example `onClose`. */
  readonly hook?: string | undefined
  readonly error?: unknown
}

/** Takes log entries. Must not throw. */
export type Log = (entry: LogEntry) => void

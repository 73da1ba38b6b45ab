import type { Clock, Limits, Log } from '@hawser/contract'

const mostKeys = 1_024
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g

/** Writes warnings and errors to the console, one line each, and an error's stack below. */
export const consoleLog: Log = ({ level, event, message, peer, method, error }) => {
  if (level !== 'warn' && level !== 'error') return
  const about = [method && `method ${method}`, peer && `peer ${peer}`].filter(Boolean).join(', ')
  const line = `hawser ${event}: ${message}${about ? ` (${about})` : ''}`
  if (error === undefined) console[level](line)
  else console[level](line, error)
}

/**
 * Lets through so many lines a second for one peer and event (and method or hook), and tells with the next how many were left out; control
 * characters, which could forge lines, are escaped. What the log throws is lost: it must not become the outcome of a call.
 */
export function limitedLog(log: Log, clock: Clock, limits: Limits): Log {
  const seen = new Map<string, { at: number; left: number }>()
  const gapMs = 1_000 / limits.logRate
  return (entry) => {
    // The port of a peer changes with each connection, and a flood makes many.
    const key = `${entry.event} ${entry.method ?? entry.hook ?? ''} ${entry.peer?.replace(/:\d+$/, '') ?? ''}`
    const now = clock.now()
    const last = seen.get(key)
    if (last && now < last.at + gapMs) {
      last.left++
      return
    }
    if (seen.size >= mostKeys) seen.clear()
    seen.set(key, { at: now, left: 0 })
    const more = last && last.left > 0 ? ` (and ${last.left} more like it)` : ''
    try {
      log({ ...entry, message: escaped(entry.message) + more })
    } catch {}
  }
}

/** The text with its control characters, which could forge lines of a log, escaped. */
export function escaped(text: string): string {
  return text.replace(control, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

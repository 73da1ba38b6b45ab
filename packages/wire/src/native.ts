import type { Clock, Protocol } from '@hawser/contract'
import { nativeName, preface } from './frames.js'
import { NativeSession } from './session.js'
import { Flusher } from './writer.js'

/** How to speak hawser/1. */
export interface NativeOptions {
  /** The number of the first call, for tests of what happens when the numbers run out. Odd; default 1. */
  readonly firstCall?: number | undefined
}

/** The native protocol `hawser/1`, as docs/protocol.md specifies it. */
export function native(options: NativeOptions = {}): Protocol {
  const { firstCall = 1 } = options
  if (!Number.isInteger(firstCall) || firstCall < 1 || firstCall % 2 !== 1 || firstCall >= 2 ** 32)
    throw new TypeError('firstCall must be an odd number below 2^32')
  const flushers = new WeakMap<Clock, Flusher>()
  const flusherOf = (clock: Clock): Flusher => {
    let flusher = flushers.get(clock)
    if (!flusher) {
      flusher = new Flusher(clock)
      flushers.set(clock, flusher)
    }
    return flusher
  }
  return {
    name: nativeName,
    sniff(head) {
      for (let index = 0; index < Math.min(head.length, preface.length); index++)
        if (head[index] !== preface[index]) return 'no'
      return head.length < preface.length ? 'more' : 'yes'
    },
    serve: (connection, context) =>
      new NativeSession('acceptor', connection, context, flusherOf(context.clock), firstCall + 1),
    open: (connection, context) =>
      new NativeSession('opener', connection, context, flusherOf(context.clock), firstCall),
  }
}

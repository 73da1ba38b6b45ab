import type { Clock, Protocol } from '@hawser/contract'
import { Flusher } from '@hawser/wire'
import { sniffFrame } from './framing.js'
import { AnswerNames, protocolName } from './names.js'
import { JsonFrameOpenSession } from './open.js'
import { JsonFrameServedSession } from './served.js'

/** How length-prefixed JSON is spoken. Both sides have to know: nothing on the wire tells. */
export interface JsonFrameOptions {
  /** Is the most significant byte of the length its first one? Default false, as most machines have it. */
  readonly bigEndian?: boolean | undefined
  /** What the answers to a request say as their `out`, by its `in`: `{ ping: 'pong' }`. Default: the same as its `in`. */
  readonly names?: Readonly<Record<string, string>> | undefined
}

/**
 * Messages of a length of 4 bytes and a JSON object: `{"in":…,"params":…}` asks, `{"out":…,"result":…}` answers, in order.
 * @throws TypeError for the name `error`, which says that an answer is one
 */
export function jsonFrame(options: JsonFrameOptions = {}): Protocol {
  const { bigEndian = false } = options
  const names = new AnswerNames(options.names)
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
    name: protocolName,
    sniff: (head) => sniffFrame(head, bigEndian),
    serve: (connection, context) =>
      new JsonFrameServedSession(connection, context, flusherOf(context.clock), { bigEndian, names }),
    open: (connection, context) =>
      new JsonFrameOpenSession(connection, context, flusherOf(context.clock), bigEndian),
  }
}

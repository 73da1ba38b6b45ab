import type { IncomingMessage } from 'node:http'

/** What a subscriber can get the messages of a topic as. */
export type PullKind = 'msgpack' | 'json' | 'text' | 'bin' | 'hawser.json' | 'hawser.msgpack'

const kinds: ReadonlyMap<string, PullKind> = new Map([
  ['ecv_amrpc_msgpack', 'msgpack'],
  ['ecv_amrpc_json', 'json'],
  ['ecv_amrpc_text', 'text'],
  ['ecv_amrpc_bin', 'bin'],
  ['hawser.json', 'hawser.json'],
  ['hawser.msgpack', 'hawser.msgpack'],
])

/** One way to go on after an upgrade. */
export interface Choice {
  readonly kind: PullKind
  /** To be repeated in the answer; undefined where none was offered. */
  readonly subprotocol: string | undefined
}

// A token of RFC 9110. Linear: there is nothing in it to try twice.
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** The sub-protocols a request offers, the preferred first; undefined where the header is malformed. */
export function offeredBy({ headers }: IncomingMessage): readonly string[] | undefined {
  const header = headers['sec-websocket-protocol']
  if (header === undefined) return []
  const names = header.split(',').map((name) => name.trim())
  return names.every((name) => token.test(name)) && new Set(names).size === names.length ? names : undefined
}

/**
 * What can be done with an offer, the preferred first. Names that say nothing here, and no names at all, stand for `bin`; a
 * browser that offered names takes no answer without one of them, so the first is repeated.
 */
export function choicesOf(offered: readonly string[]): readonly Choice[] {
  const known = offered.flatMap((subprotocol): Choice[] => {
    const kind = kinds.get(subprotocol)
    return kind ? [{ kind, subprotocol }] : []
  })
  return known.length > 0 ? known : [{ kind: 'bin', subprotocol: offered[0] }]
}

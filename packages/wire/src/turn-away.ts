import type { Connection, ProtocolContext, Stranger } from '@hawser/contract'
import { hint, lookOf } from './hint.js'
import { utf8 } from './text.js'

// What it takes to know what a peer speaks may still be on its way, and comes at once where there is more.
const lookMs = 500
// A peer at fault gets a moment to read why.
const farewellMs = 500

/**
 * Ends a connection that began with none of the protocols of its port: counts and logs it, tells the peer in one line where
 * it speaks something that has one, and is done within a second whatever the peer does.
 */
export function turnAway(
  connection: Connection,
  { head, error, speaks }: Stranger,
  { clock, limits, log, count }: Pick<ProtocolContext, 'clock' | 'limits' | 'log' | 'count'>,
): void {
  let seen = head
  const end = () => {
    const event = `connection_${error.reason ?? 'internal'}`
    const message = error.message + hint(seen, limits.logSnippetBytes)
    count(event)
    log({ level: 'warn', event, message, peer: connection.peer.address })
    const parting = speaks.length > 0 ? partingWord(seen, speaks) : undefined
    if (!parting) {
      connection.abort(error)
      return
    }
    connection.send(parting)
    const late = clock.timer(farewellMs, () => connection.abort(error))
    void connection.close().then(() => clock.clear(late))
  }
  // Who has had its time gets no more.
  const late = error.reason === 'handshake_timeout' || speaks.length === 0
  if (late || lookOf(seen) !== 'more' || !connection.rewind) {
    end()
    return
  }
  let told = false
  const tell = () => {
    if (told) return
    told = true
    clock.clear(timer)
    end()
  }
  const timer = clock.timer(lookMs, tell)
  void connection.closed.then(tell)
  connection.rewind(nothing)
  connection.start((bytes) => {
    if (told) return
    const both = new Uint8Array(seen.length + bytes.length)
    both.set(seen)
    both.set(bytes, seen.length)
    seen = both
    if (lookOf(seen) !== 'more') tell()
  })
}

const nothing = new Uint8Array(0)
// A fatal alert of the record protocol: the handshake failed. Older clients read it, too.
const alert = Uint8Array.of(0x15, 3, 1, 0, 2, 2, 40)

/**
 * What tells a peer, in what it seems to speak itself, that it should have spoken something else; undefined for one that reads no
 * text, as far as can be told.
 */
export function partingWord(head: Uint8Array, speaks: readonly string[]): Uint8Array | undefined {
  const look = lookOf(head)
  const known = speaks.join(' or ')
  switch (look) {
    case 'TLS':
      return alert
    case 'HTTP':
    case 'HTTP/2': {
      const body = `This port speaks ${known}, not ${look}\n`
      const head = ['HTTP/1.1 400 Bad Request', 'Content-Type: text/plain; charset=utf-8']
      head.push(`Content-Length: ${utf8(body).length}`, 'Connection: close', '', body)
      return utf8(head.join('\r\n'))
    }
    case 'text':
    case 'more':
      return utf8(`This port speaks ${known}\n`)
    default:
      return undefined
  }
}

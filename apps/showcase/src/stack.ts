import { type Client, createClient, type Stub } from '@hawser/client'
import type { Codec } from '@hawser/contract'
import type { Library } from './library.js'
import { notices, Texts } from './service.js'
import type { Way } from './strands.js'

/** A message the server sent by itself. */
export interface Pushed {
  readonly type: string
  readonly message: unknown
}

/** One transport with one codec, and a client that calls through them. */
export interface Stack extends AsyncDisposable {
  readonly way: string
  readonly codec: string
  /** What a handler hears that is not wanted any more. */
  readonly gone: 'cancelled' | 'unavailable'
  readonly address: string
  readonly client: Client
  readonly texts: Stub<typeof Texts.methods>
  readonly library: Library
  /** What the server has pushed so far. */
  readonly pushed: readonly Pushed[]
}

// Streams have no deadline by default; here nothing may go on for ever.
const timeoutMs = 5_000

/** A client for one row of the table. It connects with its first call. */
export function openStack(way: Way, codec: Codec, address: string, library: Library): Stack {
  const pushed: Pushed[] = []
  const client = createClient({
    transports: [way.transport],
    codecs: [codec],
    protocol: way.protocol,
    notices,
    onNotify: (type, message) => void pushed.push({ type, message }),
  })
  return {
    way: way.name,
    codec: codec.name,
    gone: way.gone ?? 'cancelled',
    address,
    client,
    texts: client.stub(Texts, address, { timeoutMs }),
    library,
    pushed,
    [Symbol.asyncDispose]: () => client.close(),
  }
}

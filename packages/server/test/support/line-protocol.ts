import {
  type Call,
  type Connection,
  type Handler,
  type Peer,
  type Protocol,
  type ProtocolContext,
  RpcError,
  type Session,
} from '@hawser/contract'
import { CallScope, noHeaders } from '@hawser/wire'

const utf8 = (text: string) => new TextEncoder().encode(text)

class LineCall extends CallScope implements Call {
  readonly kind = 'unary'
  readonly codec = 'json'
  readonly headers = noHeaders
  readonly probe = false
  readonly method: string
  readonly input: Uint8Array
  readonly connection: Peer

  constructor(method: string, input: string, connection: Peer) {
    super(Infinity)
    this.method = method
    this.input = utf8(input)
    this.connection = connection
  }
}

/** `line: /method [arguments]\n`, answered with a line of JSON. The simplest protocol that a server can speak besides its own. */
class LineSession implements Session {
  readonly connection: Connection
  readonly identity: unknown = undefined
  readonly codecs: readonly string[] = ['json']
  readonly closed: Promise<RpcError | undefined>
  readonly open = true
  readonly active = 0
  readonly peer: Peer
  readonly #context: ProtocolContext
  #rest = ''

  constructor(connection: Connection, context: ProtocolContext) {
    this.connection = connection
    this.closed = connection.closed
    this.#context = context
    this.peer = context.peer(this)
    context.opened?.(this)
    connection.start((bytes) => this.#receive(bytes))
  }

  get handler(): Handler {
    throw new RpcError('unimplemented', 'Lines are answered only')
  }
  begin(): void {
    void this.handler
  }
  notify(): boolean {
    return false
  }
  close(): Promise<void> {
    return this.connection.close()
  }
  abort(reason: RpcError): void {
    this.connection.abort(reason)
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #receive(bytes: Uint8Array): void {
    const lines = (this.#rest + new TextDecoder().decode(bytes)).split('\n')
    this.#rest = lines.pop()!
    for (const line of lines) void this.#answer(line)
  }

  async #answer(line: string): Promise<void> {
    const [, method = '', input = ''] = /^line: (\S+) (.*)$/.exec(line) ?? []
    try {
      const { output } = await this.#context.handler!(new LineCall(method, input, this.peer))
      this.connection.send(output as Uint8Array)
    } catch (error) {
      this.connection.send(utf8((error as Error).message))
    }
    this.connection.send(utf8('\n'))
  }
}

/** A protocol of five letters, to share a port with. */
export function lines(): Protocol {
  const begin = utf8('line:')
  return {
    name: 'lines',
    sniff(head) {
      for (let index = 0; index < Math.min(head.length, begin.length); index++)
        if (head[index] !== begin[index]) return 'no'
      return head.length < begin.length ? 'more' : 'yes'
    },
    serve: (connection, context) => new LineSession(connection, context),
    open: (connection, context) => new LineSession(connection, context),
  }
}

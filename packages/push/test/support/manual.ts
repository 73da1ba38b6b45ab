import type { Feed, Flow, Outlet, Reply, RpcError } from '@hawser/contract'
import type { Server } from '@hawser/server'
import { CallScope, numberedHeader, readNumber } from '@hawser/wire'

const text = new TextDecoder()

/** A subscriber without a connection: it takes what it is told to take. */
export class ManualOutlet implements Outlet {
  /** How many more it takes at once. */
  room: number
  readonly items: Uint8Array[] = []
  error: RpcError | undefined
  flow: Flow | undefined
  readonly scope: CallScope
  readonly reply: Reply

  constructor(
    server: Server,
    path: string,
    { room = 0, codec = 'json', accepts = undefined as string | undefined, numbered = true } = {},
  ) {
    this.room = room
    this.scope = new CallScope(Infinity)
    const call = Object.assign(this.scope, {
      method: path,
      kind: 'server-stream' as const,
      codec,
      accepts,
      headers: new Map(numbered ? [[numberedHeader, '1']] : []),
      probe: false,
      input: new Uint8Array(0),
    })
    this.reply = server.handler(call) as Reply
  }

  get feed(): Feed {
    return this.reply.output as Feed
  }

  /** Begins, as a protocol does. */
  begin(): this {
    this.flow = this.feed.flow(this)
    if (this.room > 0) this.flow.resume()
    return this
  }

  /** Takes so many. */
  take(count: number): void {
    this.room = count
    this.flow!.resume()
  }

  get numbers(): number[] {
    return this.items.map((item) => readNumber(item))
  }

  get texts(): string[] {
    return this.items.map((item) => text.decode(item.subarray(8)))
  }

  item(bytes: Uint8Array): boolean {
    this.items.push(bytes)
    return --this.room > 0
  }
  ended(): void {}
  failed(error: RpcError): void {
    this.error = error
  }
}

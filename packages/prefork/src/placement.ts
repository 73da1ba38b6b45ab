import type { Cancel, RpcError } from '@hawser/contract'
import type { Channel } from './channel.js'
import type { ChildInfo } from './child.js'
import type { Client } from './client.js'

/** Where the servers of a model are, and which of them gets a connection. */
export interface Placement {
  readonly children: readonly ChildInfo[]
  /** Makes servers for these addresses. Resolves to where they listen, if they do so themselves. */
  open(addresses: readonly string[]): Promise<readonly string[]>
  /** Gives a connection to a server; false when none is free. */
  place(client: Client): boolean
  /** Replaces every server by a new one. */
  restart(): Promise<void>
  /** Lets calls end, and every server leave. The signal cuts it short. */
  close(cancel: Cancel): Promise<void>
}

/** What a placement tells. */
export interface PlacementOwner {
  /** A server is free that was not. */
  freed(): void
  /** A connection whose server is gone without having looked at it. */
  returned(client: Client): void
  /** A new server's end of messages. */
  joined(channel: Channel, child: ChildInfo): void
  /** There are no servers any more, and there will be none. */
  failed(reason: RpcError): void
}

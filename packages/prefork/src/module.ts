import type { Protocol } from '@hawser/contract'
import type { Server } from '@hawser/server'
import type { Channel } from './channel.js'

/** What a module that makes servers is told about the place it makes one for. */
export interface ServerContext {
  readonly model: string
  /** Which of the places: 0 up to one less than there are. A replacement has the number of what it replaces. */
  readonly worker: number
  /** No two servers of one program have the same; a replacement has a higher one. */
  readonly generation: number
  /** To the main program, where `onChannel` has the other end. */
  readonly channel: Channel
}

/** Makes a server that does not listen yet. */
export type MakeServer = (context: ServerContext) => Server | Promise<Server>

/** What a module that makes servers exports. */
export interface ServerModule {
  readonly default: MakeServer
  /** What is spoken at an address. Default: what the server itself was told. */
  readonly protocols?: (address: string) => readonly Protocol[] | undefined
}

/** @throws TypeError for a module without a function as its default export; what the module throws */
export async function loadModule(url: string): Promise<ServerModule> {
  const loaded: unknown = await import(url)
  const { default: make, protocols } = loaded as Partial<ServerModule>
  if (typeof make !== 'function')
    throw new TypeError(`The default export of ${url} is not a function that makes a server`)
  if (protocols !== undefined && typeof protocols !== 'function')
    throw new TypeError(`The export protocols of ${url} is not a function of an address`)
  return { default: make, ...(protocols && { protocols }) }
}

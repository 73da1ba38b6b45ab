import { mkdirSync, unlinkSync } from 'node:fs'
import type { Server } from 'node:net'
import { dirname } from 'node:path'
import type { Clock } from '@hawser/contract'
import { codeOf } from '@hawser/transport-socket'
import { claim } from './claim.js'
import { inUse } from './failure.js'
import { type Inode, inodeAt, sameInode } from './inode.js'
import { probe } from './probe.js'
import { Stage } from './stage.js'

/** How a socket file is made. */
export interface SocketFileOptions {
  /** Its permissions. */
  readonly mode: number
  readonly makeDirectory: boolean
  readonly backlog: number
  readonly clock: Clock
}

/** The file that a listener is found by. */
export class SocketFile {
  readonly #path: string
  readonly #inode: Inode | undefined

  private constructor(path: string, inode: Inode | undefined) {
    this.#path = path
    this.#inode = inode
  }

  /**
   * Lets the server listen, and publishes it at the path.
   * @throws RpcError where something else is there; what the system says
   */
  static async open(
    server: Server,
    path: string,
    address: string,
    options: SocketFileOptions,
  ): Promise<SocketFile> {
    if (options.makeDirectory) makeParent(path)
    // Most that is in the way is found before anything is made.
    if (inodeAt(path) && (await probe(path)) === 'live') throw inUse(address)
    const stage = new Stage(path)
    try {
      await listen(server, stage, options.backlog)
      stage.permit(options.mode)
      const inode = inodeAt(stage.path)
      if (!(await claim(stage.path, path, options.clock))) throw inUse(address)
      return new SocketFile(path, inode)
    } catch (error) {
      if (server.listening) server.close()
      throw error
    } finally {
      stage.clear()
    }
  }

  /** Removes the file, unless somebody has put another in its place. To be called while the socket still listens. */
  remove(): void {
    try {
      if (sameInode(inodeAt(this.#path), this.#inode)) unlinkSync(this.#path)
    } catch {
      // What is there now, or what cannot be removed any more, is not ours to deal with.
    }
  }
}

function listen(server: Server, stage: Stage, backlog: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    const done = () => {
      server.off('error', reject)
      resolve()
    }
    // In a worker of a cluster the socket is its own, or the primary process would have to be the one to publish it.
    stage.bind((path) => server.listen({ path, backlog, exclusive: true }, done))
  })
}

function makeParent(path: string): void {
  try {
    mkdirSync(dirname(path), { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

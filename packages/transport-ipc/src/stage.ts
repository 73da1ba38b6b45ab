import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmdirSync, unlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fits } from './address.js'
import { reach } from './reach.js'

/**
 * A directory that no other user can enter, beside the place where a socket is to be. In it the socket is made, so that
 * nobody sees it before it listens and has its permissions. Unlike the umask, which is the whole process's and cannot be
 * set in a worker thread, it disturbs nobody.
 */
export class Stage {
  /** Of the socket. */
  readonly path: string
  readonly #directory: string

  constructor(target: string) {
    // Of any umask, it leaves the owner's permissions alone or fails us at once.
    this.#directory = mkdtempSync(`${dirname(target)}/.`)
    // Tools that list sockets show this name for good. When the socket is closed, libuv removes whatever then has it; since
    // nobody can foresee it, that is nothing.
    const nonce = randomUUID().slice(0, 8)
    const telling = join(this.#directory, `${basename(target)}.${nonce}`)
    this.path = fits(telling) ? telling : join(this.#directory, nonce)
  }

  /** Runs `bind`, which has to be done when it returns, with the name to bind to. */
  bind(bind: (name: string) => void): void {
    reach(this.path, bind)
  }

  permit(mode: number): void {
    chmodSync(this.path, mode)
  }

  /** Takes the name, but not the socket, away. */
  clear(): void {
    try {
      unlinkSync(this.path)
    } catch {
      // It was never bound.
    }
    rmdirSync(this.#directory)
  }
}

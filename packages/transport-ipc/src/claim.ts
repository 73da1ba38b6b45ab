import { createHash } from 'node:crypto'
import { linkSync, unlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Clock, RpcError } from '@hawser/contract'
import { codeOf } from '@hawser/transport-socket'
import { inodeAt, sameInode } from './inode.js'
import { pause } from './pause.js'
import { probe } from './probe.js'

// A lock is held within one turn of the loop; whoever finds it held a hundred times has found a stopped process.
const mostTries = 100
const longestWaitMs = 10
const locks = 3

/**
 * Gives a socket that listens already the name `path`; false when a live one has it.
 *
 * A name is taken by making a hard link, which fails where there is one. So a socket at such a name always listened before it
 * got there, and a refused connection means that its process is dead. A dead one is removed only by who holds the lock
 * of that name, and only if it is the very inode that refused: two starters cannot both find it dead, one replace it, and the
 * other remove the replacement. The lock is the same thing over again, a link to the starter's socket, so it is released
 * by the system when its holder dies; its own lock guards its removal.
 * @param listening the path of the socket now
 */
export async function claim(listening: string, path: string, clock: Clock, level = 0): Promise<boolean> {
  for (let tries = 0; tries < mostTries; tries++) {
    if (linked(listening, path)) return true
    const found = inodeAt(path)
    if (!found) continue
    const state = await probe(path)
    if (state === 'live') return false
    if (state === 'gone') continue
    if (level === locks)
      throw new RpcError('failed_precondition', `${path} is left from a lock; remove it`, { executed: 'no' })
    const lock = lockOf(path, level)
    if (await claim(listening, lock, clock, level + 1)) {
      // From here to the release nothing is awaited.
      try {
        if (sameInode(inodeAt(path), found)) unlinkSync(path)
        if (linked(listening, path)) return true
      } finally {
        unlinkSync(lock)
      }
    } else await pause(clock, longestWaitMs * clock.random())
  }
  throw new RpcError('unavailable', `Another process has been starting at ${path} for too long`, {
    executed: 'no',
  })
}

/** The name of what guards the removal of a dead socket; short, since it has to be connected to. */
export function lockOf(path: string, level: number): string {
  if (level > 0) return path.replace(/\d*$/, String(level + 1))
  const name = createHash('sha256').update(basename(path)).digest('hex').slice(0, 8)
  return join(dirname(path), `.${name}.lock`)
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

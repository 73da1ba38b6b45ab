import { lstatSync } from 'node:fs'
import { occupied } from './failure.js'

/**
 * Which socket file, rather than which name. The number of an inode is used again once it is free, so the time it was
 * written is a part of it: a socket's never changes.
 */
export interface Inode {
  readonly device: bigint
  readonly number: bigint
  readonly writtenNs: bigint
}

/**
 * The socket at the path; undefined where there is nothing.
 * @throws RpcError `failed_precondition` for anything but a socket of the user that runs this process
 */
export function inodeAt(path: string): Inode | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (!stat) return undefined
  if (stat.isSymbolicLink()) throw occupied(path, 'a symbolic link')
  if (!stat.isSocket()) throw occupied(path, stat.isDirectory() ? 'a directory' : 'a file that is no socket')
  if (stat.uid !== BigInt(process.geteuid?.() ?? 0))
    throw occupied(path, `a socket of another user (${stat.uid})`)
  return { device: stat.dev, number: stat.ino, writtenNs: stat.mtimeNs }
}

export function sameInode(one: Inode | undefined, other: Inode | undefined): boolean {
  return one?.device === other?.device && one?.number === other?.number && one?.writtenNs === other?.writtenNs
}

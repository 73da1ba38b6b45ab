import { statSync } from 'node:fs'
import type { PeerInfo } from '@hawser/contract'
import { formatAddress, type IpcAddress } from './address.js'

/**
 * The far end of a connection. Node.js cannot ask the system which process that is; what is known is the file both met at.
 */
export interface IpcPeer extends PeerInfo {
  /** Of the socket file, absolute; or the name of the pipe. */
  readonly path: string
  /** The user id that the socket file belonged to. Absent for pipes, and where the file was gone already. */
  readonly owner?: number | undefined
  /** The permissions of the socket file, for example 0o600. Absent as `owner`. */
  readonly mode?: number | undefined
}

const permissions = 0o777

/** What a dialer has connected to. Reads the file as it is now. */
export function peerAt(target: IpcAddress): IpcPeer {
  const { path } = target
  const address = formatAddress(target)
  if (target.kind === 'pipe') return { address, path }
  try {
    const { uid, mode } = statSync(path)
    return { address, path, owner: uid, mode: mode & permissions }
  } catch {
    // The listener took its name away just after it let us in.
    return { address, path }
  }
}

/** What those who connect have come by: one for all connections of a listener. */
export function peerThrough(target: IpcAddress, mode: number): IpcPeer {
  const { path } = target
  const address = formatAddress(target)
  if (target.kind === 'pipe') return Object.freeze({ address, path })
  return Object.freeze({ address, path, owner: process.geteuid?.(), mode })
}

import { connect } from 'node:net'
import { codeOf } from '@hawser/transport-socket'
import { reach } from './reach.js'

/**
 * Does somebody listen at a socket file? Only a refused connection says that nobody does: a listener that is busy, or does not
 * let us in, lives.
 */
export function probe(path: string): Promise<'live' | 'dead' | 'gone'> {
  return new Promise((resolve, reject) => {
    const socket = reach(path, (name) => connect({ path: name }))
    socket.once('connect', () => {
      resolve('live')
      socket.destroy()
    })
    socket.on('error', (error) => {
      const code = codeOf(error)
      if (code === 'ECONNREFUSED') resolve('dead')
      else if (code === 'ENOENT') resolve('gone')
      else if (code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM' || code === 'ENOBUFS')
        reject(error)
      else resolve('live')
      socket.destroy()
    })
  })
}

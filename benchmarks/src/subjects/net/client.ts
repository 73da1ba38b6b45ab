import { once } from 'node:events'
import { connect as dial, type Socket } from 'node:net'
import { inBatches } from '../../batches.js'
import type { EchoClient } from '../../subject.js'

/** Opens connections and leaves them idle; it does not call. */
export async function connect(address: string): Promise<EchoClient & Record<string, unknown>> {
  const held: Socket[] = []
  const open = async (): Promise<Socket> => {
    const socket = dial({ host: '127.0.0.1', port: Number(address), noDelay: true })
    await once(socket, 'connect')
    return socket
  }
  return {
    echo: () => Promise.reject(new Error('a raw socket makes no calls')),
    open: (count: number) =>
      inBatches(count, async () => {
        held.push(await open())
      }),
    openAndClose: (count: number) =>
      inBatches(count, async () => {
        const socket = await open()
        socket.end()
        await once(socket.resume(), 'close')
      }),
  }
}

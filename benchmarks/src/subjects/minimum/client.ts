import { once } from 'node:events'
import { connect as dial } from 'node:net'
import type { ConnectOptions, EchoClient } from '../../subject.js'
import { flushing, frameWriter, readFrames } from './frames.js'

export async function connect(address: string, { variant }: ConnectOptions): Promise<EchoClient> {
  const socket = dial({ host: '127.0.0.1', port: Number(address), noDelay: true })
  await once(socket, 'connect')
  const writer = frameWriter(socket, flushing(variant))
  const pending = new Map<number, (value: unknown) => void>()
  let lastId = 0
  readFrames(socket, (id, _method, value) => {
    pending.get(id)!(value)
    pending.delete(id)
  })
  const call = (method: number, argument: unknown): Promise<unknown> =>
    new Promise((resolve) => {
      lastId = (lastId + 1) >>> 0
      pending.set(lastId, resolve)
      writer.write(lastId, method, argument)
    })
  return { echo: (text) => call(0, text) as Promise<string> }
}

import { createClient } from '@hawser/client'
import type { Codec, Connection } from '@hawser/contract'
import { virtualClock } from '@hawser/contract'
import { createServer } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import { join } from '../bytes.js'
import { makeCalls } from './calls.js'
import { implementFuzzed } from './service.js'

/** What the two sides of a connection said. */
export interface Conversation {
  readonly fromClient: Uint8Array
  readonly fromServer: Uint8Array
}

const address = 'memory://recorded'

/** Records the calls of {@link makeCalls}, but for the answer to the first and the farewells. */
export async function record(codecs: readonly Codec[]): Promise<Conversation> {
  const clock = virtualClock()
  const transport = memory({ clock })
  const heard: Uint8Array[] = []
  const said: Uint8Array[] = []
  const recording = {
    schemes: transport.schemes,
    listen: (address: string, accept: (connection: Connection) => void) =>
      transport.listen(address, (connection) => accept(tapped(connection, heard, said))),
  }
  const server = createServer({ transports: [recording], codecs, clock })
  const { waiting } = implementFuzzed(server)
  await server.listen(address)
  const client = createClient({ transports: [transport], codecs, clock })
  const calls = makeCalls(client, address)
  await clock.settle()
  // What comes from here on is not recorded.
  const conversation = { fromClient: join(...heard), fromServer: join(...said) }
  for (const call of waiting) call.open()
  await clock.settle()
  await Promise.all(calls)
  const closed = client.close().then(() => server.close())
  await clock.settle()
  await closed
  return conversation
}

function tapped(connection: Connection, heard: Uint8Array[], said: Uint8Array[]): Connection {
  return new Proxy(connection, {
    get(target, key) {
      if (key === 'send')
        return (bytes: Uint8Array) => {
          said.push(new Uint8Array(bytes))
          return target.send(bytes)
        }
      if (key === 'start')
        return (receive: (bytes: Uint8Array) => void) =>
          target.start((bytes) => {
            heard.push(new Uint8Array(bytes))
            receive(bytes)
          })
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

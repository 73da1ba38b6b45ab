import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { type Limits, limitsWith } from '@hawser/contract'
import { http } from '@hawser/protocol-http'
import { topic } from '@hawser/push'
import { createServer } from '@hawser/server'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'
import { native } from '@hawser/wire'
import type { Publisher } from './server.js'

// All subscribers of these runs are one host, and answer no pings.
const many = { connections: 20_000, connectionsPerPeer: 20_000, keepAliveMs: 600_000 }
// Longer than any run: who reads nothing for so long is cut off otherwise, whatever the policy.
const patient = { ...many, writeStallMs: 600_000 }

/** A topic with everything as it comes; with `drop-old` in the variant, who is too slow loses messages instead. */
export async function publisher(variant: string): Promise<Publisher> {
  const drops = variant.endsWith('drop-old')
  const own: Partial<Limits> = drops ? patient : many
  const limits = limitsWith(own)
  const server = createServer({
    transports: [tcp({ limits, backlog: 1_024 }), ipc({ limits, backlog: 1_024 })],
    codecs: [msgpack(), json()],
    protocols: [native(), http()],
    limits: own,
  })
  const nagging = topic<string>(server, '/nagging', { policy: drops ? 'drop-old' : 'close' })
  const listeners = await Promise.all([
    server.listen('tcp://127.0.0.1:0'),
    server.listen(`ipc://${join(tmpdir(), `hawser-bench-${process.pid}.sock`)}`),
  ])
  const [overTcp, overIpc] = listeners.map(({ address }) => address.replace(/^\w+:\/\//, ''))
  return {
    addresses: { tcp: overTcp!, ipc: overIpc! },
    get subscribers() {
      return nagging.size
    },
    publish: (message) => void nagging.publish(message),
  }
}

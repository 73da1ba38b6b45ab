import { parentPort, workerData } from 'node:worker_threads'
import { createServer } from '@hawser/server'
import { Echoes } from './service.js'
import { strands } from './strands.js'

// The thread of the workers run: it answers with what it was given.

const variant = workerData as string

if (variant === 'plain' || variant === 'transfer')
  parentPort!.on('message', ({ id, payload }: { id: number; payload: unknown }) => {
    const moved =
      variant === 'transfer' && payload instanceof Uint8Array ? [payload.buffer as ArrayBuffer] : []
    parentPort!.postMessage({ id, payload }, moved)
  })
else {
  const { transports, bytes, records, given } = strands(variant, {})
  const server = createServer({ transports, codecs: [...new Set([records, bytes])] })
  server.implement(Echoes, { bytes: (payload) => given(payload), records: (payload) => payload })
  await server.listen('worker://parent')
}
parentPort!.postMessage('ready')

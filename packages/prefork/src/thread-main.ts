// What a thread runs. All it needs comes over its port.
import { parentPort } from 'node:worker_threads'
import { worker } from '@hawser/transport-worker'
import { inhabit } from './inhabit.js'

const port = parentPort
if (!port) throw new TypeError('This runs in a thread')
const child = inhabit(
  {
    post: (message) => port.postMessage(message),
    leave: (code) => process.exit(code),
  },
  true,
)
port.on('message', (message) => child.message(message))
await worker().listen('worker://parent', (connection) => child.brought(connection))
child.hello()

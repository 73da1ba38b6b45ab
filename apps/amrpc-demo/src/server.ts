import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDemo } from './demo.js'

const [
  tcp = 'tcp://127.0.0.1:57300',
  ipc = `ipc://${join(tmpdir(), 'hawser-amrpc-demo.sock')}`,
  pagePort = '57301',
] = process.argv.slice(2)

const demo = await startDemo({ tcp, ipc, pagePort: Number(pagePort) })
const host = demo.tcp.replace(/^tcp:\/\//, '')
console.log(`Serving ${demo.methods.join(', ')}

  native clients   ${demo.tcp}
  the same, local  ${demo.ipc}
  HTTP             http://${host}
  WebSocket        ws://${host}/nagging
  the page         ${demo.page}

  curl http://${host}/to_string --json '[123]'
  curl http://${host}/debug/reflection -H 'accept: application/json'
  curl --unix-socket ${demo.ipc.replace(/^ipc:\/\//, '')} http://localhost/to_string --json '[123]'

Ctrl-C ends it.`)

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void demo[Symbol.asyncDispose]())

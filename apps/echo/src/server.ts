import { msgpack } from '@hawser/codec-msgpack'
import { RpcError } from '@hawser/contract'
import { serverStream, service } from '@hawser/schema'
import { createServer } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'

const Words = service('echo.Words', { split: serverStream<{ text: string }, { word: string }>() })

const server = createServer({ transports: [tcp()], codecs: [msgpack()] })

// A function under a path: its arguments and its result travel.
server.rpc('/echo', (text: string) => `${text}, said the server`)

// An error thrown however far below reaches the caller with its code and details.
server.rpc('/mean', (...numbers: number[]) =>
  divide(
    numbers.reduce((a, b) => a + b, 0),
    numbers.length,
  ),
)

// A service: here with a method that answers with a stream.
server.implement(Words, {
  async *split({ text }) {
    for (const word of text.split(' ')) yield { word }
  },
})

function divide(a: number, b: number): number {
  if (b === 0) throw new RpcError('invalid_argument', 'Nothing can be divided by 0', { details: { a, b } })
  return a / b
}

const { address } = await server.listen(process.argv[2] ?? 'tcp://127.0.0.1:57100')
console.log(`Serving ${server.methods.join(', ')} at ${address}. Ctrl-C ends it.`)

// Lets the running calls end. With the last connection gone, the process has nothing left to do.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close())

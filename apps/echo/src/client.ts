import { createClient } from '@hawser/client'
import { msgpack } from '@hawser/codec-msgpack'
import { RpcError } from '@hawser/contract'
import { serverStream, service } from '@hawser/schema'
import { tcp } from '@hawser/transport-tcp'

// The same as in server.ts. Two parts of one program would import it from a file of its own.
const Words = service('echo.Words', { split: serverStream<{ text: string }, { word: string }>() })

const address = process.argv[2] ?? 'tcp://127.0.0.1:57100'

// Closes the connection at the end of the file.
await using client = createClient({ transports: [tcp()], codecs: [msgpack()] })

const echo = client.remote<(text: string) => string>(address, '/echo')
console.log(await echo('hello'))

const mean = client.remote<(...numbers: number[]) => number>(address, '/mean')
console.log(await mean.with({ timeoutMs: 500 })(2, 3, 7))
try {
  await mean()
} catch (error) {
  if (!RpcError.is(error)) throw error
  console.log(`${error.code}: ${error.message}`, error.details)
}

const words = client.stub(Words, address)
for await (const { word } of words.split({ text: 'a rope is laid of strands' })) {
  console.log(word)
  if (word === 'laid') break // which cancels the call on the server, too
}

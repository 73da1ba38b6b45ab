import { createClient } from '@hawser/client'
import { msgpack } from '@hawser/codec-msgpack'
import { RpcError } from '@hawser/contract'
import { pull } from '@hawser/push'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'
import { birthdayType, divideType, echoType, Nag, nagType, toStringType } from './types.js'

// Or ipc://…: nothing else changes.
const host = process.argv[2] ?? 'tcp://127.0.0.1:57300'

await using client = createClient({ transports: [tcp(), ipc()], codecs: [msgpack({ keys: 'names' })] })

// A remote function is a description; nothing is dialled before it is called.
const numeral = client.remote(host, '/to_string', { signature: toStringType })
console.log(await numeral(123))

const echo = client.remote(host, '/echo', { signature: echoType })
console.log(await echo(Uint8Array.of(0xff, 0x00, 0x10)))

const birthday = client.remote(host, '/birthday', { signature: birthdayType })
const { name, age } = await birthday({ name: 'Ada', age: 36, likes: ['looms'], photo: Uint8Array.of(1) })
console.log(`${name} is ${age} now`)

// Is it there? Asks the host, and runs nothing.
console.log(await numeral.enabled(), await client.remote(host, '/no_such_method').enabled())

const divide = client.remote(host, '/divide', { signature: divideType })
try {
  await divide(1, 0)
} catch (error) {
  if (!RpcError.is(error)) throw error
  console.log(`${error.code}: ${error.message}`, error.details)
}

// Messages come in the order they were published in, with their numbers.
const nag = client.remote(host, '/nag', { signature: nagType })
const words = ['ready', 'steady', 'go']
const nags = pull(client, host, '/nagging', { type: Nag, numbered: true })
// The first message shows that the subscription is there.
let last = (await nags.next()).value!.number
for (const word of words) await nag(word)
const heard: string[] = []
for await (const { number, value } of nags) {
  if (number !== ++last) throw new Error(`${number} came instead of ${last}`)
  // The server nags by itself, too.
  if (words.includes(value.text)) heard.push(value.text)
  if (heard.length === words.length) break // which ends the subscription
}
console.log(heard.join(', '))

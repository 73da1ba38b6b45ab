import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { createServer } from '../src/index.js'

harness(t)

// What a compiler would refuse, from programs that have none.
const uncalled = { json: json as never, tcp: tcp as never }

t.test('a codec whose factory was not called is refused at once, on both sides', async (t) => {
  t.throws(() => createServer({ codecs: [uncalled.json] }), /codecs: \[json\(\)\], not \[json\]/)
  t.throws(() => createClient({ transports: [tcp()], codecs: [uncalled.json] }), TypeError)
})

t.test('a transport whose factory was not called is refused when it is looked for', async (t) => {
  const server = createServer({ transports: [uncalled.tcp], codecs: [json()] })
  await t.rejects(server.listen('tcp://127.0.0.1:0'), /transports: \[tcp\(\)\], not \[tcp\]/)
  await server.close()
})

import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { tcp } from '@hawser/transport-tcp'
import { native } from '@hawser/wire'
import t from 'tap'
import { createServer } from '../src/index.js'

harness(t)

// What a compiler would refuse, from programs that have none.
const uncalled = { json: json as never, tcp: tcp as never }

t.test('a codec whose factory was not called is refused at once, on both sides', async (t) => {
  t.throws(() => createServer({ codecs: [uncalled.json] }), /codecs: \[json\(\)\], not \[json\]/)
  t.throws(() => createClient({ transports: [tcp()], codecs: [uncalled.json] }), TypeError)
})

t.test(
  'a protocol whose factory was not called, and one that is in no list, are refused before anything listens',
  async (t) => {
    const server = createServer({ transports: [tcp()], codecs: [json()] })
    for (const protocols of [native, [native], native(), [undefined]])
      await t.rejects(
        server.listen('tcp://127.0.0.1:0', { protocols: protocols as never }),
        /protocols: \[http\(\)\]/,
      )
    await server.close()
  },
)

t.test('a transport whose factory was not called is refused when it is looked for', async (t) => {
  const server = createServer({ transports: [uncalled.tcp], codecs: [json()] })
  await t.rejects(server.listen('tcp://127.0.0.1:0'), /transports: \[tcp\(\)\], not \[tcp\]/)
  await server.close()
})

import { readdirSync, readFileSync } from 'node:fs'
import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { createServer } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { type Crossing, playClient, playServer, portOf } from './support/capture.js'
import { runScript, scriptOutcomes, serveScript } from './support/release-script.js'

harness(t)

const folder = new URL('fixtures/captures/', import.meta.url)
const captures = readdirSync(folder).map((name) => ({
  name: name.replace('.json', ''),
  crossings: JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Crossing[],
}))
const codecs = [msgpack(), json()]
const hello = 1

for (const { name, crossings } of captures) {
  const codec = codecs.find((codec) => name.endsWith(codec.name))!

  t.test(`F38 this server answers a client of ${name} as that release's did`, async (t) => {
    await using server = createServer({ transports: [tcp()], codecs: [codec] })
    serveScript(server)
    const { address } = await server.listen('tcp://127.0.0.1:0')
    const answers = await playClient(crossings, Number(new URL(address).port))
    const recorded = crossings.filter(({ from }) => from === 'server').map(({ hex }) => hex)
    t.equal(answers.length, recorded.length)
    // A hello may offer more than it did.
    answers.forEach((answer, index) => {
      if (index > 0 && answer[4] === hello) t.equal(recorded[index]?.slice(8, 10), '01')
      else t.equal(answer.toString('hex'), recorded[index])
    })
  })

  t.test(`F38 this client understands a server of ${name}`, async (t) => {
    const server = await playServer(crossings)
    t.teardown(() => server.close())
    await using client = createClient({ transports: [tcp()], codecs: [codec], log: () => {} })
    t.same(await runScript(client, `tcp://127.0.0.1:${portOf(server)}`), scriptOutcomes)
  })
}

t.test('F38 there are captures of every codec', async (t) => {
  for (const { name } of codecs) t.ok(captures.some((capture) => capture.name.endsWith(name)))
})

import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { startDemo } from '../src/demo.js'
import { requestsOf, type WrittenRequest } from './support/requests.js'
import { somewhere } from './support/somewhere.js'

harness(t)

const json = 'application/json'
// By the names of the requests in the file: status, reason where it says something, and body.
const answers: Readonly<
  Record<string, readonly [status: number, reason: string, body: unknown, type?: string]>
> = {
  to_string: [200, 'OK', '123', json],
  to_string_get: [200, 'OK', '"123"', 'text/plain'],
  to_string_text: [200, 'OK', '"-7"', 'text/plain'],
  echo: [200, 'OK', 'any bytes will do', 'application/octet-stream'],
  birthday: [200, 'OK', { name: 'Ada', age: 37, likes: ['looms', 'engines'], photo: 'AQID' }, json],
  divide_by_zero: [500, 'Nothing can be divided by 0', { code: 'invalid_argument' }, json],
  bad_argument: [500, '', { code: 'invalid_argument' }, json],
  not_found: [404, '', { code: 'unimplemented', reason: 'no_method' }, json],
  enabled: [200, 'OK', ''],
  nag: [200, 'OK', 0, json],
  reflection: [200, 'OK', { publish: { '/nagging': /Nag/ }, rpc: { '/to_string': /^string .*i32/ } }, json],
}

t.test('every request of client.http is answered as it says', async (t) => {
  await using demo = await startDemo(somewhere())
  const file = await readFile(new URL('../client.http', import.meta.url), 'utf8')
  const host = demo.tcp.replace(/^tcp/, 'http')
  const requests = requestsOf(file, { host })
  t.same(
    requests.map(({ name }) => name),
    Object.keys(answers),
  )
  for (const each of requests) {
    const [status, reason, body, type] = answers[each.name]!
    const answer = await send(each)
    t.equal(answer.status, status, each.name)
    if (reason !== '') t.equal(answer.reason, reason, each.name)
    if (type !== undefined) t.equal(answer.type, type, each.name)
    const found: unknown = answer.type === json ? JSON.parse(answer.body) : answer.body
    if (typeof body === 'object') t.match(found, body, each.name)
    else t.equal(found, body, each.name)
  }
})

t.test('AM-37 AMRPC clients read structs by the names of their members', async (t) => {
  await using demo = await startDemo(somewhere())
  const { encode, decode } = msgpack()
  const person = { name: 'Ada', age: 36, likes: [], photo: Uint8Array.of(1, 2) }
  const type = 'application/x-msgpack'
  const answer = await fetch(`${demo.tcp.replace(/^tcp/, 'http')}/birthday`, {
    method: 'POST',
    headers: { 'content-type': type, accept: type, connection: 'close' },
    body: new Uint8Array(encode([person])),
  })
  t.same(decode(new Uint8Array(await answer.arrayBuffer())), { ...person, age: 37 })
})

// By node:http, since fetch gives no GET a body and asks for more than is written.
async function send({ verb, url, headers, body }: WrittenRequest) {
  return new Promise<{ status: number; reason: string; type: string; body: string }>((resolve, reject) => {
    const sent = request(url, { method: verb, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          reason: response.statusMessage!,
          type: response.headers['content-type'] ?? '',
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

import { createClient } from '@hawser/client'
import { harness } from '@hawser/compliance/harness'
import { type Codec, give } from '@hawser/contract'
import t from 'tap'
import { worker } from '../src/index.js'
import { connect, startThread } from './support.js'

harness(t)

const MiB = 1024 * 1024
const address = 'worker://tasks'

/** One byte array as it is; `list` on the side that reads arguments. */
function plain(list: boolean): Codec {
  return {
    name: 'plain',
    contentType: 'application/octet-stream',
    encode: (value) => (Array.isArray(value) ? value[0] : value) as Uint8Array,
    decode: (bytes) => (list ? [bytes] : bytes),
  }
}

t.test('what is given is moved, whole buffers alone, and the rest is copied', async (t) => {
  const { port1, port2 } = new MessageChannel()
  const here = worker({ workers: { x: port1 } })
  const { client, server } = await connect(here, worker({ workers: { x: port2 } }), 'x')
  const got: Uint8Array[] = []
  const all = new Promise<void>((resolve) => {
    server.start((bytes) => {
      if (got.push(bytes) === 5) resolve()
    })
  })
  client.start(() => {})
  const kept = new Uint8Array(MiB).fill(1)
  const part = give(new Uint8Array(2 * MiB).fill(2).subarray(MiB))
  const small = give(new Uint8Array(100).fill(3))
  const given = give(new Uint8Array(MiB).fill(4))
  const shared = give(new Uint8Array(new SharedArrayBuffer(65_536)).fill(5))
  const sent = [kept, part, small, given, shared]
  for (const bytes of sent) client.send(bytes)
  await all
  t.same(
    sent.map(({ length }) => length),
    [MiB, MiB, 100, 0, 65_536],
  )
  t.same(
    got.map((bytes) => [bytes[0], bytes.at(-1), bytes.length]),
    [
      [1, 1, MiB],
      [2, 2, MiB],
      [3, 3, 100],
      [4, 4, MiB],
      [5, 5, 65_536],
    ],
  )
  await Promise.all([client.close(), server.close()])
})

t.test('a call that gave its bytes away cannot be made again with what is left', async (t) => {
  await using thread = await startThread()
  const transports = [worker({ workers: { tasks: thread.worker } })]
  await using client = createClient({ transports, codecs: [plain(false)] })
  const echo = client.remote<(bytes: Uint8Array) => Promise<Uint8Array>>(address, '/plain')
  const bytes = give(new Uint8Array(MiB).fill(5))
  const answer = await echo(bytes)
  t.same([answer.length, answer[0], answer.at(-1)], [MiB, 5, 5])
  t.equal(bytes.length, 0)
  await t.rejects(echo.with({ idempotent: true })(bytes), { code: 'failed_precondition', executed: 'no' })
  t.equal((await echo(new Uint8Array(0))).length, 0, 'nothing is something else')
})

t.test('two calls that gave the same bytes, both waiting to be sent, both have them', async (t) => {
  await using thread = await startThread()
  const transports = [worker({ workers: { tasks: thread.worker } })]
  await using client = createClient({ transports, codecs: [plain(false)] })
  const echo = client.remote<(bytes: Uint8Array) => Promise<Uint8Array>>(address, '/plain')
  await echo(new Uint8Array(1))
  const bytes = give(new Uint8Array(20_000).fill(5))
  // More than the other end takes at once, so that what comes behind it waits.
  const before = echo(new Uint8Array(2 * MiB))
  const answers = await Promise.all([before, echo(bytes), echo(bytes), echo(new Uint8Array(3).fill(6))])
  t.same(
    answers.map((answer) => [answer.length, answer[0]]),
    [
      [2 * MiB, 0],
      [20_000, 5],
      [20_000, 5],
      [3, 6],
    ],
  )
})

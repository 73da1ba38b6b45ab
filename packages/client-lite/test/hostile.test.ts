import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { RpcError } from '@hawser/contract'
import { serverStream, service, unary } from '@hawser/schema'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { frame, hostileServer, kinds, type Script } from '../../client/test/support/hostile-server.js'
import { until } from '../../client/test/support/stack.js'
import { type Client, createClient } from '../src/index.js'

harness(t)

const Work = service('test.Work', {
  one: unary<number, unknown>(),
  many: serverStream<number, unknown>(),
})

/** What a call comes to: its value, or its error in a word. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call
  } catch (error) {
    return RpcError.is(error) ? `${error.code}/${error.reason}/${error.executed}` : error
  }
}

async function facing(
  script: Script,
  run: (client: Client, address: string, told: string[]) => Promise<void>,
): Promise<void> {
  await using server = await hostileServer(script)
  const told: string[] = []
  await using client = createClient({
    transports: [tcp()],
    codecs: [json()],
    log: ({ event }) => void told.push(event),
  })
  await run(client, server.address, told)
}

const { request, reply, item, end, error, goaway, credit } = kinds
const streams = 8

/** What a server may send for its first call, and what the call comes to. */
const answers: Record<string, readonly [frames: (id: number) => Buffer[], outcome: unknown, open: boolean]> =
  {
    'an answer and then 16 more': [(id) => Array.from({ length: 17 }, () => frame(reply, id, '1')), 1, true],
    'an answer and then 17 more': [(id) => Array.from({ length: 18 }, () => frame(reply, id, '1')), 1, false],
    'answers to calls never made': [
      (id) => [
        ...Array.from({ length: 16 }, (_, n) => frame(reply, id + 2 + 2 * n, '9')),
        frame(reply, id, '1'),
      ],
      1,
      true,
    ],
    'strays of every kind': [
      (id) => [
        frame(item, 2 ** 31 + 1, '1'),
        frame(end, 99),
        frame(credit, 0, Buffer.alloc(4)),
        frame(error, 8, Buffer.from([13, 0, 0, 0, 0])),
        frame(item, id, '1'),
        frame(end, id),
        frame(credit, id, Buffer.alloc(4)),
        frame(kinds.cancel, id),
        frame(reply, id, '1'),
      ],
      1,
      true,
    ],
    'an answer that is no value': [(id) => [frame(reply, id, '{"a":')], 'internal/bad_payload/yes', true],
    'items for a call without them': [
      (id) => [frame(reply, id, '', streams), frame(item, id, '1'), frame(end, id)],
      'invalid_argument/bad_frame/yes',
      true,
    ],
    'headers that break the rules': [
      (id) => [frame(reply, id, Buffer.from('0006000141000162', 'hex'), 2)],
      'invalid_argument/bad_header/yes',
      true,
    ],
    'headers past the end': [
      (id) => [frame(reply, id, Buffer.from('00090001', 'hex'), 2)],
      'unavailable/connection_lost/maybe',
      false,
    ],
    'an answer over the limit': [
      (id) => [frame(reply, id, 'x'.repeat(5_000_000))],
      'resource_exhausted/too_large/yes',
      true,
    ],
    'a length of a gigabyte': [
      () => [Buffer.from('40000000', 'hex')],
      'unavailable/connection_lost/maybe',
      false,
    ],
    'a length of nothing': [() => [Buffer.alloc(12)], 'unavailable/connection_lost/maybe', false],
    garbage: [
      () => [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
      'unavailable/connection_lost/maybe',
      false,
    ],
    'frames of later versions': [
      (id) => [frame(13, id, 'x'), frame(127, 0, '', 255), frame(0, 1), frame(reply, id, '1')],
      1,
      true,
    ],
    'a frame that may not be skipped': [(id) => [frame(128, id)], 'unavailable/connection_lost/maybe', false],
    'a goaway that gives and takes back': [
      (id) => [frame(goaway, id, '', 0, 14), frame(goaway, 0, '', 0, 14), frame(goaway, 1e9, '', 0, 14)],
      // Nothing was run, so that it is made again elsewhere.
      'afterwards',
      true,
    ],
    'calls of its own': [
      (id) => [
        ...Array.from({ length: 100 }, (_, n) =>
          frame(request, 2 + 2 * n, Buffer.from('ffffffffffff00022f78', 'hex'), 1),
        ),
        frame(reply, id, '1'),
      ],
      1,
      true,
    ],
  }

for (const [name, [frames, expected, open]] of Object.entries(answers))
  t.test(`a server that sends ${name}`, async (t) => {
    let gone = 0
    await facing(
      {
        received({ kind, id }, { number, send, socket }) {
          if (kind !== request) return
          if (number > 0) send(frame(reply, id, '"afterwards"'))
          else {
            socket.once('close', () => gone++)
            send(...frames(id))
          }
        },
      },
      async (client, address) => {
        const call = client.stub(Work, address).one.with({ timeoutMs: 2_000 })(1)
        t.same(await outcome(call), expected)
        if (open) {
          t.equal(gone, 0, 'the connection goes on')
        } else {
          await until(() => gone === 1)
          t.equal(await outcome(client.stub(Work, address).one(2)), 'afterwards', 'another one is made')
        }
      },
    )
  })

t.test('a server that says something else than hello', async (t) => {
  for (const said of ['HTTP/1.1 200 OK\r\n\r\n', '\u0016\u0003\u0001', 'f86861777365720a'])
    await facing(
      {
        hello: false,
        connected: ({ socket, send }) => {
          send(
            said.startsWith('f8')
              ? Buffer.from(`${said}00000008030000000000 0001`.replace(' ', ''), 'hex')
              : Buffer.from(said),
          )
          socket.end()
        },
      },
      async (client, address, told) => {
        t.equal(await outcome(client.stub(Work, address).one(1)), 'unavailable/connection_lost/maybe')
        t.ok(told.includes('connection_bad_frame'))
      },
    )
})

t.test('items beyond the credit fail their call', async (t) => {
  await facing(
    {
      received({ kind, id }, { send }) {
        if (kind !== request) return
        const items = Array.from({ length: 300 }, () => frame(item, id, `"${'x'.repeat(1_000)}"`))
        send(Buffer.concat([frame(reply, id, '', streams), ...items]))
      },
    },
    async (client, address) => {
      const items = client.stub(Work, address).many(1)
      let taken = 0
      const read = (async () => {
        for await (const _ of items) {
          taken++
          // Slower than they come: none is granted.
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
      })()
      t.equal(await outcome(read), 'resource_exhausted/overloaded/maybe')
      t.ok(taken < 300, `${taken} were taken`)
    },
  )
})

t.test('a server that cuts its bytes anywhere', async (t) => {
  await facing(
    {
      received({ kind, id }, { socket }) {
        if (kind !== request) return
        const bytes = Buffer.concat([
          frame(reply, id, '', streams),
          frame(item, id, '"first"'),
          frame(item, id, `"${'ü'.repeat(3_000)}"`),
          frame(end, id),
        ])
        let at = 0
        const next = () => {
          const size = 1 + (at % 701)
          if (at < bytes.length) socket.write(bytes.subarray(at, at + size), () => setImmediate(next))
          at += size
        }
        next()
      },
    },
    async (client, address) => {
      const got: unknown[] = []
      for await (const each of client.stub(Work, address).many(1)) got.push(each)
      t.same(got, ['first', 'ü'.repeat(3_000)])
    },
  )
})

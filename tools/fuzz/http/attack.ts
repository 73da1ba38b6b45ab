import { setImmediate } from 'node:timers/promises'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { type Call, type Connection, type Reply, type VirtualClock, virtualClock } from '@hawser/contract'
import { type HttpOptions, http } from '@hawser/protocol-http'
import { createServer, type Server } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import { numberBytes, writeNumber } from '@hawser/wire'
import { quiet } from '../frames/quiet.js'
import { claim, label, type Outcome } from '../target.js'
import { type HttpReply, repliesIn } from './replies.js'

// Longer than any header, body or call may take that does not come on.
const patienceMs = 12_000
const sliceMs = 1_000
const mostRounds = 10

/** A connection as it was heard from its far end. */
class Ear {
  text = ''
  ended = false
  readonly connection: Connection

  constructor(connection: Connection) {
    this.connection = connection
    connection.start((bytes) => {
      this.text += Buffer.from(bytes).toString('latin1')
    })
    void connection.closed.then(() => {
      this.ended = true
    })
  }
}

/** Sends bytes to a server, in chunks of so many, and says what became of them. */
export async function attackHttp(bytes: Uint8Array, size: number, options: HttpOptions): Promise<Outcome> {
  const clock = virtualClock()
  const transport = memory({ clock })
  const server = serverOn(clock, transport, options)
  await server.listen('memory://fuzz')
  const ear = await dial(clock, transport)
  for (let at = 0; at < bytes.length; at += size) ear.connection.send(bytes.subarray(at, at + size))
  await quiet(clock)
  const other = await dial(clock, transport)
  other.connection.send(
    Buffer.from('GET /add?args=[1,2] HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n'),
  )
  for (let round = 0; round < mostRounds && other.text === ''; round++) await quiet(clock)
  claim(/^HTTP\/1.1 200 OK\r\n.*\r\n\r\n3$/s.test(other.text), 'A call on another connection failed')
  await pass(clock, patienceMs)
  const replies = repliesIn(ear.text)
  const streams = replies.some(({ whole, status }) => !whole || status === 101)
  claim(
    ear.ended || streams || replies.every(({ closes }) => !closes),
    'A connection that was to close did not',
  )
  claim(ear.ended || replies.length > 0, 'A connection without an answer was kept')
  const ending = ear.ended ? 'closed' : 'open'
  const closing = server.close({ signal: AbortSignal.abort() })
  await pass(clock, 3_000)
  await closing
  claim(clock.pending === 0, `${clock.pending} timers are left`)
  return {
    result: [...replies.slice(0, 4).map(({ status }) => status), ending].join(' '),
    labels: [...new Set(replies.map(said))],
  }
}

async function pass(clock: VirtualClock, milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0; left -= sliceMs) {
    await clock.advance(sliceMs)
    await setImmediate()
  }
  await quiet(clock)
}

function said({ status, body }: HttpReply): string {
  if (status < 400) return String(status)
  const { code, reason, message } = JSON.parse(Buffer.from(body || '{}', 'latin1').toString())
  return label(`${status} ${code}/${reason}: ${message}`)
}

async function dial(clock: VirtualClock, transport: ReturnType<typeof memory>): Promise<Ear> {
  const dialled = transport.dial('memory://fuzz')
  await clock.settle()
  return new Ear(await dialled)
}

function serverOn(clock: VirtualClock, transport: ReturnType<typeof memory>, options: HttpOptions): Server {
  const server = createServer({
    transports: [transport],
    codecs: [json(), msgpack()],
    protocols: [http(options)],
    log: () => {},
    clock,
  })
  server.rpc('/add', (a: number, b: number) => a + b, { safe: true })
  server.rpc('/same', (value: unknown) => value)
  server.rpc('/text', (text: string) => text, { form: 'text' })
  server.rpc('/bytes', (bytes: Uint8Array) => bytes, { form: 'bytes' })
  server.rpc('/hang', () => new Promise(() => {}))
  server.register({
    name: '/news',
    topic: true,
    type: { kind: 'server-stream', untyped: true },
    handler: (call): Reply => ({ output: news(call) }),
  })
  return server
}

async function* news(call: Call): AsyncGenerator<Uint8Array, void, undefined> {
  for (const number of [1, 2, 5]) {
    const item = new Uint8Array(numberBytes + 1).fill(0x31)
    writeNumber(item, number)
    yield item
  }
  await new Promise<void>((resolve) => call.onCancel({ cancelled: () => resolve() }))
}

import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { type Connection, type VirtualClock, virtualClock } from '@hawser/contract'
import { http } from '@hawser/protocol-http'
import { topic } from '@hawser/push'
import { createServer } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import { quiet } from '../frames/quiet.js'
import { claim, type Outcome } from '../target.js'
import { framesIn } from './frames-in.js'

const mostRounds = 10
// Longer than a peer that says nothing is put up with.
const patienceMs = 12_000
const sliceMs = 2_000

/** A connection as it was heard from its far end. */
class Ear {
  bytes: Uint8Array = new Uint8Array(0)
  ended = false
  readonly connection: Connection

  constructor(connection: Connection) {
    this.connection = connection
    connection.start((bytes) => {
      this.bytes = Buffer.concat([this.bytes, bytes])
    })
    void connection.closed.then(() => {
      this.ended = true
    })
  }

  /** The head of what came as text, and what is behind it. */
  get parts(): readonly [head: string, rest: Uint8Array] {
    const at = Buffer.from(this.bytes).indexOf('\r\n\r\n')
    if (at < 0) return ['', this.bytes]
    return [Buffer.from(this.bytes.subarray(0, at)).toString('latin1'), this.bytes.subarray(at + 4)]
  }
}

/** Subscribes with bytes that may be a handshake and frames, in chunks of so many, and says what became of them. */
export async function attackPull(bytes: Uint8Array, size: number): Promise<Outcome> {
  const clock = virtualClock()
  const transport = memory({ clock })
  const server = createServer({
    transports: [transport],
    codecs: [json(), msgpack()],
    protocols: [http()],
    log: () => {},
    limits: { keepAliveMs: 3_000, keepAliveTimeoutMs: 1_000 },
    clock,
  })
  const news = topic<unknown>(server, '/news')
  await server.listen('memory://fuzz')
  const subscribers = () => news.size
  const ear = await dial(clock, transport)
  const other = await dial(clock, transport)
  other.connection.send(Buffer.from(handshake))
  await until(clock, () => subscribers() === 1)
  claim(subscribers() === 1, 'A subscriber on another connection was refused')
  for (let at = 0; at < bytes.length; at += size) ear.connection.send(bytes.subarray(at, at + size))
  await quiet(clock)
  news.publish('one')
  news.publish({ two: [1, 2] })
  await until(clock, () => framesIn(other.parts[1]).length === 2)
  claim(framesIn(other.parts[1]).length === 2, 'A subscriber on another connection got no messages')
  const subscribed = subscribers() === 2
  await pass(clock, patienceMs)
  const [head, rest] = ear.parts
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 'nothing'
  // Without an upgrade, it subscribes as plain HTTP does.
  claim(
    subscribers() === (status === '200' ? 1 : 0) || subscribers() === 0,
    'Subscribers that never answer were kept',
  )
  const frames = status === '101' ? framesIn(rest) : []
  claim(!subscribed || status === '101' || status === '200', 'Somebody subscribed without a handshake')
  claim(
    frames.slice(0, -1).every(({ opcode }) => opcode !== close),
    'Something was sent behind a closing frame',
  )
  const closing = server.close({ signal: AbortSignal.abort() })
  await pass(clock, 3_000)
  await closing
  claim(clock.pending === 0, `${clock.pending} timers are left`)
  const codes = frames.flatMap(({ opcode, code }) => (opcode === close ? [code] : []))
  const what = [...new Set(frames.map(({ opcode }) => opcode))].join()
  return {
    result: [status, what, ...codes, ear.ended ? 'closed' : 'open'].join(' '),
    labels: [`${status} ${what} ${codes.join()}`],
  }
}

const close = 8
const handshake =
  'GET /news HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'

async function until(clock: VirtualClock, holds: () => boolean): Promise<void> {
  for (let round = 0; round < mostRounds && !holds(); round++) await quiet(clock)
}

async function pass(clock: VirtualClock, milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0; left -= sliceMs) {
    await clock.advance(sliceMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await quiet(clock)
}

async function dial(clock: VirtualClock, transport: ReturnType<typeof memory>): Promise<Ear> {
  const dialled = transport.dial('memory://fuzz')
  await clock.settle()
  return new Ear(await dialled)
}

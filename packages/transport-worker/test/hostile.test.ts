import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { harness } from '@hawser/compliance/harness'
import type { Connection } from '@hawser/contract'
import t from 'tap'
import { worker } from '../src/index.js'
import { Accepted, pass } from './support.js'

harness(t)

interface Victim {
  readonly connection: Connection
  /** The other end's port: what the transport does not write, a hostile thread may. */
  readonly port: MessagePort
  /** The connection's own port. */
  readonly own: MessagePort
  readonly told: readonly unknown[]
}

/** A connection whose other end is the test. */
async function victim(): Promise<Victim> {
  const { port1, port2 } = new MessageChannel()
  let own: MessagePort | undefined
  const seen = (request: { readonly port: MessagePort }) => {
    own = request.port
  }
  port2.on('message', seen)
  const { port1: port, port2: given } = new MessageChannel()
  const told: unknown[] = []
  port.on('message', (message) => told.push(message))
  const accepted = new Accepted()
  await using _ = await worker({ workers: { x: port2 } }).listen('worker://x', accepted.take)
  port1.postMessage({ hawser: 'worker/1', port: given }, [given])
  const connection = await accepted.connection
  port2.off('message', seen)
  return { connection, port, own: own!, told }
}

const bytes = (length: number) => new ArrayBuffer(length)
const posts: Record<string, unknown> = {
  'another word': 'hello',
  'an empty buffer': bytes(0),
  'shared memory': new SharedArrayBuffer(8),
  'a view instead of a buffer': new Uint8Array(8),
  'an object': { 0: bytes(8), length: 1 },
  null: null,
  undefined: undefined,
  'a credit of nothing': 0,
  'a negative credit': -1,
  'half a byte of credit': 0.5,
  'an endless credit': Number.POSITIVE_INFINITY,
  'a credit that is no number': Number.NaN,
  'an empty list': [],
  'a list without sizes': [bytes(8)],
  'sizes that are too short': [bytes(8), 7],
  'sizes that are too long': [bytes(8), 4, 5],
  'a size of nothing': [bytes(8), 8, 0],
  'a negative size': [bytes(8), 9, -1],
  'a size that is no number': [bytes(8), '8'],
  'shared memory with sizes': [new SharedArrayBuffer(8), 8],
  'two buffers': [bytes(8), bytes(8)],
}

for (const [what, message] of Object.entries(posts))
  t.test(`${what} ends the connection it is posted to`, async (t) => {
    const { connection, port, told } = await victim()
    connection.start(() => t.fail('nothing may be delivered'))
    port.postMessage(message)
    t.match(await connection.closed, { code: 'invalid_argument', reason: 'bad_frame' })
    await pass(5)
    t.equal(told.at(-1), 'abort', 'and its peer is told')
  })

t.test('a message that cannot be read ends the connection', async (t) => {
  const { connection, own } = await victim()
  connection.start(() => {})
  own.dispatchEvent(new Event('messageerror'))
  t.match(await connection.closed, { reason: 'bad_frame' })
})

t.test('more than was granted ends the connection, before and after it reads', async (t) => {
  const early = await victim()
  early.port.postMessage(bytes(1))
  t.match(await early.connection.closed, { reason: 'bad_frame' })

  const { connection, port, told } = await victim()
  let got = 0
  connection.start((bytes) => {
    got += bytes.length
    connection.pause()
  })
  await pass(5)
  const granted = told.find((message) => typeof message === 'number') as number
  port.postMessage(bytes(1))
  await pass(5)
  // One message may run past the end of the window, the next one may not come.
  port.postMessage(bytes(granted + 1000))
  await pass(5)
  port.postMessage(bytes(1))
  t.match(await connection.closed, { reason: 'bad_frame' })
  t.equal(got, 1)
})

t.test('anything behind the end ends the connection', async (t) => {
  for (const message of ['end', bytes(1)]) {
    const { connection, port } = await victim()
    connection.start(() => {})
    connection.pause()
    port.postMessage('end')
    port.postMessage(message)
    t.match(await connection.closed, { reason: 'bad_frame' })
  }
})

t.test('an answer to a dial that is none fails it', async (t) => {
  for (const answer of ['hello', null, 1, bytes(1), { open: true }]) {
    const { port1, port2 } = new MessageChannel()
    port2.on('message', ({ port }: { readonly port: MessagePort }) => port.postMessage(answer))
    const dialling = worker({ workers: { x: port1 } }).dial('worker://x')
    await t.rejects(dialling, { code: 'unavailable', reason: 'unreachable', executed: 'no' })
    port2.close()
  }
})

t.test('requests that nobody waits for any more do no harm', async (t) => {
  const { port1, port2 } = new MessageChannel()
  const { port1: left, port2: given } = new MessageChannel()
  port1.postMessage({ hawser: 'worker/1', port: given }, [given])
  left.close()
  const accepted = new Accepted()
  await using _ = await worker({ workers: { x: port2 } }).listen('worker://x', accepted.take)
  const connection = await accepted.connection
  connection.start(() => {})
  connection.send(new Uint8Array(1_000_000))
  t.match(await connection.closed, { reason: 'connection_lost' })
})

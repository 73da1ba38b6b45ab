import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { type Connection, RpcError, type VirtualClock, virtualClock } from '@hawser/contract'
import { jsonFrame } from '@hawser/protocol-json-frame'
import { createServer } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import { join } from '../bytes.js'
import { Random } from '../random.js'
import { claim } from '../target.js'
import { answersOf } from './frame.js'

/** How a stream is brought. */
export interface Manner {
  readonly bigEndian: boolean
  /** Where it is cut; undefined: it comes at once. */
  readonly cuts: number | undefined
}

type Quiet = (clock: VirtualClock) => Promise<void>

const address = 'memory://frames'
// Small enough for inputs to be over it, and few enough to wait for one another.
const limits = { receiveBytes: 4_096, inFlight: 4 }
const laterMs = 10
const callMs = 50
const mostPieces = 100

/** What a server answers, and that it harms nobody else. */
export async function playServed(
  bytes: Uint8Array,
  { bigEndian, cuts }: Manner,
  quiet: Quiet,
): Promise<string[]> {
  const clock = virtualClock()
  const network = memory({ clock })
  const server = createServer({ transports: [network], codecs: [json()], limits, clock, log: () => {} })
  server.rpc('/echo', (...args: unknown[]) => args)
  server.rpc(
    '/later',
    (value: unknown) => new Promise((resolve) => clock.timer(laterMs, () => resolve(value))),
  )
  server.rpc('/fail', () => {
    throw new RpcError('not_found', 'none', { details: [1] })
  })
  await server.listen(address, { protocols: [jsonFrame({ bigEndian })] })
  const connection = await network.dial(address)
  const heard: Uint8Array[] = []
  connection.start((bytes) => void heard.push(bytes))
  await bring(connection, bytes, cuts, clock)
  await quiet(clock)
  await clock.advance(2 * laterMs)
  await quiet(clock)

  const good = createClient({
    transports: [network],
    codecs: [json()],
    clock,
    protocol: jsonFrame({ bigEndian }),
  })
  let echoed: unknown
  void good
    .remote<(text: string) => unknown>(
      address,
      '/echo',
    )('good')
    .then((value) => (echoed = value))
  await quiet(clock)
  claim(JSON.stringify(echoed) === '["good"]', 'A call on another connection did not succeed')

  const closing = Promise.all([good.close(), server.close()])
  await quiet(clock)
  connection.abort(new RpcError('cancelled', 'over'))
  await clock.advance(1_100)
  await closing
  claim(server.connections.length === 0, 'A connection is left')
  claim(clock.pending === 0, `${clock.pending} timers are left`)
  return answersOf(join(...heard), bigEndian).map((answer) => {
    const { out, result } = answer as { out: unknown; result?: Record<string, unknown> }
    claim(typeof out === 'string', 'An answer without a name')
    if (out !== 'error') return `answer ${JSON.stringify(answer)}`
    claim(
      typeof result?.code === 'string' && typeof result.message === 'string',
      'An error that says nothing',
    )
    return `${result.code}/${result.reason} ${result.message}`
  })
}

/** What becomes of the calls of a client. Each settles once. */
export async function playOpen(
  bytes: Uint8Array,
  { bigEndian, cuts }: Manner,
  quiet: Quiet,
): Promise<string[]> {
  const clock = virtualClock()
  const network = memory({ clock })
  let accepted: Connection | undefined
  const listener = await network.listen(address, (connection) => {
    accepted ??= connection
    connection.start(() => {})
  })
  const client = createClient({
    transports: [network],
    codecs: [json()],
    limits,
    clock,
    log: () => {},
    retries: false,
    protocol: jsonFrame({ bigEndian }),
  })
  const fates: string[] = []
  const call = client.remote<(number: number) => unknown>(address, '/ask')
  for (let number = 0; number < 6; number++) {
    fates.push('none')
    void call
      .with({ timeoutMs: callMs })(number)
      .then(
        (value) => {
          fates[number] = `answer ${JSON.stringify(value)}`
        },
        (error: unknown) => {
          claim(RpcError.is(error), `No typed error: ${error}`)
          fates[number] = `${error.code}/${error.reason}`
        },
      )
  }
  await quiet(clock)
  claim(accepted !== undefined, 'Nobody called')
  await bring(accepted, bytes, cuts, clock)
  await quiet(clock)
  await clock.advance(2 * callMs)
  await quiet(clock)
  claim(!fates.includes('none'), 'A call did not settle')
  const closing = client.close()
  await quiet(clock)
  accepted.abort(new RpcError('cancelled', 'over'))
  await clock.advance(1_100)
  await closing
  await listener.close()
  claim(clock.pending === 0, `${clock.pending} timers are left`)
  return fates
}

async function bring(
  connection: Connection,
  bytes: Uint8Array,
  cuts: number | undefined,
  clock: VirtualClock,
): Promise<void> {
  if (cuts === undefined) {
    connection.send(bytes)
    return
  }
  const random = new Random(cuts)
  const least = 1 + Math.floor(bytes.length / mostPieces)
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + least + random.small(random.pick([2, 20, 200])))
    connection.send(bytes.subarray(at, end))
    await clock.settle()
    at = end
  }
}

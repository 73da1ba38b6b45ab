// Runs in a page, with either client. Each function is one thing a test has it do.
import type { ClientOptions, RemoteFunction, RemoteShape, Stub } from '@hawser/client'
import { binary, compact } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { protobuf } from '@hawser/codec-protobuf'
import { type Peer, RpcError } from '@hawser/contract'
import { ws } from '@hawser/transport-ws/browser'
import { Harbour } from '../support/harbour.js'

/** What both clients have of what is used here. */
export interface PageClient {
  remote<F extends RemoteShape>(address: string, method: string): RemoteFunction<F>
  stub(service: typeof Harbour, address: string): Stub<typeof Harbour.methods>
  connect(address: string): Promise<Pick<Peer, 'notify'>>
  close(): Promise<void>
}

type Options = Pick<
  ClientOptions,
  'transports' | 'codecs' | 'reconnect' | 'log' | 'onConnect' | 'onNotify' | 'onClose'
>

let createClient: (options: Options) => PageClient
let client: PageClient
let address: string
let harbour: Stub<typeof Harbour.methods>
const events: string[] = []
const pending = new Map<string, AbortController>()
const outcomes = new Map<string, Promise<string>>()

/** Says with which client. */
export function callBy(create: (options: Options) => PageClient): void {
  createClient = create
}

/** What there is to choose from. */
const codecs = { json, msgpack, protobuf, binary, compact }

/** Calls in a codec, and in json what that cannot carry. */
export function open(to: string, codec: keyof typeof codecs, reconnect: boolean): void {
  address = to
  client = createClient({
    transports: [ws()],
    codecs: codec === 'json' ? [json()] : [codecs[codec](), json()],
    reconnect,
    log: () => {},
    onConnect: () => void events.push('connected'),
    onClose: () => void events.push('closed'),
    onNotify: (type, message) => void events.push(`${type} ${JSON.stringify(message)}`),
  })
  harbour = client.stub(Harbour, to)
}

export async function close(): Promise<void> {
  await client.close()
}

export function told(): readonly string[] {
  return events
}

export async function upper(text: string): Promise<string> {
  return harbour.upper(text)
}

export async function greet(name: string): Promise<string> {
  return client.remote<(name: string) => string>(address, '/greet')(name)
}

/** A typed value there and back, told as text. */
export async function load(): Promise<string> {
  const { weight, seals, ports, note } = await harbour.load({
    weight: 2n ** 62n,
    seals: Uint8Array.of(0, 255),
    ports: new Map([[-1n, ['a', 'ü']]]),
  })
  return `${weight} ${seals} ${[...ports]} ${note}`
}

export async function sum(numbers: readonly number[]): Promise<number> {
  return harbour.sum(numbers)
}

export async function count(to: number): Promise<number> {
  let sum = 0
  for await (const number of harbour.count(to)) sum += number
  return sum
}

/** Sends each text when the one before has been answered. */
export async function mirror(texts: readonly string[]): Promise<readonly string[]> {
  const answers: string[] = []
  let arrived = () => {}
  async function* turns() {
    for (const text of texts) {
      const answered = new Promise<void>((resolve) => {
        arrived = resolve
      })
      yield text
      await answered
    }
  }
  for await (const answer of harbour.mirror(turns())) {
    answers.push(answer)
    arrived()
  }
  return answers
}

export async function leaveAt(at: number): Promise<number> {
  for await (const number of harbour.count(1e9)) if (number === at) return number
  return 0
}

export function hang(name: string): void {
  const controller = new AbortController()
  pending.set(name, controller)
  const call = harbour.hang.with({ signal: controller.signal })(name)
  outcomes.set(
    name,
    call.catch((error) => (RpcError.is(error) ? `${error.code}/${error.reason}` : String(error))),
  )
}

export async function cancel(name: string): Promise<string | undefined> {
  pending.get(name)?.abort()
  return outcomes.get(name)
}

/** As many calls at once as are asked for. */
export async function many(calls: number): Promise<number> {
  const answers = await Promise.all(Array.from({ length: calls }, (_, index) => harbour.upper(`a${index}`)))
  return answers.filter((answer, index) => answer === `A${index}`).length
}

/** The server hears a message, if it does. */
export async function tell(type: string, message: unknown): Promise<boolean> {
  const peer = await client.connect(address)
  return peer.notify(type, message)
}

/** How a dial to an address ends. */
export async function dial(to: string): Promise<string> {
  try {
    const connection = await ws().dial(to)
    await connection.close()
    return 'connected'
  } catch (error) {
    return RpcError.is(error) ? `${error.code}/${error.reason}/${error.executed}` : String(error)
  }
}

// Runs in a page. Each function is one thing a test has it do.
import { type Client, createClient, type Stub } from '@hawser/client-lite'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { RpcError } from '@hawser/contract'
import { ws } from '@hawser/transport-ws/browser'
import { Harbour } from '../../../transport-ws/test/support/harbour.js'

let client: Client
let address: string
let harbour: Stub<typeof Harbour.methods>
const events: string[] = []
const pending = new Map<string, AbortController>()
const outcomes = new Map<string, Promise<string>>()

export function open(to: string, codec: 'json' | 'msgpack', reconnect: boolean): void {
  address = to
  client = createClient({
    transports: [ws()],
    codecs: [codec === 'json' ? json() : msgpack()],
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

/** The server hears a message, if it does. */
export async function tell(type: string, message: unknown): Promise<boolean> {
  const peer = await client.connect(address)
  return peer.notify(type, message)
}

/** Calls a second, with so many under way. */
export async function rate(inFlight: number, calls: number): Promise<number> {
  const upper = client.remote<(text: string) => string>(address, '/greet')
  const began = performance.now()
  let left = calls
  const one = async () => {
    while (left-- > 0) await upper('you')
  }
  await Promise.all(Array.from({ length: inFlight }, one))
  return Math.round((calls / (performance.now() - began)) * 1_000)
}

/** Messages a second of a WebSocket by itself that echoes them, as many bytes as a call takes. */
export function echoes(to: string, inFlight: number, messages: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(to)
    socket.binaryType = 'arraybuffer'
    const message = new Uint8Array(23)
    let sent = 0
    let got = 0
    let began = 0
    socket.onerror = reject
    socket.onopen = () => {
      began = performance.now()
      for (; sent < inFlight; sent++) socket.send(message)
    }
    socket.onmessage = () => {
      if (++got === messages) {
        socket.close()
        resolve(Math.round((messages / (performance.now() - began)) * 1_000))
      } else if (sent < messages) {
        sent++
        socket.send(message)
      }
    }
  })
}

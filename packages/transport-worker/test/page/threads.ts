// Runs in a page, and, as the same file, in the worker that the page starts.
import { type Client, createClient } from '@hawser/client'
import { msgpack } from '@hawser/codec-msgpack'
import { type Codec, give, RpcError } from '@hawser/contract'
import { createServer } from '@hawser/server'
import { type PortLike, type WorkerTransport, worker } from '@hawser/transport-worker'

type BrowserWorker = PortLike & { terminate(): void }
type WorkerMaker = new (url: string, options: { readonly type: 'module' }) => BrowserWorker

const BrowserWorker = Reflect.get(globalThis, 'Worker') as WorkerMaker
const inWorker = Reflect.has(globalThis, 'WorkerGlobalScope')
// Short, so that a browser that does not tell of a closed port is found out soon.
const limits = { keepAliveMs: 500, keepAliveFloorMs: 300, keepAliveTimeoutMs: 500 }

/** Bytes as they are: an argument list of one on the way in, a value on the way out. */
const plain: Codec = {
  name: 'plain',
  contentType: 'application/octet-stream',
  encode: (value) => (Array.isArray(value) ? value[0] : value) as Uint8Array,
  decode: (bytes) => (inWorker ? [bytes] : bytes),
}

let transport: WorkerTransport
let client: Client
let bytesClient: Client
let thread: BrowserWorker
let hanging: Promise<string> | undefined
const closed: string[] = []

if (inWorker) await serveParent()

async function serveParent(): Promise<void> {
  const transports = [worker()]
  const server = createServer({ transports, codecs: [msgpack(), plain], log: () => {} })
  const parent = createClient({ transports, codecs: [msgpack()], log: () => {} })
  const double = parent.remote<(n: number) => number>('worker://parent', '/double')
  server.rpc('/echo', (value: unknown) => value)
  server.rpc('/quadruple', async (n: number) => double(await double(n)))
  server.rpc('/mirror', (bytes: Uint8Array) => give(bytes))
  server.rpc('/fail', () => {
    throw new RpcError('not_found', 'There is none', { retryAfterMs: 1_500, details: { left: 3 } })
  })
  server.rpc('/hang', () => new Promise(() => {}))
  await server.listen('worker://parent')
}

function startThread(): void {
  thread = new BrowserWorker(import.meta.url, { type: 'module' })
  transport.add('tasks', thread)
}

export async function open(): Promise<void> {
  transport = worker()
  startThread()
  const shared = { transports: [transport], log: () => {}, limits }
  client = createClient({
    ...shared,
    codecs: [msgpack()],
    onClose: (_, reason) => void closed.push(`${reason?.reason}`),
  })
  bytesClient = createClient({ ...shared, codecs: [plain] })
  const server = createServer({ transports: [transport], codecs: [msgpack()], log: () => {} })
  server.rpc('/double', (n: number) => 2 * n)
  await server.listen('worker://tasks')
}

const remote = <F extends (...args: never[]) => unknown>(method: string) =>
  client.remote<F>('worker://tasks', method)

/** What came back of values that JSON does not know, as text. */
export async function echo(): Promise<string> {
  const value = { big: 2n ** 62n, bytes: Uint8Array.of(0, 255), at: new Date(0), text: 'ü🪢', none: null }
  const back = await remote<(value: unknown) => unknown>('/echo')(value)
  const { big, bytes, at, text, none } = back as typeof value
  return `${big} ${bytes.join()} ${at.toISOString()} ${text} ${none}`
}

/** Calls the worker, which calls the page twice. */
export async function quadruple(n: number): Promise<number> {
  return remote<(n: number) => number>('/quadruple')(n)
}

export async function many(count: number): Promise<number> {
  const call = remote<(n: number) => number>('/echo')
  const answers = await Promise.all(Array.from({ length: count }, (_, n) => call(n)))
  return answers.filter((answer, n) => answer === n).length
}

/** Sends bytes there and back: how many came, whether they are the same, and how many are left here. */
export async function mirror(size: number, given: boolean): Promise<[number, boolean, number]> {
  const bytes = new Uint8Array(size).map((_, at) => at % 251)
  if (given) give(bytes)
  const call = bytesClient.remote<(bytes: Uint8Array) => Uint8Array>('worker://tasks', '/mirror')
  const back = await call(bytes)
  return [back.length, back.every((byte, at) => byte === at % 251), bytes.length]
}

export async function fail(): Promise<unknown> {
  const { code, executed, details, retryAfterMs } = await errorOf(remote<() => void>('/fail')())
  return { code, executed, details, retryAfterMs }
}

export async function missing(): Promise<boolean> {
  return remote<() => void>('/missing').enabled()
}

/** Makes a call that never ends by itself, and is sure that it has been taken. */
export async function hang(): Promise<void> {
  const call = remote<() => void>('/hang').with({ timeoutMs: 20_000 })
  hanging = errorOf(call()).then(({ code, executed }) => `${code}/${executed}`)
  await many(1)
}

/** What the call fails with when its worker is terminated, and after how many milliseconds. */
export async function terminate(): Promise<[outcome: string, ms: number]> {
  const start = performance.now()
  thread.terminate()
  const outcome = await hanging!
  return [outcome, performance.now() - start]
}

export async function restart(): Promise<void> {
  startThread()
}

export function told(): readonly string[] {
  return closed
}

export async function close(): Promise<void> {
  await Promise.all([client.close(), bytesClient.close()])
  thread.terminate()
}

async function errorOf(call: Promise<unknown>): Promise<RpcError> {
  return call.then(
    () => new RpcError('internal', 'It did not fail'),
    (error: RpcError) => error,
  )
}

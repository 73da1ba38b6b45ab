// Runs in a page: calls a second with so many in flight, over Hawser and over a plain WebSocket.
import { createClient } from '@hawser/client-lite'
import { msgpack } from '@hawser/codec-msgpack'
import { ws } from '@hawser/transport-ws/browser'

type Echo = (text: string) => Promise<string>

export async function hawser(
  address: string,
  inFlight: number,
  bytes: number,
  seconds: number,
): Promise<number> {
  const client = createClient({ transports: [ws()], codecs: [msgpack()] })
  const echo = client.remote<(text: string) => string>(address, '/echo')
  const rate = await rateOf(echo, inFlight, bytes, seconds)
  await client.close()
  return rate
}

/** The least one could write: text messages, answered in order. */
export async function raw(
  address: string,
  inFlight: number,
  bytes: number,
  seconds: number,
): Promise<number> {
  const socket = new WebSocket(address)
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
  const waiting: ((text: string) => void)[] = []
  let first = 0
  socket.addEventListener('message', ({ data }) => {
    waiting[first++]!(data as string)
    if (first === waiting.length) {
      waiting.length = 0
      first = 0
    }
  })
  const echo: Echo = (text) =>
    new Promise((resolve) => {
      waiting.push(resolve)
      socket.send(text)
    })
  const rate = await rateOf(echo, inFlight, bytes, seconds)
  socket.close()
  return rate
}

async function rateOf(echo: Echo, inFlight: number, bytes: number, seconds: number): Promise<number> {
  const text = 'x'.repeat(bytes)
  let calls = 0
  let running = true
  const caller = async () => {
    while (running) {
      if ((await echo(text)).length !== bytes) throw new Error('the echo differs')
      calls++
    }
  }
  const callers = Array.from({ length: inFlight }, caller)
  const last = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
  await last(500)
  const before = calls
  const begin = performance.now()
  await last(seconds * 1_000)
  const rate = ((calls - before) / (performance.now() - begin)) * 1_000
  running = false
  await Promise.all(callers)
  return rate
}

import { once } from 'node:events'
import type { Test } from 'tap'
import { WebSocket } from 'ws'

/** A message as it came: text or bytes. */
export type Message = string | Uint8Array

/** A subscriber by the npm package ws, as it comes. */
export class Subscriber {
  readonly ws: WebSocket
  readonly messages: Message[] = []
  /** Code and reason of its end. */
  readonly closed: Promise<readonly [number, string]>
  #changed: (() => void)[] = []

  constructor(ws: WebSocket) {
    this.ws = ws
    ws.on('message', (data: Buffer, isBinary) => {
      this.messages.push(isBinary ? new Uint8Array(data) : data.toString())
      for (const resolve of this.#changed.splice(0)) resolve()
    })
    ws.on('error', () => {})
    this.closed = new Promise((resolve) =>
      ws.on('close', (code, reason) => resolve([code, reason.toString()])),
    )
  }

  async got(count: number): Promise<readonly Message[]> {
    while (this.messages.length < count) await new Promise<void>((resolve) => this.#changed.push(resolve))
    return this.messages
  }
}

/** Subscribes, and ends with the test. Rejects where it is refused. */
export async function subscribe(
  t: Pick<Test, 'teardown'>,
  url: string,
  protocols: string | string[] = [],
  headers: Record<string, string> = {},
): Promise<Subscriber> {
  const ws = new WebSocket(url, protocols, { headers })
  const subscriber = new Subscriber(ws)
  t.teardown(() => ws.terminate())
  await once(ws, 'open')
  return subscriber
}

/** The status that an upgrade is refused with, and the body. */
export async function refusal(
  url: string,
  protocols: string[] = [],
  headers: Record<string, string> = {},
): Promise<readonly [number, string]> {
  const ws = new WebSocket(url, protocols, { headers })
  ws.on('error', () => {})
  const [, answer] = await once(ws, 'unexpected-response')
  let body = ''
  for await (const piece of answer) body += piece
  ws.terminate()
  return [answer.statusCode, body]
}

/** Waits for something that comes by itself. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}

import type { Connection, Listener, Transport } from '@hawser/contract'

/** What a suite is given: a transport to test, and an address it can listen on, another one each time. */
export interface TransportSubject {
  readonly transport: Transport
  readonly address: string
}

/** Everything a connection delivers. */
export class Inbox {
  readonly chunks: Uint8Array[] = []
  total = 0
  #wanted = 0
  #arrived: (() => void) | undefined

  readonly take = (bytes: Uint8Array): void => {
    this.chunks.push(bytes)
    this.total += bytes.length
    if (this.#arrived && this.total >= this.#wanted) this.#arrived()
  }

  /** Resolves when so many bytes have come in all. */
  async until(total: number): Promise<void> {
    if (this.total >= total) return
    this.#wanted = total
    await new Promise<void>((resolve) => {
      this.#arrived = resolve
    })
    this.#arrived = undefined
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.total)
    let offset = 0
    for (const chunk of this.chunks) {
      all.set(chunk, offset)
      offset += chunk.length
    }
    return all
  }
}

/** A listener, a dialled connection and its other end. */
export class TransportPair implements AsyncDisposable {
  readonly transport: Transport
  readonly listener: Listener
  readonly client: Connection
  readonly server: Connection

  constructor(transport: Transport, listener: Listener, client: Connection, server: Connection) {
    this.transport = transport
    this.listener = listener
    this.client = client
    this.server = server
  }

  /** Starts both ends, and collects what they deliver. */
  start(): { readonly atClient: Inbox; readonly atServer: Inbox } {
    const atClient = new Inbox()
    const atServer = new Inbox()
    this.client.start(atClient.take)
    this.server.start(atServer.take)
    return { atClient, atServer }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.client.close(), this.server.close(), this.listener.close()])
  }
}

/** Listens, dials, and waits for both ends. */
export async function connect({ transport, address }: TransportSubject): Promise<TransportPair> {
  let accepted: (connection: Connection) => void = () => {}
  const accepting = new Promise<Connection>((resolve) => {
    accepted = resolve
  })
  const listener = await transport.listen(address, (connection) => accepted(connection))
  const client = await transport.dial(listener.address)
  return new TransportPair(transport, listener, client, await accepting)
}

/** Bytes that differ by place, so that loss, repetition and disorder show. */
export function pattern(length: number, seed: number = 0): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed + 1
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[index] = state >>> 16
  }
  return bytes
}

/** A comparison that stays quick for megabytes. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}

/** Sends in pieces, waiting where the connection asks for it. */
export async function sendAll(
  connection: Connection,
  bytes: Uint8Array,
  pieceBytes: number = 32 * 1024,
): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += pieceBytes)
    if (!connection.send(bytes.subarray(offset, offset + pieceBytes))) await connection.drained()
}

/** Real time, for what is asserted not to happen. */
export function pass(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** What a promise has come to by now. */
export async function stateOf(promise: Promise<unknown>): Promise<'resolved' | 'rejected' | 'pending'> {
  const settled = promise.then(
    () => 'resolved' as const,
    () => 'rejected' as const,
  )
  return Promise.race([settled, pass(0).then(() => 'pending' as const)])
}

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Code, codes, type Reason, RpcError, reasons } from '@hawser/contract'
import { closedError, lostError, numberBytes, numberedHeader, writeNumber } from '@hawser/wire'
import { WebSocket } from 'ws'
import { Body } from '../body.js'
import { ended } from '../websocket/close-code.js'
import { announced } from './announced.js'
import { CallEntry } from './call-entry.js'
import { badFrame, brokenError, errorOf, tooLarge } from './errors.js'
import { ItemQueue } from './item-queue.js'
import type { Layout } from './layout.js'
import { requestHead } from './request-head.js'
import { Silence } from './silence.js'

const mostErrorBytes = 64 * 1024
const mostFragments = 4_096
const mostPieces = 16_384
const overheadBytes = 1_024

/** A call whose items come by a WebSocket, on a connection of its own. */
export class PullCall extends CallEntry {
  protected layout!: Layout
  #numbered = false
  #number = 0
  #ws: WebSocket | undefined
  #socket: Duplex | undefined
  #queue: ItemQueue | undefined
  #silence: Silence | undefined

  send(): void {
    const { calling, call } = this
    this.layout = calling.layouts.of(call)
    this.#numbered = call.headers.has(numberedHeader)
    const { path, headers } = requestHead(call, calling.head)
    calling.pool.separate().then(
      (socket) => {
        if (this.over) {
          calling.pool.answered(socket)
          socket.destroy()
          return
        }
        this.#socket = socket
        try {
          this.open(socket, path, headers)
          // Only now does anybody listen; whoever had it before has stopped it.
          socket.resume()
        } catch (error) {
          this.fail(RpcError.from(error, 'internal', { executed: 'no' }))
        }
      },
      (error: unknown) =>
        this.fail(RpcError.from(error, 'unavailable', { reason: 'unreachable', executed: 'no' })),
    )
  }

  protected open(socket: Duplex, path: string, headers: readonly string[]): void {
    const { calling, layout } = this
    const ws = new WebSocket(`ws://${calling.head.host}${path}`, [layout.subprotocol], {
      createConnection: () => socket as never,
      headers: asRecord(headers),
      perMessageDeflate: false,
      followRedirects: false,
      handshakeTimeout: calling.handshakeMs,
      maxPayload: calling.receiveBytes + overheadBytes,
      maxFragments: mostFragments,
      maxBufferedChunks: mostPieces,
    } as ConstructorParameters<typeof WebSocket>[2])
    this.#ws = ws
    let broken: RpcError | undefined
    // Servers of this kind ping; AMRPC's say nothing where there is nothing to say.
    const { clock, limits } = calling.head
    const pings = layout.subprotocol.startsWith('hawser.')
    if (pings) this.#silence = new Silence(clock, limits, (reason) => this.fail(reason))
    ws.on('open', () =>
      this.begun({
        pause: () => {
          this.#silence?.pause()
          ws.pause()
        },
        resume: () => {
          this.#silence?.resume()
          ws.resume()
        },
      }),
    )
    ws.on('ping', () => this.#silence?.heard())
    ws.on('message', (data: Uint8Array) => {
      this.#silence?.heard()
      this.item(data)
    })
    ws.on('unexpected-response', (_, answer) => this.#refused(answer))
    ws.on('error', (error: Error & { readonly code?: string }) => {
      broken = faultOf(error, this.#queue !== undefined)
      if (!this.#queue) this.fail(broken)
    })
    ws.on('close', (code, reason) => this.closed(broken, code, new TextDecoder().decode(reason)))
  }

  /** The stream begins. */
  protected begun(flow: { pause(): void; resume(): void }): void {
    const stop = () => this.fail(new RpcError('cancelled', 'The consumer stopped', { reason: 'cancelled' }))
    this.#queue = new ItemQueue({ ...flow, stop }, this.calling.window)
    this.replied({ output: this.#queue })
  }

  /** A message came. */
  protected item(data: Uint8Array): void {
    const queue = this.#queue
    if (!queue?.open) return
    try {
      queue.push(this.#itemOf(data))
    } catch (error) {
      this.fail(RpcError.from(error, 'internal').with({ executed: 'yes' }))
    }
  }

  protected closed(broken: RpcError | undefined, code: number, reason: string): void {
    const error = broken ?? endOf(code, reason) ?? this.#foreignEnd(code, reason)
    if (!error && this.#queue) this.#queue.end()
    this.fail(error ?? (this.#queue ? closedError() : lostError()))
  }

  // AMRPC's servers say why in words of their own.
  #foreignEnd(code: number, text: string): RpcError | undefined {
    const { subprotocol } = this.layout
    if (code !== clean || text === '' || text === ended.text || subprotocol.startsWith('hawser.'))
      return undefined
    return new RpcError('unavailable', `The stream was closed: ${text}`, {
      reason: 'closed',
      executed: 'yes',
      retryable: false,
    })
  }

  protected override release(): void {
    super.release()
    this.#silence?.end()
  }

  protected stop(reason: RpcError): void {
    // Given up on this side, or ended by the other in so many words, it says nothing of the server.
    if (reason.reason !== 'connection_lost') this.calling.pool.answered(this.#socket)
    this.#queue?.fail(reason)
    this.#ws?.on('error', () => {})
    this.#ws?.terminate()
    this.#socket?.destroy()
  }

  #itemOf(data: Uint8Array): Uint8Array {
    const { layout, call } = this
    let value: Uint8Array
    if (layout.subprotocol.startsWith('hawser.')) {
      const told = announced(data, call.codec)
      if (told.missed > 0 && !this.#numbered)
        throw new RpcError(
          'resource_exhausted',
          `This side was too slow: ${told.missed} messages were dropped`,
          {
            reason: 'slow_consumer',
            retryable: true,
          },
        )
      this.#number = told.number
      value = told.value
    } else {
      // AMRPC's servers never drop a message: they drop its subscriber.
      this.#number++
      value = layout.value(data)
    }
    if (!this.#numbered) return value
    const item = new Uint8Array(numberBytes + value.length)
    writeNumber(item, this.#number)
    item.set(value, numberBytes)
    return item
  }

  #refused(answer: IncomingMessage): void {
    const body = new Body()
    const { statusCode: status = 0, statusMessage: phrase = '', headers } = answer
    const tell = () => {
      const { method, codec } = this.call
      const retryAfter = headers['retry-after']
      this.fail(
        errorOf({ method, status, phrase, retryAfter, body: body.bytes }, this.calling.layouts.find(codec)),
      )
    }
    answer.on('data', (piece: Uint8Array) => {
      if (this.over) return
      body.add(piece)
      if (body.length > mostErrorBytes) this.fail(tooLarge('The refusal is too large'))
    })
    answer.on('end', tell)
    answer.on('error', tell)
  }
}

function asRecord(lines: readonly string[]): Record<string, string> {
  const record: Record<string, string> = Object.create(null)
  for (let index = 0; index + 1 < lines.length; index += 2) record[lines[index]!] = lines[index + 1]!
  return record
}

const tooLargeCodes: ReadonlySet<string | undefined> = new Set([
  'WS_ERR_TOO_MANY_BUFFERED_PARTS',
  'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
])

function faultOf(error: Error & { readonly code?: string }, begun: boolean): RpcError {
  if (tooLargeCodes.has(error.code)) return tooLarge(error.message)
  if (error.code?.startsWith('WS_ERR_')) return badFrame(error.message)
  return brokenError(error, begun)
}

const farewell = /^([a-z_]+)(?:\/([a-z_]+))?: (.*); (?:(do not retry)|retry(?: after (\d{1,12}) ms)?)$/s
/** The status of a stream that came to its end. */
export const clean = 1000
const none = 1005
const meanings: ReadonlyMap<number, readonly [Code, Reason, boolean]> = new Map([
  [1001, ['unavailable', 'draining', true]],
  [1008, ['permission_denied', 'denied', false]],
  [1011, ['internal', 'internal', false]],
  [1012, ['unavailable', 'draining', true]],
  [1013, ['resource_exhausted', 'slow_consumer', true]],
])

/** Why a stream was closed; undefined where it came to its end. */
export function endOf(status: number, text: string): RpcError | undefined {
  const [, code, reason, message = '', never, after] = farewell.exec(text) ?? []
  if (code !== undefined && Object.hasOwn(codes, code))
    return new RpcError(code as Code, message, {
      reason: reason !== undefined && Object.hasOwn(reasons, reason) ? (reason as Reason) : undefined,
      executed: 'yes',
      retryable: never === undefined,
      retryAfterMs: after === undefined ? undefined : Number(after),
    })
  if (status === clean || status === none) return undefined
  const meaning = meanings.get(status)
  if (!meaning) return lostError()
  const said = text === '' ? '' : `: ${JSON.stringify(text)}`
  return new RpcError(meaning[0], `The stream was closed with ${status}${said}`, {
    reason: meaning[1],
    executed: 'yes',
    retryable: meaning[2],
  })
}

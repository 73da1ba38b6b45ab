import { randomBytes } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { RpcError } from '@hawser/contract'
import { lostError } from '@hawser/wire'
import { ended } from '../websocket/close-code.js'
import { brokenError, errorOf, tooLarge } from './errors.js'
import { endOf, PullCall } from './pull-call.js'

const lengthBytes = 8
const mostReasonBytes = 4_096

/** A call whose items come by a local socket of an AMRPC server: lengths of 64 bits in front, the last one below zero. */
export class LengthPullCall extends PullCall {
  #held: Uint8Array = new Uint8Array(0)

  protected override open(socket: Duplex, path: string, headers: readonly string[]): void {
    const made = request({
      createConnection: () => socket,
      method: 'GET',
      path,
      headers: [
        ...headers,
        'Connection',
        'Upgrade',
        'Upgrade',
        'websocket',
        'Sec-WebSocket-Version',
        '13',
        'Sec-WebSocket-Key',
        randomBytes(16).toString('base64'),
        'Sec-WebSocket-Protocol',
        this.layout.subprotocol,
      ],
      setHost: false,
      maxHeaderSize: 2 * this.calling.head.limits.headerBytes,
    })
    made.on('error', (error) => this.fail(brokenError(error, true)))
    made.on('response', (answer) => this.#turnedDown(answer))
    made.on('upgrade', (_, upgraded, head) => {
      this.begun({ pause: () => socket.pause(), resume: () => socket.resume() })
      upgraded.on('data', (bytes: Uint8Array) => this.#read(bytes))
      upgraded.on('close', () => this.fail(lostError()))
      if (head.length > 0) this.#read(head)
    })
    made.end()
  }

  #turnedDown(answer: IncomingMessage): void {
    const { statusCode: status = 0, statusMessage: phrase = '' } = answer
    this.fail(
      errorOf(
        { method: this.call.method, status, phrase, retryAfter: undefined, body: new Uint8Array(0) },
        undefined,
      ),
    )
  }

  #read(bytes: Uint8Array): void {
    let held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes])
    while (held.length >= lengthBytes && !this.over) {
      const length = new DataView(held.buffer, held.byteOffset).getBigInt64(0)
      const size = Number(length < 0n ? -length : length)
      if (size > (length < 0n ? mostReasonBytes : this.calling.receiveBytes)) {
        this.fail(tooLarge(`A message of ${size} bytes was announced`))
        return
      }
      if (held.length < lengthBytes + size) break
      const message = held.subarray(lengthBytes, lengthBytes + size)
      held = held.subarray(lengthBytes + size)
      if (length < 0n) this.#ended(new TextDecoder().decode(message))
      else this.item(message)
    }
    this.#held = held
  }

  // AMRPC's servers say what happened in words of their own.
  #ended(reason: string): void {
    const other = reason !== '' && reason !== ended.text && endOf(clean, reason) === undefined
    this.closed(other ? closedWith(reason) : undefined, clean, reason)
  }
}

const clean = 1000

function closedWith(reason: string): RpcError {
  return new RpcError('unavailable', `The stream was closed: ${reason}`, {
    reason: 'closed',
    executed: 'yes',
    retryable: false,
  })
}

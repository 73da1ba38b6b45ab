import { randomBytes } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { RpcError } from '@hawser/contract'
import { lostError } from '@hawser/wire'
import { Body } from '../body.js'
import { brokenError, errorOf, tooLarge } from './errors.js'
import { clean, PullCall } from './pull-call.js'

const lengthBytes = 8
const mostReasonBytes = 4_096

/** A call whose items come by a local socket of an AMRPC server: lengths of 64 bits in front, the last one below zero. */
export class LengthPullCall extends PullCall {
  #held = new Body()
  // So many bytes make it worth a look: whole messages are taken apart, not every piece of one.
  #needed = lengthBytes
  #late: unknown

  protected override open(socket: Duplex, path: string, headers: readonly string[]): void {
    const { head, handshakeMs } = this.calling
    this.#late = head.clock.timer(handshakeMs, () => this.fail(unanswered()))
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
      maxHeaderSize: 2 * head.limits.headerBytes,
    })
    made.on('error', (error) => this.fail(brokenError(error, true)))
    made.on('response', (answer) => this.#turnedDown(answer))
    made.on('upgrade', (_, upgraded, early) => {
      head.clock.clear(this.#late)
      this.begun({ pause: () => socket.pause(), resume: () => socket.resume() })
      upgraded.on('data', (bytes: Uint8Array) => this.#read(bytes))
      upgraded.on('close', () => this.fail(lostError()))
      if (early.length > 0) this.#read(early)
    })
    made.end()
  }

  protected override release(): void {
    super.release()
    this.calling.head.clock.clear(this.#late)
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
    this.#held.add(bytes)
    if (this.#held.length < this.#needed) return
    let held = this.#held.bytes
    this.#needed = lengthBytes
    while (held.length >= lengthBytes && !this.over) {
      const length = new DataView(held.buffer, held.byteOffset).getBigInt64(0)
      const size = Number(length < 0n ? -length : length)
      if (size > (length < 0n ? mostReasonBytes : this.calling.receiveBytes)) {
        this.fail(tooLarge(`A message of ${size} bytes was announced`))
        return
      }
      this.#needed = lengthBytes + size
      if (held.length < this.#needed) break
      this.#needed = lengthBytes
      const message = held.subarray(lengthBytes, lengthBytes + size)
      held = held.subarray(lengthBytes + size)
      if (length < 0n) this.closed(undefined, clean, new TextDecoder().decode(message))
      else this.item(message)
    }
    this.#held = new Body()
    if (held.length > 0) this.#held.add(held)
  }
}

function unanswered(): RpcError {
  return new RpcError('unavailable', 'The server did not begin the stream in time', {
    reason: 'handshake_timeout',
    retryable: true,
  })
}

import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Headers, Reply, RpcError } from '@hawser/contract'
import { RpcError as Failure } from '@hawser/contract'
import { Body } from '../body.js'
import { readHead } from '../head.js'
import { CallEntry } from './call-entry.js'
import { badFrame, brokenError, errorOf, tooLarge } from './errors.js'
import type { ItemQueue } from './item-queue.js'
import type { Layout } from './layout.js'
import { requestHead } from './request-head.js'

const nothing = new Uint8Array(0)
// Interim answers that mean nothing to a call.
const mostInterim = 16
const mostErrorBytes = 64 * 1024
const lateMs = 1_000

/** A call as one HTTP request. */
export class RequestCall extends CallEntry {
  #request: ClientRequest | undefined
  #answer: IncomingMessage | undefined
  #sent = false
  #broke = false
  #interim = 0
  #late: unknown
  protected layout!: Layout
  protected queue: ItemQueue | undefined

  send(): void {
    const { calling, call } = this
    this.layout = calling.layouts.of(call)
    const { path, headers } = requestHead(call, calling.head)
    const body = call.probe ? nothing : this.body()
    const { sendBytes } = calling.head.limits
    if (body && body.length > sendBytes)
      throw tooLarge(`The request has ${body.length} bytes, of ${sendBytes} at most`).with({ executed: 'no' })
    if (body === undefined || body.length > 0) headers.push('Content-Type', this.bodyType)
    headers.push('Accept', call.probe ? this.layout.accept : this.accept)
    if (call.kind === 'oneway') headers.push('Prefer', 'respond-async')
    if (body) headers.push('Content-Length', String(body.length))
    else headers.push('Transfer-Encoding', 'chunked')
    const made = request({
      agent: calling.pool,
      method: 'POST',
      path,
      headers,
      setHost: false,
      maxHeaderSize: 2 * calling.head.limits.headerBytes,
      insecureHTTPParser: false,
    })
    this.#request = made
    made.on('response', (answer) => this.#answered(answer))
    made.on('information', () => this.#informed())
    made.on('error', (error) => {
      this.#broke = true
      this.fail(brokenError(error, this.#sent))
    })
    made.on('upgrade', (_, socket) => {
      socket.destroy()
      this.fail(badFrame('The server upgraded a connection that was not to be'))
    })
    made.on('close', () => {
      if (!this.#answer) this.fail(brokenError(new Error('the connection was closed'), this.#sent))
    })
    made.on('socket', () => {
      this.#sent = true
    })
    if (body) made.end(body)
    else this.write(made)
    // The caller is done when the call is on its way; what is answered concerns nobody.
    if (call.kind === 'oneway') made.on('finish', () => this.replied({ output: nothing }))
  }

  /** The body; undefined where it is {@link write written} piece by piece. */
  protected body(): Uint8Array | undefined {
    return this.layout.body(this.call.input as Uint8Array)
  }

  protected get bodyType(): string {
    return this.layout.type
  }

  protected get accept(): string {
    return this.layout.accept
  }

  protected write(_request: ClientRequest): void {}

  // The other side has the same deadline: its answer, a moment later, saves the connection.
  override cancelled(reason: RpcError): void {
    if (reason.code !== 'deadline_exceeded' || !this.#sent || this.queue || this.#late !== undefined) {
      super.cancelled(reason)
      return
    }
    this.failed(reason)
    const { clock } = this.calling.head
    this.#late = clock.timer(lateMs, () => this.fail(reason))
  }

  protected override release(): void {
    super.release()
    this.calling.head.clock.clear(this.#late)
  }

  protected stop(reason: RpcError): void {
    this.queue?.fail(reason)
    // Given up on this side, it says nothing of the server.
    if (!this.#broke) this.calling.pool.answered(this.#request?.socket)
    this.#request?.destroy()
  }

  /** It went well. */
  protected succeeded(answer: IncomingMessage): void {
    this.#collect(answer, this.calling.receiveBytes, (body) => this.#reply(answer, body))
  }

  /** The headers of an answer, without what is HTTP's own. */
  protected headersOf({ rawHeaders }: IncomingMessage): Headers | undefined {
    const { headers } = readHead(rawHeaders, this.calling.head.limits)
    const passed = new Map(headers)
    for (const name of own) passed.delete(name)
    return passed.size > 0 ? passed : undefined
  }

  #answered(answer: IncomingMessage): void {
    this.#answer = answer
    const { socket } = answer
    answer.on('error', (error) => {
      this.#broke = true
      this.fail(brokenError(error, true))
    })
    answer.prependListener('end', () => this.calling.pool.answered(socket))
    const { statusCode: status = 0 } = answer
    try {
      if (this.call.probe) this.#probed(answer, status)
      else if (status >= 200 && status <= 204) this.succeeded(answer)
      else this.#refused(answer, status)
    } catch (error) {
      this.fail(Failure.from(error, 'internal'))
    }
  }

  // AMRPC's own servers answer anything but 404 where there is such a method.
  #probed(answer: IncomingMessage, status: number): void {
    if (status === 404 || status === 401 || status === 403 || status === 503) this.#refused(answer, status)
    else this.#collect(answer, this.calling.receiveBytes, () => this.#done({ output: nothing }))
  }

  #refused(answer: IncomingMessage, status: number): void {
    this.#collect(answer, mostErrorBytes, (body) => {
      const { statusMessage: phrase = '', headers } = answer
      const retryAfter = headers['retry-after']
      const codec = this.calling.layouts.find(this.call.codec)
      this.failed(errorOf({ method: this.call.method, status, phrase, retryAfter, body }, codec))
      this.release()
    })
  }

  #reply(answer: IncomingMessage, body: Uint8Array): void {
    const headers = this.headersOf(answer)
    if (body.length > 0 && this.call.kind !== 'oneway') this.#checkType(answer)
    const output = body.length > 0 ? this.layout.value(body) : nothing
    this.#done(headers ? { headers, output } : { output })
  }

  // A proxy's page of text, say, must not be taken for a value.
  #checkType(answer: IncomingMessage): void {
    const type = (answer.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
    const wanted = this.layout.accept.split(';', 1)[0]!.trim().toLowerCase()
    if (type !== wanted)
      throw new Failure('internal', `The answer is ${type || 'of no type'}, not ${wanted}`, {
        reason: 'bad_payload',
        retryable: false,
      })
  }

  #done(reply: Reply): void {
    this.replied(reply)
    this.release()
  }

  #collect(answer: IncomingMessage, most: number, then: (body: Uint8Array) => void): void {
    const length = Number(answer.headers['content-length'] ?? 0)
    if (length > most) throw tooLarge(`The answer has ${length} bytes, of ${most} at most`)
    const body = new Body()
    answer.on('data', (piece: Uint8Array) => {
      if (this.over) return
      body.add(piece)
      if (body.length > most) this.fail(tooLarge(`The answer has more than ${most} bytes`))
    })
    answer.on('end', () => {
      if (this.over) return
      try {
        then(body.bytes)
      } catch (error) {
        this.fail(Failure.from(error, 'internal').with({ executed: 'yes' }))
      }
    })
  }

  #informed(): void {
    this.#interim++
    if (this.#interim > mostInterim)
      this.fail(
        new Failure('unavailable', 'The server sends interim answers without end', {
          reason: 'abuse',
          retryable: false,
        }),
      )
  }
}

const own: readonly string[] = [
  'allow',
  'alt-svc',
  'date',
  'location',
  'retry-after',
  'server',
  'set-cookie',
  'vary',
  'via',
]

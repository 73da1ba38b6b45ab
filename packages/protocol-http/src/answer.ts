import type { ServerResponse } from 'node:http'
import { absentPhrase, amrpcText, errorBody, phraseOf } from './error-body.js'
import type { Refusal } from './status.js'

// So long a body goes out in one piece with its headers, as text that is bytes.
const joinedBytes = 16 * 1024

/** The answer to one request, as it is written: once, or from its head on as a stream. */
export class Answer {
  readonly response: ServerResponse
  /** What lets the page of another origin read it: names and values in turn. */
  sharing: readonly string[] | undefined
  /** Is it the last one of its connection? */
  last = false
  readonly #amrpc: boolean

  constructor(response: ServerResponse, amrpc: boolean) {
    this.response = response
    this.#amrpc = amrpc
  }

  /** @param type the content type; absent for a body that says nothing */
  value(
    status: number,
    type: string | undefined,
    body: Uint8Array,
    more?: readonly string[],
    phrase?: string,
  ): void {
    const { response } = this
    const headers: string[] = []
    if (type !== undefined) headers.push('Content-Type', type)
    if (status !== 204) headers.push('Content-Length', String(body.length))
    if (type !== undefined && type !== 'application/json') headers.push(...asItIs(type))
    if (more) headers.push(...more)
    this.#common(headers)
    if (phrase) response.writeHead(status, phrase, headers)
    else response.writeHead(status, headers)
    if (body.length === 0) response.end()
    else if (body.length > joinedBytes) response.end(body)
    else response.end(latin1Slice.call(body), 'latin1')
  }

  /**
   * @param reached was there a method to fail?
   * @param most bytes of its message
   * @param details JSON
   */
  error({ status, error }: Refusal, reached: boolean, most: number, details: string | undefined): void {
    const headers = ['Hawser-Executed', error.executed, 'Hawser-Retryable', String(error.retryable)]
    if (error.retryAfterMs !== undefined && error.retryAfterMs !== Number.POSITIVE_INFINITY)
      headers.push('Retry-After', String(Math.ceil(error.retryAfterMs / 1000)))
    if (status === 405) headers.push('Allow', 'POST')
    // AMRPC knows two failures: there is no such method, and everything else.
    const absent = status === 404 && error.reason === 'no_method'
    const told = this.#amrpc && reached && !absent ? 500 : status
    const phrase = absent ? absentPhrase : amrpcText(error)
    const body = Buffer.from(errorBody(error, most, details))
    this.value(told, 'application/json', body, headers, this.#amrpc ? phraseOf(phrase) : undefined)
  }

  /** The head of a stream; its items are written by others. */
  stream(type: string, more: readonly string[]): void {
    const headers = ['Content-Type', type, 'Cache-Control', 'no-store', 'X-Accel-Buffering', 'no', ...more]
    this.#common(headers)
    this.response.writeHead(200, headers)
    this.response.flushHeaders()
  }

  #common(headers: string[]): void {
    if (this.last) headers.push('Connection', 'close')
    if (this.sharing) headers.push(...this.sharing)
  }
}

const noSniffing = ['X-Content-Type-Options', 'nosniff']
const noPage = [...noSniffing, 'Content-Security-Policy', "default-src 'none'; sandbox"]

// A browser must not make a page of a result, be it that it asked for one.
function asItIs(type: string): readonly string[] {
  return /html|xml|svg|\*/i.test(type) ? noPage : noSniffing
}

interface Latin1 {
  latin1Slice(this: Uint8Array): string
}

// What Buffer's `toString('latin1')` comes down to, without a Buffer made first.
const { latin1Slice } = Buffer.prototype as unknown as Latin1

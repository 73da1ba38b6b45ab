import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Reply, RpcError } from '@hawser/contract'
import { numberedHeader, type ServedCall, type ServedSink, type StreamOut } from '@hawser/wire'
import { Body, linesOf } from './body.js'
import { detailsBody, errorBody, phraseOf } from './error-body.js'
import { converted } from './forms.js'
import { type Head, writtenHeaders } from './head.js'
import { type Provenance, provenanceOf, sharingHeaders } from './origin.js'
import { codecOf, noType, type Plan } from './plan.js'
import { refusalOf } from './refusal.js'
import { givesItems, type PlanKey, type Route } from './route.js'
import { foreign, type HttpSession } from './session.js'
import { Refusal } from './status.js'
import { Items } from './streams.js'

const nothing = new Uint8Array(0)
// So long a body goes out in one piece with its headers, as text that is bytes.
const joinedBytes = 16 * 1024

/** One request and its answer. */
export class Exchange implements ServedSink {
  /** Has all of the request come? */
  received = false
  readonly #session: HttpSession
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  #expects: boolean
  #head!: Head
  #provenance: Provenance = 'own'
  #route: Route | undefined
  #plan: Plan | undefined
  #call: ServedCall | undefined
  #items: Items | undefined
  #out: StreamOut | undefined
  #over = false

  constructor(session: HttpSession, request: IncomingMessage, response: ServerResponse, expects: boolean) {
    this.#session = session
    this.#request = request
    this.#response = response
    this.#expects = expects
  }

  begin(): void {
    const { heads, settings, context } = this.#session
    try {
      this.#head = heads.read(this.#request.rawHeaders)
      this.#provenance = provenanceOf(this.#head, settings)
      if (this.#provenance === 'foreign') {
        context.count('call_foreign')
        throw foreign()
      }
      if (this.#head.preflight && this.#provenance === 'allowed' && this.#request.method === 'OPTIONS') {
        this.#write(204, undefined, nothing)
        return
      }
    } catch (error) {
      this.#refuse(error)
      return
    }
    this.#session.identify(this.#head.authorization, (refusal) => {
      if (this.#over) return
      if (refusal) this.#unauthenticated(refusal)
      else this.#admitted()
    })
  }

  replied(reply: Reply, call: ServedCall): void {
    const plan = this.#plan
    const { output } = reply
    if (!(output instanceof Uint8Array)) {
      if (!plan || plan.answer === 'value') throw new TypeError('The handler answered with a sequence')
      this.#stream(reply, plan, call)
      return
    }
    if (!plan || plan.kind === 'oneway') {
      this.#write(this.#settings.profile === 'amrpc' || !plan ? 200 : 202, undefined, nothing)
      return
    }
    const convert = this.#conversion(reply, plan)
    let bytes = convert ? convert(output) : output
    if (plan.output) bytes = plan.output(bytes)
    const { sendBytes } = this.#session.context.limits
    if (bytes.length > sendBytes) throw tooLarge(bytes.length, sendBytes)
    const headers = reply.headers && reply.headers.size > 0 ? writtenHeaders(reply.headers) : undefined
    const empty = bytes.length === 0 && this.#settings.profile === 'default'
    this.#write(empty ? 204 : 200, empty ? undefined : plan.type, bytes, headers)
  }

  failed(error: RpcError): void {
    this.#fail(refusalOf(error))
  }

  /** The session closes: what goes on without an end is ended. */
  leave(): void {
    if (this.#items && this.#route?.info?.topic)
      this.#call?.cancel(
        new RpcError('unavailable', 'The server is going away', { reason: 'draining', retryable: true }),
      )
  }

  /** The connection has ended. */
  cut(): void {
    this.#over = true
  }

  quiet(): void {
    this.#items?.quiet()
  }

  get #settings() {
    return this.#session.settings
  }

  #admitted(): void {
    try {
      const { url = '', method } = this.#request
      const queryAt = url.indexOf('?')
      const path = queryAt < 0 ? url : url.slice(0, queryAt)
      const { engine } = this.#session
      const route = engine.routes.find(path)
      if (!route) throw noSuchMethod()
      this.#route = route
      this.#checkVerb(route, method)
      const { encoding, probe } = this.#head
      if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
        throw noType('Bodies are taken as they are, without a Content-Encoding')
      const args = queryAt < 0 ? undefined : argumentsIn(url.slice(queryAt + 1))
      const length = this.#length()
      if (probe) {
        this.#read(length, () => this.#probe(route))
        return
      }
      const body = length !== 0 ? 'body' : args !== undefined ? 'query' : 'none'
      const plan = route.plan(this.#key(body), engine.makePlan)
      this.#plan = plan
      this.#read(length, (bytes) => this.#run(route, plan, args !== undefined && length === 0 ? args : bytes))
    } catch (error) {
      this.#refuse(error)
    }
  }

  #key(body: PlanKey['body']): PlanKey {
    const { contentType, accept, oneway } = this.#head
    return { contentType, accept, oneway, body }
  }

  #checkVerb({ info }: Route, verb: string | undefined): void {
    if (!info || info.safe) return
    if (this.#provenance === 'unsaid') throw foreign()
    if (this.#settings.guardVerbs && (verb === 'GET' || verb === 'HEAD'))
      throw new Refusal(
        405,
        new RpcError('unimplemented', `${info.name} may change something: use POST`, {
          reason: 'wrong_kind',
          executed: 'no',
        }),
      )
  }

  /** Bytes of the body; Infinity where they are not told. */
  #length(): number {
    const { rawHeaders } = this.#request
    const { lengthAt } = this.#session.heads
    if (lengthAt > 0) return Number(rawHeaders[lengthAt])
    return this.#head.chunked ? Number.POSITIVE_INFINITY : 0
  }

  #read(length: number, then: (body: Uint8Array) => void): void {
    if (length === 0) {
      this.#complete(nothing, then)
      return
    }
    const { receiveBytes } = this.#session.context.limits
    if (length !== Number.POSITIVE_INFINITY && length > receiveBytes) throw tooLargeToRead(receiveBytes)
    this.#session.reading()
    if (this.#expects) this.#response.writeContinue()
    this.#expects = false
    const body = new Body()
    const request = this.#request
    request.on('data', (piece: Uint8Array) => {
      if (this.received || this.#over) return
      body.add(piece)
      if (body.length > receiveBytes) this.#refuse(tooLargeToRead(receiveBytes))
      else if (body.length === length) this.#complete(body.bytes, then)
    })
    if (length === Number.POSITIVE_INFINITY)
      request.on('end', () => {
        if (!this.#over) this.#complete(body.bytes, then)
      })
  }

  #complete(body: Uint8Array, then: (body: Uint8Array) => void): void {
    this.received = true
    this.#session.read()
    try {
      then(body)
    } catch (error) {
      this.#fail(refusalOf(error))
    }
  }

  #probe(route: Route): void {
    const codec = this.#session.engine.types.preferred.codec
    this.#begun({ method: route.name, codec, headers: this.#head.headers, input: nothing, probe: true })
  }

  #run(route: Route, plan: Plan, body: Uint8Array): void {
    const { name: method, info } = route
    const { context } = this.#session
    const { kind, codec, accepts } = plan
    const { headers, timeout } = this.#head
    const usual = givesItems(kind)
      ? Number.POSITIVE_INFINITY
      : (this.#settings.timeoutMs ?? context.limits.callMs)
    this.#begun({
      method,
      kind,
      codec,
      accepts,
      headers: info?.topic ? new Map(headers).set(numberedHeader, '1') : headers,
      deadline: context.clock.now() + (timeout ?? usual),
      input: plan.lines ? linesOf(body) : plan.input ? plan.input(body) : body,
    })
  }

  #begun(parts: Parameters<HttpSession['call']>[0]): void {
    const call = this.#session.call(parts, this)
    this.#call = call
    // It is not waited for.
    if (parts.kind === 'oneway' && !this.#over) this.#write(202, undefined, nothing)
  }

  // Of what came in another codec than was asked for: from a server further on, that knows no other.
  #conversion(reply: Reply, plan: Plan): ((bytes: Uint8Array) => Uint8Array) | undefined {
    const wanted = plan.accepts ?? plan.codec
    const made = reply.codec ?? plan.codec
    if (made === wanted) return undefined
    const { context } = this.#session
    const from = this.#route!.layout.of(codecOf(context, made)).output
    return converted(from, this.#route!.layout.of(codecOf(context, wanted)).output)
  }

  #stream(reply: Reply, plan: Plan, call: ServedCall): void {
    const response = this.#response
    this.#call = call
    const headers = ['Content-Type', plan.type, 'Cache-Control', 'no-store', 'X-Accel-Buffering', 'no']
    if (reply.headers) headers.push(...writtenHeaders(reply.headers))
    this.#common(headers)
    response.writeHead(200, headers)
    response.flushHeaders()
    const topic = this.#route?.info?.topic === true
    const items = new Items({
      form: plan.answer === 'events' ? 'events' : 'lines',
      response,
      frames: this.#session.engine.frames,
      numbered: topic,
      convert: this.#conversion(reply, plan),
      after: topic ? this.#head.lastEvent : undefined,
      ended: () => this.#finish(),
    })
    this.#items = items
    const out = call.stream(reply.output as AsyncIterable<Uint8Array>, items)
    this.#out = out
    response.on('drain', () => this.#out?.resume())
    out.resume()
  }

  #unauthenticated(refusal: RpcError): void {
    const { status } = refusalOf(refusal)
    // Why is the log's to know, not a stranger's.
    const told = new RpcError(refusal.code, 'The credential was refused', {
      reason: refusal.reason,
      executed: 'no',
    })
    this.#dismiss(new Refusal(status === 403 || status === 503 ? status : 401, told))
  }

  // Before the method is called. A body that has not come is not waited for.
  #refuse(thrown: unknown): void {
    if (this.#over) return
    const refusal = refusalOf(thrown)
    let length = Number.POSITIVE_INFINITY
    try {
      length = this.#head ? this.#length() : length
    } catch {}
    const { status } = refusal
    const fatal = status === 431 || status === 413
    if (!fatal && !this.#expects && length <= this.#session.context.limits.receiveBytes) {
      this.#discard(length, refusal)
      return
    }
    this.#dismiss(refusal)
  }

  #dismiss({ status, error }: Refusal): void {
    this.#over = true
    const more = status === 401 ? ['WWW-Authenticate', 'Bearer'] : []
    if (this.#provenance === 'allowed') more.push(...sharingHeaders(this.#head))
    this.#session.dismiss(status, error, more)
  }

  #discard(length: number, refusal: Refusal): void {
    if (length === 0 || this.received) {
      this.received = true
      this.#fail(refusal)
      return
    }
    this.#session.reading()
    this.#request.on('end', () => {
      this.received = true
      this.#session.read()
      this.#fail(refusal)
    })
    this.#request.resume()
  }

  #fail({ status, error }: Refusal): void {
    if (this.#over) return
    const { context } = this.#session
    const details = this.#details(error)
    const text = errorBody(error, context.limits.errorTextBytes, details)
    const headers = ['Hawser-Executed', error.executed, 'Hawser-Retryable', String(error.retryable)]
    if (error.retryAfterMs !== undefined && error.retryAfterMs !== Number.POSITIVE_INFINITY)
      headers.push('Retry-After', String(Math.ceil(error.retryAfterMs / 1000)))
    if (status === 405) headers.push('Allow', 'POST')
    const amrpc = this.#settings.profile === 'amrpc'
    // AMRPC knows two failures: there is no such method, and everything else.
    const absent = status === 404 && error.reason === 'no_method'
    const told = amrpc && this.#route && !absent ? 500 : status
    const phrase = amrpc ? phraseOf(absent ? 'remote method not found' : error.message) : undefined
    this.#write(told, 'application/json', Buffer.from(text), headers, phrase)
  }

  #details(error: RpcError): string | undefined {
    if (error.details === undefined) return undefined
    const { context } = this.#session
    const layout = error.reason === 'declared' ? this.#route?.layout : undefined
    const codecs = ['json', this.#plan?.accepts, this.#plan?.codec].map((name) => {
      const codec = name === undefined ? undefined : context.codec?.(name)
      return codec && layout?.fits(codec) ? layout.of(codec).errors : codec
    })
    const [json, ...laidOut] = codecs
    return detailsBody(
      error.details,
      laidOut.filter((codec) => codec !== undefined),
      json,
    )
  }

  #common(headers: string[]): void {
    if (this.#session.last) headers.push('Connection', 'close')
    if (this.#provenance === 'allowed') headers.push(...sharingHeaders(this.#head))
  }

  #write(
    status: number,
    type: string | undefined,
    body: Uint8Array,
    more?: readonly string[],
    phrase?: string,
  ): void {
    if (this.#over) return
    const response = this.#response
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
    else response.end(latin1Of(body), 'latin1')
    this.#finish()
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    this.#session.done()
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

function latin1Of(bytes: Uint8Array): string {
  return latin1Slice.call(bytes)
}

function argumentsIn(query: string): Uint8Array | undefined {
  const given = query.split('&').find((each) => each.startsWith('args='))
  if (given === undefined) return undefined
  try {
    return new TextEncoder().encode(decodeURIComponent(given.slice(5).replaceAll('+', ' ')))
  } catch {
    throw new RpcError('invalid_argument', 'The arguments in the query are not percent-encoded UTF-8', {
      reason: 'bad_arguments',
      executed: 'no',
    })
  }
}

function noSuchMethod(): RpcError {
  return new RpcError('unimplemented', 'There is no such method', { reason: 'no_method', executed: 'no' })
}

function tooLargeToRead(most: number): RpcError {
  return new RpcError('resource_exhausted', `The body is over ${most} bytes`, {
    reason: 'too_large',
    executed: 'no',
    retryable: false,
  })
}

function tooLarge(bytes: number, most: number): RpcError {
  return new RpcError('resource_exhausted', `The result is ${bytes} bytes, over ${most}`, {
    reason: 'too_large',
    executed: 'yes',
  })
}

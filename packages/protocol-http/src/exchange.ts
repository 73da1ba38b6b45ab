import type { ServerResponse } from 'node:http'
import { type Reply, RpcError } from '@hawser/contract'
import { deadlineError, numberedHeader, type ServedCall, type ServedSink, type StreamOut } from '@hawser/wire'
import { Answer } from './answer.js'
import { linesOf } from './body.js'
import { refusedCredential } from './caller.js'
import { detailsBody } from './error-body.js'
import { converted } from './forms.js'
import { checkHost, type Head, writtenHeaders } from './head.js'
import { foreign, type Provenance, provenanceOf, sharingHeaders } from './origin.js'
import type { PlainRequest } from './plain-request.js'
import { codecOf, noType, type Plan } from './plan.js'
import { argumentsIn } from './query.js'
import { Reading } from './reading.js'
import { refusalOf } from './refusal.js'
import { givesItems, type PlanKey, type Route } from './route.js'
import type { HttpSession } from './session.js'
import { noSuchMethod, Refusal, tooLargeToRead, tooLargeToSend } from './status.js'
import { Items } from './streams.js'

const nothing = new Uint8Array(0)

/** One request and its answer. */
export class Exchange implements ServedSink {
  readonly #session: HttpSession
  readonly #request: PlainRequest
  readonly #answer: Answer
  readonly #reading: Reading
  #head!: Head
  #provenance: Provenance = 'own'
  #route: Route | undefined
  #plan: Plan | undefined
  #call: ServedCall | undefined
  #items: Items | undefined
  #out: StreamOut | undefined
  #over = false

  constructor(session: HttpSession, request: PlainRequest, response: ServerResponse, expects: boolean) {
    this.#session = session
    this.#request = request
    this.#answer = new Answer(response, session.settings.profile === 'amrpc')
    this.#reading = new Reading(session, request, response, expects)
  }

  get response(): ServerResponse {
    return this.#answer.response
  }

  /** Has all of the request come? */
  get received(): boolean {
    return this.#reading.done
  }

  begin(): void {
    const { heads, settings, context } = this.#session
    try {
      this.#head = heads.read(this.#request.rawHeaders)
      checkHost(this.#head, this.#request.httpVersion)
      this.#provenance = provenanceOf(this.#head, settings)
      if (this.#provenance === 'foreign') {
        context.count('call_foreign')
        throw foreign()
      }
      if (this.#provenance === 'allowed') this.#answer.sharing = sharingHeaders(this.#head)
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
      if (refusal) this.#dismiss(refusedCredential(refusal))
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
    if (bytes.length > sendBytes) throw tooLargeToSend(bytes.length, sendBytes)
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
    this.#reading.stop()
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
    if (!info || info.safe || info.topic) return
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
    const { receiveBytes } = this.#session.context.limits
    if (length !== Number.POSITIVE_INFINITY && length > receiveBytes) throw tooLargeToRead(receiveBytes)
    this.#reading.keep(
      length,
      receiveBytes,
      (body) => {
        try {
          then(body)
        } catch (error) {
          this.#fail(refusalOf(error))
        }
      },
      () => this.#refuse(tooLargeToRead(receiveBytes)),
    )
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
    if (timeout === 0) throw deadlineError('no')
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
    const { response } = this.#answer
    const convert = this.#conversion(reply, plan)
    this.#call = call
    this.#answer.last = this.#session.last
    this.#answer.stream(plan.type, reply.headers ? writtenHeaders(reply.headers) : [])
    const topic = this.#route?.info?.topic === true
    const items = new Items({
      form: plan.answer === 'events' ? 'events' : 'lines',
      response,
      frames: this.#session.engine.frames,
      numbered: topic,
      convert,
      after: topic ? this.#head.lastEvent : undefined,
      softBytes: this.#session.context.limits.writeSoftBytes,
      ended: () => this.#finish(),
    })
    this.#items = items
    const out = call.stream(reply.output as AsyncIterable<Uint8Array>, items)
    this.#out = out
    response.on('drain', () => this.#out?.resume())
    if (this.#request.method === 'HEAD') {
      items.ended()
      out.stop()
    } else out.resume()
  }

  // Before the method is called. A body that has not come is not waited for.
  #refuse(thrown: unknown): void {
    if (this.#over) return
    const refusal = refusalOf(thrown)
    let length = Number.POSITIVE_INFINITY
    try {
      length = this.#head ? this.#length() : length
    } catch {}
    const { status, error } = refusal
    // What the headers say is open to doubt, or the body is not to be read.
    const fatal = error.reason === 'bad_header' || status === 413
    if (!fatal && !this.#reading.expected && length <= this.#session.context.limits.receiveBytes)
      this.#reading.discard(length, () => this.#fail(refusal))
    else this.#dismiss(refusal)
  }

  #dismiss({ status, error }: Refusal): void {
    this.cut()
    const more = status === 401 ? ['WWW-Authenticate', 'Bearer'] : []
    if (this.#answer.sharing) more.push(...this.#answer.sharing)
    this.#session.dismiss(status, error, more)
  }

  #fail(refusal: Refusal): void {
    if (this.#over) return
    // The head of the answer may have gone out already.
    if (this.#items) {
      this.#items.failed(refusal.error)
      return
    }
    const { limits } = this.#session.context
    const details = this.#details(refusal.error)
    this.#answer.last = this.#session.last
    this.#answer.error(refusal, this.#route !== undefined, limits.errorTextBytes, details)
    this.#finish()
  }

  #details(error: RpcError): string | undefined {
    if (error.details === undefined) return undefined
    const { context } = this.#session
    const layout = error.reason === 'declared' ? this.#route?.layout : undefined
    const [json, ...laidOut] = ['json', this.#plan?.accepts, this.#plan?.codec].map((name) => {
      const codec = name === undefined ? undefined : context.codec?.(name)
      return codec && layout?.fits(codec) ? layout.of(codec).errors : codec
    })
    return detailsBody(error.details, laidOut, json)
  }

  #write(status: number, type: string | undefined, body: Uint8Array, more?: readonly string[]): void {
    if (this.#over) return
    this.#answer.last = this.#session.last
    this.#answer.value(status, type, body, more)
    this.#finish()
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    this.#session.done()
  }
}

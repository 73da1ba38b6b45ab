import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Connection, type Peer, type ProtocolContext, RpcError, type Session } from '@hawser/contract'
import { type ServedCall, type ServedCallParts, ServedSession, type ServedSink } from '@hawser/wire'
import { Caller, refusedCredential } from './caller.js'
import type { Engine } from './engine.js'
import { Exchange } from './exchange.js'
import { checkHost, HeadReader } from './head.js'
import type { HttpHost, Upgraded } from './host.js'
import { Identification, type Identified } from './identification.js'
import type { HttpSettings } from './options.js'
import { foreign, provenanceOf } from './origin.js'
import type { PlainRequest } from './plain-request.js'
import { refusalOf, refuseUpgrade } from './refusal.js'
import { Watch, type WatchOwner } from './watch.js'
import { takeUpgrade } from './websocket/upgrade.js'

// Requests that come before the answer to the one before them. Beyond the first number none are read for a while.
const manyWaiting = 16
const mostWaiting = 512

interface Waiting {
  readonly request: PlainRequest
  readonly response: ServerResponse
  readonly expects: boolean
}

/** One HTTP connection: requests in turn, one at a time. */
export class HttpSession extends ServedSession implements HttpHost, WatchOwner, Identified {
  declare readonly context: ProtocolContext
  readonly engine: Engine
  readonly heads: HeadReader
  #socket!: Socket
  #watch: Watch | undefined
  #current: Exchange | undefined
  readonly #waiting: Waiting[] = []
  #upgraded: Upgraded | undefined
  #continued: Session | undefined
  #opened = false
  #last = false
  // The last answer that was given, and the bytes of answers that wait for the peer to read.
  #answered: ServerResponse | undefined
  #unread = 0
  readonly #identification: Identification
  // Who calls, where it is another one than the first of the connection.
  #caller: Peer | undefined

  constructor(connection: Connection, engine: Engine) {
    super(connection, engine.context)
    this.engine = engine
    this.heads = new HeadReader(engine.context.limits)
    this.#identification = new Identification(this)
  }

  /** What the requests come by. Called once, before any do. */
  attach(socket: Socket, since: number | undefined): void {
    this.#socket = socket
    const { timers, limits } = this.context
    this.#watch = new Watch(socket, timers, limits, this, since)
  }

  get settings(): HttpSettings {
    return this.engine.settings
  }
  override get peer(): Peer {
    return this.#caller ?? super.peer
  }
  /** Is the answer under way the last one of this connection? */
  get last(): boolean {
    return this.#last
  }

  requested(request: PlainRequest, response: ServerResponse, expects: boolean): void {
    if (this.#last) return
    if (!this.#current && this.#waiting.length === 0 && !this.#behind) {
      this.#begin(request, response, expects)
      return
    }
    this.#waiting.push({ request, response, expects })
    if (this.#waiting.length === manyWaiting) this.#socket.pause()
    if (this.#waiting.length > mostWaiting) this.#abuse()
    else if (!this.#current && this.#waiting.length === 1) this.#next()
  }

  /** The request's body is to be read from now on. */
  reading(): void {
    this.#mind('body')
  }

  /** The request is there: it is this side's turn. */
  read(): void {
    this.#mind('busy')
  }

  /** The exchange is over as far as this side goes: the next one begins. */
  done(): void {
    this.#answered = this.#current?.response
    if (this.#answered?.writableFinished === false) this.#unread += this.#answered.writableLength
    this.#current = undefined
    if (this.#last || !this.open) this.#part()
    else if (this.#waiting.length === 0) this.#mind('idle')
    // Not from within the end of the one before: a thousand of them must not nest.
    else queueMicrotask(() => this.#next())
  }

  /** Answers without Node's response, and ends the connection: for requests whose rest is not to be read. */
  dismiss(status: number, error: RpcError, more: readonly string[] = []): void {
    this.#last = true
    this.#current?.cut()
    this.#current = undefined
    this.#mind('busy')
    this.#behindAnswers(() => {
      refuseUpgrade(this.#socket, status, error, more)
      this.parting()
    })
  }

  /**
   * Finds out who calls, once as long as the requests say the same.
   * @param then called with why the credential is refused; in this turn, where nothing has to be found out
   */
  identify(authorization: string | undefined, then: (refusal?: RpcError) => void): void {
    this.#identification.find(authorization, (refusal) => {
      if (!refusal) this.#open()
      then(refusal)
    })
  }

  identified(identity: unknown): void {
    if (this.#opened) this.#caller = new Caller(super.peer, identity)
    else this.identity = identity
  }

  call(parts: ServedCallParts, sink: ServedSink): ServedCall {
    return this.serve(this.#caller ? { ...parts, peer: this.#caller } : parts, sink)
  }

  upgrade(request: PlainRequest, socket: Duplex, head: Uint8Array): void {
    if (this.#current || this.#last || this.#waiting.length > 0) {
      this.abort(mixedUp())
      return
    }
    this.#last = true
    this.#mind('busy')
    this.#behindAnswers(() => {
      if (!this.open) return
      if (isUnwanted(request)) this.#stay(request, socket)
      else this.#upgrade(request, socket, head)
    })
  }

  /** This is asked to be a proxy. */
  connect(): void {
    if (this.#current || this.#last || this.#waiting.length > 0) this.abort(mixedUp())
    else this.dismiss(405, new RpcError('invalid_argument', 'This is no proxy', { executed: 'no' }))
  }

  parting(): void {
    this.#mind('parting')
  }

  #upgrade(request: PlainRequest, socket: Duplex, head: Uint8Array): void {
    try {
      const said = this.heads.read(request.rawHeaders)
      checkHost(said, request.httpVersion)
      if (provenanceOf(said, this.settings) === 'foreign') {
        this.context.count('call_foreign')
        this.#refuseUpgrade(socket, foreign())
        return
      }
      this.identify(said.authorization, (refusal) => {
        if (refusal) this.#refuseUpgrade(socket, refusedCredential(refusal))
        else if (this.open) this.#take(request, socket, head)
        else socket.destroy()
      })
    } catch (error) {
      this.#refuseUpgrade(socket, error)
    }
  }

  #take(request: PlainRequest, socket: Duplex, head: Uint8Array): void {
    try {
      takeUpgrade(this, request, socket, head)
    } catch (error) {
      this.#refuseUpgrade(socket, error)
    }
  }

  upgraded(to: Upgraded): void {
    this.#watch?.end()
    this.#upgraded = to
  }

  continued(session: Session): void {
    this.#watch?.end()
    this.#continued = session
  }

  broke(message: string): void {
    this.fault(new RpcError('invalid_argument', message, { reason: 'bad_frame', executed: 'no' }))
  }

  /** Node's parser gave up. */
  unreadable(error: Error & { code?: string }): void {
    if (this.#upgraded || this.#continued) return
    if (error.code === 'ECONNRESET' || !this.#socket.writable) {
      this.#socket.destroy()
      return
    }
    const overflow = error.code === 'HPE_HEADER_OVERFLOW'
    this.#report('bad_frame', `The request is no HTTP: ${error.message}`)
    const status = overflow ? 431 : error.code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW' ? 413 : 400
    const told = overflow ? 'The headers are too large' : 'The request is no HTTP/1.1 that is taken here'
    this.#last = true
    this.#waiting.length = 0
    // In front of an answer that is still to come, another one would be taken for it.
    if (this.#current?.received) return
    this.dismiss(status, new RpcError('invalid_argument', told, { reason: 'bad_frame', executed: 'no' }))
  }

  slow(what: 'head' | 'body', begun: boolean): void {
    if (!begun) {
      this.abort(new RpcError('unavailable', 'Nothing was asked', { reason: 'handshake_timeout' }))
      return
    }
    const part = what === 'head' ? 'The headers' : 'The body'
    this.#report('bad_frame', `${part} of a request came too slowly`)
    this.dismiss(
      408,
      new RpcError('deadline_exceeded', `${part} of the request came too slowly`, {
        reason: 'bad_frame',
        executed: 'no',
      }),
    )
  }

  unused(): void {
    this.leave(new RpcError('unavailable', 'Closed for want of use', { reason: 'idle', retryable: true }))
  }

  stalled(queued: number): void {
    this.abort(
      new RpcError('unavailable', `The peer does not read: ${queued} bytes are queued`, {
        reason: 'slow_consumer',
      }),
    )
  }

  quiet(): void {
    this.#current?.quiet()
    // An idle connection need not keep it.
    if (this.#answered?.writableFinished) this.#answered = undefined
  }

  partingOver(): void {
    this.#socket.destroy()
  }

  protected leaving(): void {
    if (this.#upgraded) this.#upgraded.leave()
    else if (this.#current) {
      this.#last = true
      this.#current.leave()
    }
  }

  protected override farewell(): void {
    if (this.#continued) void this.#continued.close().then(() => this.connection.close())
    else if (this.#upgraded) void this.connection.close()
    else if (!this.#current) this.#part()
  }

  protected override ended(): void {
    this.#watch?.end()
    this.#identification.end()
    this.#current?.cut()
    this.#waiting.length = 0
  }

  // Does so much wait for the peer to read that it has to do so first? Every answer could be as large as there are.
  get #behind(): boolean {
    if (this.#answered?.writableFinished !== false) this.#unread = 0
    return this.#unread >= this.context.limits.writeSoftBytes
  }

  // Answers wait for each other in Node, where what is written to the socket itself would overtake them.
  #behindAnswers(then: () => void): void {
    const answer = this.#answered
    if (!answer || (answer.writableFinished && !answer.socket)) then()
    else answer.once('finish', then)
  }

  #next(): void {
    if (this.#current || this.#last || !this.open) return
    if (this.#behind) {
      this.#mind('busy')
      this.#behindAnswers(() => this.#next())
      return
    }
    const next = this.#waiting.shift()
    if (!next) return
    if (this.#waiting.length === 0) this.#socket.resume()
    this.#begin(next.request, next.response, next.expects)
  }

  #begin(request: PlainRequest, response: ServerResponse, expects: boolean): void {
    this.#mind('busy')
    const exchange = new Exchange(this, request, response, expects)
    this.#current = exchange
    exchange.begin()
  }

  // Node takes any offer of another protocol for an upgrade; this one is declined by answering in the one that is spoken.
  #stay(request: PlainRequest, socket: Duplex): void {
    const response = new ServerResponse(request)
    response.assignSocket(socket as Socket)
    this.#begin(request, response, false)
  }

  #open(): void {
    if (this.#opened) return
    this.#opened = true
    this.context.opened?.(this)
  }

  #mind(phase: Watch['phase']): void {
    if (this.#watch) this.#watch.phase = phase
  }

  // What was written goes out first.
  #part(): void {
    this.#last = true
    this.#mind('busy')
    this.#behindAnswers(() => {
      this.parting()
      void this.connection.close()
    })
  }

  #refuseUpgrade(socket: Duplex, thrown: unknown): void {
    const { status, error } = refusalOf(thrown)
    const more = status === 401 ? ['WWW-Authenticate', 'Bearer'] : []
    refuseUpgrade(socket, status, error, more, this.settings.profile === 'amrpc')
    this.parting()
  }

  #report(reason: 'bad_frame' | 'abuse', message: string): void {
    const event = `connection_${reason}`
    this.context.count(event)
    this.context.log({ level: 'warn', event, message, peer: this.connection.peer.address })
  }

  #abuse(): void {
    this.fault(new RpcError('resource_exhausted', 'Too many requests at once', { reason: 'abuse' }))
  }
}

// Of HTTP/2, without a body: what there is of one would be read as the new protocol's.
function isUnwanted({ rawHeaders }: PlainRequest): boolean {
  const names = rawHeaders.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : ''))
  const offer = rawHeaders[names.indexOf('upgrade') + 1]
  return offer === 'h2c' && !names.includes('content-length') && !names.includes('transfer-encoding')
}

function mixedUp(): RpcError {
  return new RpcError('invalid_argument', 'An upgrade was asked for behind other requests', {
    reason: 'bad_frame',
  })
}

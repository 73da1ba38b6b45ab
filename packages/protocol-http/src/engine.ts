import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Connection, ProtocolContext } from '@hawser/contract'
import { AmrpcPlanner } from './amrpc-plan.js'
import { ConnectionDuplex } from './duplex.js'
import { MediaTypes } from './media.js'
import type { HttpSettings } from './options.js'
import { PlainRequest } from './plain-request.js'
import { DefaultPlanner, type Plan } from './plan.js'
import { type PlanKey, type Route, Routes } from './route.js'
import { HttpSession } from './session.js'
import { Frames } from './streams.js'

const sessionOf = Symbol('session')

type ServedSocket = Duplex & { [sessionOf]?: HttpSession }

/** What all HTTP connections of one server share: Node's parser and writer of requests, and what is known of the methods. */
export class Engine {
  readonly context: ProtocolContext
  readonly settings: HttpSettings
  readonly types: MediaTypes
  readonly routes: Routes
  readonly frames: Frames = new Frames()
  readonly makePlan: (route: Route, key: PlanKey) => Plan
  readonly #server: Server

  constructor(context: ProtocolContext, settings: HttpSettings) {
    this.context = context
    this.settings = settings
    this.types = new MediaTypes(context)
    this.routes = new Routes(context.methods, context.limits.methodBytes)
    const planner = new DefaultPlanner(context, this.types)
    const amrpc = settings.profile === 'amrpc' ? new AmrpcPlanner(context, this.types, planner) : undefined
    this.makePlan = (route, key) => (amrpc ?? planner).plan(route, key)
    this.#server = serverFor(context.limits.headerBytes)
  }

  /** @param since clock milliseconds from which on its peer is waited for. Default: now */
  serve(connection: Connection, since?: number): HttpSession {
    const session = new HttpSession(connection, this)
    const socket = (connection.detach?.() as Socket | undefined) ?? new ConnectionDuplex(connection)
    ;(socket as ServedSocket)[sessionOf] = session
    session.attach(socket as Socket, since)
    this.#server.emit('connection', socket)
    // Whoever had the socket before may have stopped it.
    socket.resume()
    return session
  }
}

// Connections come by hand, one by one: the server never listens, and so it never looks at the time either. Sessions do.
function serverFor(headerBytes: number): Server {
  const server = createServer({
    IncomingMessage: PlainRequest,
    // Over which the parser gives up: room for the headers, and for the path and its query.
    maxHeaderSize: 2 * headerBytes,
    insecureHTTPParser: false,
    // Asked for by ourselves, so that who leaves it out is told as of any other error.
    requireHostHeader: false,
    keepAliveTimeout: 0,
    headersTimeout: 0,
    requestTimeout: 0,
    noDelay: false,
  })
  server.timeout = 0
  // All of them are counted, rather than some left out.
  server.maxHeadersCount = 0
  const taken =
    (expects: boolean) =>
    (request: PlainRequest, response: ServerResponse): void =>
      sessionBy(request.socket)?.requested(request, response, expects)
  server.on('request', taken(false))
  server.on('checkContinue', taken(true))
  server.on('checkExpectation', taken(false))
  server.on('upgrade', (request: PlainRequest, socket: Duplex, head: Buffer) => {
    sessionBy(socket)?.upgrade(request, socket, head)
  })
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => sessionBy(socket)?.connect())
  server.on('clientError', (error: Error & { code?: string }, socket: Duplex) => {
    sessionBy(socket)?.unreadable(error)
  })
  return server
}

function sessionBy(socket: Duplex): HttpSession | undefined {
  return (socket as ServedSocket)[sessionOf]
}

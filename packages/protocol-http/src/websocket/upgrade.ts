import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type Connection,
  type MethodInfo,
  type Protocol,
  type ProtocolContext,
  RpcError,
} from '@hawser/contract'
import { noMethod } from '@hawser/wire'
import { readHead } from '../head.js'
import type { HttpHost } from '../host.js'
import { refuseUpgrade } from '../refusal.js'
import { Routes } from '../route.js'
import { statusOf } from '../status.js'
import { Flusher } from './flusher.js'
import { formOf } from './form.js'
import { type Framing, lengthFraming, webSocketFraming } from './framing.js'
import { type Acceptance, faultOf, Handshaker, switchProtocols } from './handshake.js'
import { LengthLine } from './length-line.js'
import type { LineOwner } from './line.js'
import { Pull, type PullRequest } from './pull.js'
import { Shaper } from './shaper.js'
import { type Choice, choicesOf, offeredBy, type PullKind } from './subprotocol.js'
import { WebSocketLine } from './websocket-line.js'

/** Something a connection can be upgraded to: bytes for another protocol. */
export interface Upgrade {
  /**
   * Takes a request over, and answers it; undefined for a request that is not for it, which is to be left alone then.
   * @param socket what the request came by, a `Duplex` of Node.js
   */
  readonly accept: (
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    connection: Connection,
  ) => Connection | undefined
  readonly protocol: Protocol
}

const malformed = { status: 400, message: 'Sec-WebSocket-Protocol is malformed' }

/** What the pulls of one server share. */
class Pulls {
  readonly flusher: Flusher
  readonly handshaker = new Handshaker()
  readonly #context: ProtocolContext
  readonly routes: Routes
  readonly #shapers = new WeakMap<MethodInfo, Map<string, Shaper>>()

  constructor(context: ProtocolContext) {
    this.#context = context
    this.routes = new Routes(context.methods, context.limits.methodBytes)
    this.flusher = new Flusher(context.clock)
  }

  /** The shaper of a method's items; undefined where they cannot be converted to what is asked for. */
  shaper(method: MethodInfo, kind: PullKind, framing: Framing): Shaper | undefined {
    let known = this.#shapers.get(method)
    if (!known) {
      known = new Map()
      this.#shapers.set(method, known)
    }
    const name = framing === lengthFraming ? `${kind} by length` : kind
    let shaper = known.get(name)
    if (!shaper) {
      const form = formOf(method, kind, this.#context)
      if (!form) return undefined
      shaper = new Shaper(form, framing, this.flusher)
      known.set(name, shaper)
    }
    return shaper
  }
}

const pullsOf = new WeakMap<ProtocolContext, Pulls>()

/**
 * Takes a connection over whose request asks for an upgrade. Its origin and its credential have been accepted, its headers are
 * within their limits; method and path are as they came.
 */
export function takeUpgrade(
  host: HttpHost,
  request: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
): void {
  socket.on('error', () => {})
  const { context, connection, settings } = host
  for (const { accept, protocol } of settings.upgrades) {
    const made = accept(request, socket, head, connection)
    if (made) {
      host.continued(protocol.serve(made, context))
      return
    }
  }
  const answer = (status: number, error: string | RpcError) => {
    context.count('pull_refused')
    refuseUpgrade(socket, status, error, [], settings.profile === 'amrpc')
    host.parting()
  }
  const refuse = (error: RpcError, status = statusOf(error)) =>
    answer(settings.profile === 'amrpc' && status !== 404 ? 500 : status, error)
  const fault = faultOf(request)
  const offered = offeredBy(request)
  if (fault || !offered) {
    const { status, message } = fault ?? malformed
    answer(status, message)
    return
  }
  const path = pathOf(request)
  let pulls = pullsOf.get(context)
  if (!pulls) {
    pulls = new Pulls(context)
    pullsOf.set(context, pulls)
  }
  const method = pulls.routes.find(path)?.info
  if (!method) {
    refuse(noMethod(path))
    return
  }
  if (method.kind !== 'server-stream') {
    refuse(new RpcError('unimplemented', `${path} is no stream`, { reason: 'wrong_kind', executed: 'no' }))
    return
  }
  const byLength = settings.profile === 'amrpc' && connection.peer.address.startsWith('ipc:')
  const framing = byLength ? lengthFraming : webSocketFraming
  const chosen = choose(pulls, method, choicesOf(offered), framing)
  if (!chosen) {
    refuse(
      new RpcError(
        'unimplemented',
        `${method.form} -> ${offered[0] ?? 'bin'} error: Data cannot be converted`,
        { executed: 'no' },
      ),
      406,
    )
    return
  }
  const [{ subprotocol }, shaper] = chosen
  const { headers } = readHead(request.rawHeaders, context.limits)
  const acceptance: Acceptance = { subprotocol, accept: shaper.form.accept }
  const pull: PullRequest = { request, socket, head, method, headers, shaper }
  const { flusher, handshaker } = pulls
  const line = (owner: LineOwner) => {
    const { peer } = connection
    if (byLength)
      return switchProtocols(request, socket, acceptance)
        ? new LengthLine(socket, head, owner, peer, context)
        : undefined
    const ws = handshaker.webSocket(request, socket, head, acceptance)
    return ws && new WebSocketLine(ws, socket, owner, peer, context)
  }
  new Pull(host, pull, { flusher, line, refuse }).begin(pull)
}

function choose(
  pulls: Pulls,
  method: MethodInfo,
  choices: readonly Choice[],
  framing: Framing,
): readonly [Choice, Shaper] | undefined {
  for (const choice of choices) {
    const shaper = pulls.shaper(method, choice.kind, framing)
    if (shaper) return [choice, shaper]
  }
  return undefined
}

// Byte for byte: nothing is decoded or normalised.
function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

/** Why a request is no handshake. */
export interface HandshakeFault {
  readonly status: number
  readonly message: string
}

// A body behind such an offer would be read as the new protocol's, so it cannot be declined by answering.
const noOther =
  'The only upgrade here is to a WebSocket: send a body in plain HTTP/1.1, without an offer of another protocol'
const key = /^[+/0-9A-Za-z]{22}==$/
// From RFC 6455, section 1.3.
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const versions: ReadonlySet<string | undefined> = new Set(['13', '8'])

/** What is wrong with a request for a WebSocket, looked at before anything is run for it. */
export function faultOf({ method, headers }: IncomingMessage): HandshakeFault | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return { status: 400, message: noOther }
  if (method !== 'GET') return { status: 405, message: 'A WebSocket is asked for with GET' }
  if (!key.test(headers['sec-websocket-key'] ?? ''))
    return { status: 400, message: 'Sec-WebSocket-Key is missing or malformed' }
  if (!versions.has(headers['sec-websocket-version']))
    return { status: 426, message: 'Sec-WebSocket-Version has to be 13' }
  return undefined
}

/** What an accepted handshake is answered with. */
export interface Acceptance {
  readonly subprotocol: string | undefined
  /** The media type of the messages to come. */
  readonly accept: string
}

// Of what a subscriber says nothing is read; this is for control frames, and for telling those who say more.
const mostPayload = 4_096
const mostFragments = 16
const mostPieces = 1_024

/** Answers handshakes. */
export class Handshaker {
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: mostPayload,
    maxFragments: mostFragments,
    maxBufferedChunks: mostPieces,
    skipUTF8Validation: false,
    handleProtocols: () => this.#acceptance?.subprotocol ?? false,
  } as ConstructorParameters<typeof WebSocketServer>[0])
  // Of the handshake under way: they are answered one at a time, in one go.
  #acceptance: Acceptance | undefined

  constructor() {
    this.#server.on('headers', (headers) => {
      if (this.#acceptance) headers.push(`Accept: ${this.#acceptance.accept}`)
    })
    this.#server.on('wsClientError', (_, socket) => socket.destroy())
  }

  /** Makes a WebSocket of the socket; undefined where its other end has gone meanwhile. */
  webSocket(
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    acceptance: Acceptance,
  ): WebSocket | undefined {
    let made: WebSocket | undefined
    this.#acceptance = acceptance
    this.#server.handleUpgrade(request, socket, asBuffer(head), (ws) => {
      made = ws
    })
    this.#acceptance = undefined
    return made
  }
}

// Node's own types ask for a Buffer where any bytes will do.
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The answer where frames of another kind follow; false where its other end has gone meanwhile. */
export function switchProtocols(
  { headers }: IncomingMessage,
  socket: Duplex,
  { subprotocol, accept }: Acceptance,
): boolean {
  if (!socket.readable || !socket.writable) return false
  const digest = createHash('sha1').update(`${headers['sec-websocket-key']}${guid}`).digest('base64')
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${digest}`,
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
    `Accept: ${accept}`,
  ]
  return socket.write(`${lines.join('\r\n')}\r\n\r\n`) || true
}

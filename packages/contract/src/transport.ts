import type { Cancel } from './cancel.js'
import type { RpcError } from './error.js'

/** Who is at the other end, as far as the transport can tell. */
export interface PeerInfo {
  /** For logs and per-peer limits, for example `tcp://127.0.0.1:40312`. Not a secret, not an identity. */
  readonly address: string
  /** The part of the address that is shared by all connections of one host; what per-peer limits count. */
  readonly host?: string | undefined
  /** Set where the connection is encrypted. */
  readonly tls?: TlsIdentity | undefined
}

/** What TLS says of the peer. */
export interface TlsIdentity {
  /** True when the peer's certificate was asked for and verified. */
  readonly verified: boolean
  /** The subject's common name, where there is a certificate. */
  readonly subject?: string | undefined
  /** The subject alternative names, as OpenSSL writes them. */
  readonly names?: string | undefined
  /** SHA-256 fingerprint of the certificate, hex with colons. */
  readonly fingerprint?: string | undefined
}

/**
 * A two-way flow of bytes to one peer.
 *
 * Ownership: bytes given to `send` belong to the connection until `queued` is 0 again; then nothing refers to them and
 * the caller may use the memory anew. Bytes given to `receive` belong to the receiver for good.
 */
export interface Connection extends AsyncDisposable {
  /** Does one send arrive as one receive? */
  readonly boundaries: 'stream' | 'message'
  readonly peer: PeerInfo
  /** Resolves once, and never rejects, when both directions have ended; undefined for a clean end. */
  readonly closed: Promise<RpcError | undefined>
  /** Bytes taken by `send` and not yet passed on to the system. */
  readonly queued: number
  /** To be called once. Nothing is delivered before it, and nothing is lost. */
  start(receive: (bytes: Uint8Array) => void): void
  /** Takes the bytes always; false: wait for `drained` before sending more. After the end they are dropped. */
  send(bytes: Uint8Array): boolean
  /** Resolves when `queued` is below its soft limit, and at the end of the connection. Rejects only for its signal. */
  drained(options?: Cancel): Promise<void>
  /** Asks for no more input. A delivery already under way may still come. */
  pause(): void
  resume(): void
  /**
   * Takes {@link start} back, for whoever has only looked who is there: the connection is as it came, may be started once
   * more, and delivers first what is unread. Absent where it cannot be.
   * @param unread what was received and is to be read again
   */
  rewind?(unread: Uint8Array): void
  /** Sends what is queued, then ends both directions. Idempotent; the signal turns it into an abort. */
  close(options?: Cancel): Promise<void>
  /** Ends now; queued bytes are dropped. `closed` resolves to the reason. */
  abort(reason: RpcError): void
  /**
   * Gives the connection away to an engine of the platform's that reads and writes by itself: returns the platform's own
   * object, in Node.js a `net.Socket` (of `node:tls`, where encrypted), with nothing lost and nothing read twice. Afterwards
   * only `peer`, `closed`, `close` and `abort` are of use here. Undefined where there is no such object, which changes
   * nothing; absent where there never is.
   * @param unread what was received and is to be read again
   */
  detach?(unread?: Uint8Array): object | undefined
}

/** The half of a transport that makes connections. */
export interface Dialer {
  /** Address schemes without the colon, for example `['tcp', 'tls']`. */
  readonly schemes: readonly string[]
  /** @throws RpcError `unavailable` / `unreachable`, executed: no; TypeError for an address that is none */
  dial(address: string, options?: Cancel): Promise<Connection>
}

/** The half of a transport that takes connections. */
export interface Acceptor {
  readonly schemes: readonly string[]
  /** @throws RpcError when the address cannot be listened on; TypeError for an address that is none */
  listen(address: string, accept: (connection: Connection) => void, options?: Cancel): Promise<Listener>
  /**
   * As `listen`, for sockets that something else listens for: another process, say. Absent where there are none.
   * @param address what they were accepted at
   * @throws TypeError for an address that is none
   */
  adopt?(address: string, accept: (connection: Connection) => void): Adoption
}

/** An address being listened on. */
export interface Listener extends AsyncDisposable {
  /** Where to dial: with the real port where port 0 was asked for. */
  readonly address: string
  /** Takes no more connections; those that exist live on. Idempotent. */
  close(): Promise<void>
  /**
   * Tells that a connection has finished its handshake, so that it no longer counts against the share of connections
   * that have not. Absent where the transport has no such limit.
   */
  admitted?(connection: Connection): void
}

/** A listener that is handed its sockets. */
export interface Adoption extends Listener {
  /** Takes the platform's own object, in Node.js a `net.Socket`, of which nothing was read. */
  take(socket: object): void
}

/** What a transport can do, as data: suites and tables read it. */
export interface TransportFeatures {
  readonly boundaries: 'stream' | 'message'
  /** Can it listen here, or only dial? */
  readonly listens: boolean
  /** Do bytes leave the process? */
  readonly crossesProcess: boolean
  /** Can connections be encrypted? */
  readonly encrypts: boolean
}

/** Bytes across one kind of boundary: dial and listen, nothing else. */
export interface Transport extends Dialer, Acceptor {
  readonly name: string
  readonly features: TransportFeatures
}

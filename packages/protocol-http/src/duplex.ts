import { Duplex } from 'node:stream'
import type { Connection } from '@hawser/contract'
import { RpcError } from '@hawser/contract'

/** A connection as a stream of Node's, where there is no socket to have: between two parts of one process, say. */
export class ConnectionDuplex extends Duplex {
  /** As a socket counts. */
  bytesRead = 0
  readonly #connection: Connection

  constructor(connection: Connection) {
    super({ allowHalfOpen: false, emitClose: true })
    this.#connection = connection
    connection.start((bytes) => {
      this.bytesRead += bytes.length
      if (!this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))) connection.pause()
    })
    void connection.closed.then((reason) => {
      // What came before a clean end is still to be read.
      if (reason) this.destroy()
      else this.push(null)
    })
  }

  override _read(): void {
    this.#connection.resume()
  }

  override _write(bytes: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    // Node writes nothing at all now and then, which would be a message to some connections.
    if (bytes.length === 0 || this.#connection.send(bytes)) done()
    else void this.#connection.drained().then(done)
  }

  override _final(done: () => void): void {
    void this.#connection.close().then(() => undefined)
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.abort(
      RpcError.from(error ?? new Error('The stream was destroyed'), 'unavailable', {
        reason: 'connection_lost',
      }),
    )
    done(error)
  }
}

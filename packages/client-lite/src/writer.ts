import type { Clock, Connection } from '@hawser/contract'
import { writeFrameHead } from '@hawser/wire'
import { headBytes } from './kind.js'

/** Collects the frames of a turn for one connection and sends them as one piece. */
export interface Writer {
  /** False while the connection has asked to wait. Frames are taken all the same. */
  ready: boolean
  /** @param parts what comes behind the head */
  frame(
    kind: number,
    id: number,
    parts?: readonly Uint8Array[],
    codec?: number,
    detail?: number,
    flags?: number,
  ): void
  /** Sends what is collected. */
  flush(): void
}

/** @param unblocked the connection takes more after it had asked to wait */
export function writer(connection: Connection, clock: Clock, unblocked: () => void): Writer {
  let bytes = new Uint8Array(0)
  let end = 0
  const flush = () => {
    const size = end
    if (size === 0) return
    end = 0
    const taken = connection.send(bytes.subarray(0, size))
    // What the connection holds on to is not written over.
    if (connection.queued > 0) bytes = new Uint8Array(0)
    if (taken || !self.ready) return
    self.ready = false
    void connection.drained().then(() => {
      self.ready = true
      unblocked()
    })
  }
  const self: Writer = {
    ready: true,
    frame(kind, id, parts = [], codec = 0, detail = 0, flags = 0) {
      const size = sizeOf(parts)
      if (end + size > bytes.length) {
        flush()
        bytes = new Uint8Array(Math.max(size, 16_384))
      }
      if (end === 0) clock.soon(flush)
      writeFrameHead(bytes, end, size, kind, flags, codec, detail, id)
      end += headBytes
      for (const part of parts) {
        bytes.set(part, end)
        end += part.length
      }
    },
    flush,
  }
  return self
}

/** Bytes of a frame with these parts behind its head. */
export function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, headBytes)
}

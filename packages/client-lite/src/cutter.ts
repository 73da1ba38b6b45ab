import { preface, readU32 } from '@hawser/wire'
import { badFrame, tooLarge } from './fault.js'
import { headBytes } from './kind.js'

/** What is received on a connection. */
export interface Cutter {
  /** Frames larger than this are refused, in bytes. */
  limit: number
  /** Frames that have come. */
  frames: number
  /** Bytes that have come of a frame not yet complete, kept or skipped; 0 for none. */
  partial(): number
  /** @throws RpcError for another preface, a size that no frame can have, or one too far over the limit to skip */
  push(chunk: Uint8Array): void
}

/**
 * Checks the preface, then cuts chunks into frames however the bytes arrive. Frames inside one chunk are delivered as they lie; what spans chunks is
 * gathered in a buffer that doubles with the bytes that really came, so that a declared length allocates nothing.
 * @param frame takes one whole frame, its head included, for good
 * @param oversize takes the head of a frame over the limit; the rest is skipped unseen
 */
export function cutter(
  limit: number,
  frame: (bytes: Uint8Array) => void,
  oversize: (head: Uint8Array, size: number) => void,
): Cutter {
  let prefaceBytes = 0
  let kept = new Uint8Array(0)
  let filled = 0
  let needed = 0
  let skip = 0
  let skipped = 0

  const keep = (bytes: Uint8Array) => {
    const end = filled + bytes.length
    if (end > kept.length) {
      const larger = new Uint8Array(2 * end)
      larger.set(kept.subarray(0, filled))
      kept = larger
    }
    kept.set(bytes, filled)
    filled = end
  }

  const self: Cutter = {
    limit,
    frames: 0,
    partial: () => filled + skipped,
    push(chunk) {
      let at = 0
      for (; at < chunk.length && prefaceBytes < preface.length; at++)
        if (chunk[at] !== preface[prefaceBytes++]) throw badFrame('Not hawser/1')
      // A Buffer's views would be Buffers.
      const read = new Uint8Array(chunk.buffer, chunk.byteOffset + at, chunk.length - at)
      let bytes = read.subarray(skip)
      const passed = read.length - bytes.length
      skip -= passed
      skipped = skip && skipped + passed
      if (filled > 0) {
        keep(bytes)
        if (filled < needed) return
        bytes = kept.subarray(0, filled)
        kept = new Uint8Array(0)
        filled = 0
      }
      needed = 4
      while (bytes.length >= 4) {
        const size = 4 + readU32(bytes, 0)
        const left = bytes.length
        if (size < headBytes) throw badFrame('A malformed frame')
        if (size > Math.max(4 * self.limit, 65_536)) throw tooLarge(size, 'no')
        needed = size > self.limit ? headBytes : size
        if (left < needed) break
        if (size > self.limit) {
          oversize(bytes, size)
          skip = Math.max(0, size - left)
          skipped = skip && left
        } else frame(bytes.subarray(0, size))
        self.frames++
        bytes = bytes.subarray(size)
        needed = 4
      }
      keep(bytes)
    },
  }
  return self
}

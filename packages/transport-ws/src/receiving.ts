import type { Limits } from '@hawser/contract'

// Frames that are gathered into one message, next to a body of the full size.
const overheadBytes = 64 * 1024
const mostFragments = 4_096
// Pieces in which the system may hand over one frame: at the size a slow network cuts them to, a whole one fits.
const mostPieces = 16_384
const leastCompressedBytes = 1_024

/** What both sides tell ws of what they take. */
export interface Receiving {
  readonly maxPayload: number
  readonly maxFragments: number
  readonly maxBufferedChunks: number
  readonly skipUTF8Validation: false
  readonly perMessageDeflate:
    | false
    | {
        readonly threshold: number
        readonly concurrencyLimit: number
        readonly serverNoContextTakeover: true
        readonly clientNoContextTakeover: true
      }
}

/** No context is kept between compressed messages: it would cost some 300 KB a connection. */
export function receiving(limits: Limits, compression: boolean): Receiving {
  return {
    maxPayload: limits.receiveBytes + overheadBytes,
    maxFragments: mostFragments,
    maxBufferedChunks: mostPieces,
    skipUTF8Validation: false,
    perMessageDeflate: compression && {
      threshold: leastCompressedBytes,
      concurrencyLimit: limits.inflateConcurrent,
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
    },
  }
}

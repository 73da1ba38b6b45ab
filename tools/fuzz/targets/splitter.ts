import { lengthPrefixed, Splitter } from '@hawser/wire'
import { bigEndian, join, readBigEndian } from '../bytes.js'
import { Random } from '../random.js'
import { claim, type Outcome, type Target } from '../target.js'

const limits = [16, 64, 1_000, 20_000]
const shownBytes = 512
const headBytes = 2
// Where the sink says that bodies begin, at the most.
const mostHead = 31

/**
 * A stream of frames. Its first byte chooses the limit, the second how the stream is cut into chunks: whatever that is,
 * the same has to come out as when all comes at once.
 */
export const splitterTarget: Target = {
  name: 'splitter',
  seeds: [
    stream(0, 1, [0, 5, 12]),
    stream(1, 2, [60, 61, 0, 0]),
    stream(2, 3, [996, 997, 4_000]),
    stream(0, 4, [70_000]),
    stream(3, 5, [5_000, 4_200, 19_996]),
  ],
  tokens: [0, 1, 12, 13, 60, 61, 996, 997, 65_532, 65_533, 80_000, 2 ** 31, 2 ** 32 - 1].map((size) =>
    bigEndian(size, 4),
  ),
  // What comes out is kept as text, for the many frames that an input may be.
  allowance: 16 * 2 ** 20,
  generate: (random) =>
    stream(
      random.below(256),
      random.below(256),
      Array.from({ length: random.small(12) }, () => random.small(random.pick([20, 100, 5_000, 70_000]))),
    ),
  parts(input) {
    const parts = [input.subarray(0, headBytes)]
    for (let at = headBytes; at < input.length; ) {
      const end = Math.min(input.length, at + 4 + readBigEndian(input, at, 4))
      parts.push(input.subarray(at, end))
      at = end
    }
    return parts
  },
  run(input): Outcome {
    const limit = limits[(input[0] ?? 0) % limits.length]!
    const bytes = input.subarray(headBytes)
    const expected = eventsOf(bytes, limit)
    const found: string[] = []
    const sink = {
      frame: (bytes: Uint8Array, start: number, end: number) =>
        void found.push(`frame ${textOf(bytes.subarray(start, end))}`),
      oversize: (bytes: Uint8Array, start: number, end: number, size: number) =>
        void found.push(`oversize ${size} ${textOf(bytes.subarray(start, end))}`),
      tooLarge: (size: number) => void found.push(`too large ${size}`),
      bodyAt: bodyStart,
      frameApart(head: Uint8Array, body: Uint8Array) {
        claim(bodyStart(head, head.length) === head.length, `A body from ${head.length} on`)
        found.push(`frame ${textOf(head)}${textOf(body)}`)
        apart++
      },
    }
    let apart = 0
    const edges = edgesOf(bytes)
    let next = 0
    const splitter = new Splitter(lengthPrefixed, sink, limit)
    const random = new Random(input[1] ?? 0)
    // However long, it comes in some thousands of chunks at the most: time is for the splitter to take, not for the loop.
    const least = 1 + Math.floor(bytes.length / 4_000)
    for (let at = 0; at < bytes.length; ) {
      const count = found.length
      const stopped = random.chance(0.1)
      if (stopped) splitter.stop()
      // Now and then as senders cut it: heads by themselves, and bodies.
      while (edges[next]! < at + least) next++
      const edge = random.chance(0.5) ? edges[next] : undefined
      const end = edge ?? Math.min(bytes.length, at + least + random.small(random.pick([2, 20, 5_000])))
      splitter.push(bytes.subarray(at, end))
      claim(!stopped || found.length === count, 'Something was delivered after stop()')
      splitter.resume()
      at = end
      claim(splitter.partialBytes <= at, `${splitter.partialBytes} bytes of a frame, after ${at}`)
    }
    claim(found.join('\n') === expected.join('\n'), `${brief(found)} instead of ${brief(expected)}`)
    const kinds = new Set(expected.map((event) => event.split(' ')[0]!))
    const rest = splitter.unfinished ? 'unfinished' : 'all'
    return { result: 'value', labels: [[...kinds, ...(apart > 0 ? ['apart'] : []), rest].join(', ')] }
  },
}

/** Behind the length, and as many bytes more as the first one says. */
function bodyStart(bytes: Uint8Array, end: number): number | undefined {
  return end < 5 ? undefined : 5 + (bytes[4]! % (mostHead - 4))
}

/** Where heads and frames end, in order. */
function edgesOf(bytes: Uint8Array): number[] {
  const edges: number[] = []
  for (let at = 0; at + 5 <= bytes.length && edges.length < 200; ) {
    const end = at + 4 + readBigEndian(bytes, at, 4)
    const body = at + bodyStart(bytes.subarray(at), 5)!
    edges.push(...[Math.min(body, end), end].filter((edge) => edge <= bytes.length))
    at = end
  }
  return edges
}

/** What should come out, found the plain way. */
function eventsOf(bytes: Uint8Array, limit: number): string[] {
  const events: string[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = 4 + readBigEndian(bytes, at, 4)
    if (size > Math.max(4 * limit, 65_536)) return [...events, `too large ${size}`]
    const needed = size > limit ? Math.min(size, shownBytes) : size
    if (at + needed > bytes.length) break
    const shown = textOf(bytes.subarray(at, at + needed))
    events.push(size > limit ? `oversize ${size} ${shown}` : `frame ${shown}`)
    at += size
  }
  return events
}

/** A character for each byte: cheap to keep and to compare. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

function stream(limit: number, cuts: number, sizes: readonly number[]): Uint8Array {
  const frames = sizes.flatMap((size) => [bigEndian(size, 4), new Uint8Array(size).fill(size)])
  return join(Uint8Array.of(limit, cuts), ...frames)
}

function brief(events: readonly string[]): string {
  return events.map((event) => event.slice(0, 60)).join(' | ')
}

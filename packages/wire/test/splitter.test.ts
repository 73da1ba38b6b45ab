import { RpcError } from '@hawser/contract'
import fc from 'fast-check'
import t from 'tap'
import { type FrameSink, lengthPrefixed, Splitter } from '../src/splitter.js'
import { concat } from './support/pair.js'

/** Writes down what a splitter delivers. */
class Sink implements FrameSink {
  readonly events: string[] = []
  readonly #after: ((event: string) => void) | undefined
  constructor(after?: (event: string) => void) {
    this.#after = after
  }
  frame(bytes: Uint8Array, start: number, end: number): void {
    this.#add(`frame ${Buffer.from(bytes.subarray(start + 4, end)).toString('hex')}`)
  }
  oversize(bytes: Uint8Array, start: number, end: number, size: number): void {
    this.#add(`oversize ${Buffer.from(bytes.subarray(start, end)).toString('hex')} of ${size}`)
  }
  tooLarge(size: number): void {
    this.#add(`tooLarge ${size}`)
  }
  #add(event: string): void {
    this.events.push(event)
    this.#after?.(event)
  }
}

function frame(bodyBytes: number, fill = 1): Uint8Array {
  const bytes = new Uint8Array(4 + bodyBytes).fill(fill)
  new DataView(bytes.buffer).setUint32(0, bodyBytes)
  return bytes
}

/** Pushes a stream cut into pieces of the given sizes, the last ones over and over. */
function feed(splitter: Splitter, stream: Uint8Array, sizes: readonly number[]): void {
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const size = sizes[turn % sizes.length]!
    splitter.push(stream.subarray(at, at + size))
    at += size
  }
}

t.test('F2 any split of a stream gives the same frames', async (t) => {
  const limit = 600
  const bodies = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 500, max: 4_000 })), {
    minLength: 1,
    maxLength: 12,
  })
  const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2_000 })), {
    minLength: 1,
    maxLength: 20,
  })
  fc.assert(
    fc.property(bodies, cuts, (sizes, pieces) => {
      const stream = concat(sizes.map((size, index) => frame(size, index + 1)))
      const whole = new Sink()
      new Splitter(lengthPrefixed, whole, limit).push(stream)
      const cut = new Sink()
      const splitter = new Splitter(lengthPrefixed, cut, limit)
      feed(splitter, stream, pieces)
      if (cut.events.length !== sizes.length) throw new Error('a frame is missing')
      if (cut.events.join() !== whole.events.join()) throw new Error('the frames differ')
      if (splitter.unfinished || splitter.partialBytes !== 0) throw new Error('something is left')
    }),
    { numRuns: 500 },
  )
  t.pass()
})

t.test('a frame of the limit passes, one byte more is refused', async (t) => {
  for (const pieces of [[1], [1_000_000]]) {
    const sink = new Sink()
    const splitter = new Splitter(lengthPrefixed, sink, 100)
    feed(splitter, concat([frame(95), frame(96), frame(97), frame(0)]), pieces)
    t.match(
      sink.events.map((event) => event.split(' ')[0]),
      ['frame', 'frame', 'oversize', 'frame'],
      `pieces of ${pieces}`,
    )
    t.match(sink.events[2], / of 101$/)
  }
})

t.test('up to 4 times the limit, or 64 KiB, a frame is skipped; beyond, nothing more comes', async (t) => {
  for (const [limit, most] of [
    [100, 65_536],
    [100_000, 400_000],
  ] as const) {
    for (const pieces of [[1 << 20], [7_001]]) {
      const sink = new Sink()
      const splitter = new Splitter(lengthPrefixed, sink, limit)
      feed(splitter, concat([frame(most - 4), frame(2)]), pieces)
      t.match(
        sink.events.map((event) => event.split(' ')[0]),
        ['oversize', 'frame'],
        `${most} at the limit ${limit}`,
      )
      feed(splitter, concat([frame(most - 3), frame(2)]), pieces)
      splitter.push(frame(1))
      t.equal(sink.events.at(-1), `tooLarge ${most + 1}`)
      t.equal(sink.events.length, 3)
      t.equal(splitter.partialBytes, 0, 'and nothing is kept')
    }
  }
})

t.test('what is shown of a skipped frame is its first 512 bytes, or all of it', async (t) => {
  for (const pieces of [[1], [300], [100_000]]) {
    const sink = new Sink()
    const splitter = new Splitter(lengthPrefixed, sink, 100)
    feed(splitter, concat([frame(200, 7), frame(2_000, 9)]), pieces)
    const shown = sink.events.map((event) => event.split(' ')[1]!.length / 2)
    t.same(shown, [204, 512], `pieces of ${pieces}`)
  }
})

t.test('the size decides before a byte of the body has come', async (t) => {
  const sink = new Sink()
  const splitter = new Splitter(lengthPrefixed, sink, 100)
  splitter.push(Uint8Array.of(0xff, 0xff))
  splitter.push(Uint8Array.of(0xff, 0xff))
  t.same(sink.events, [`tooLarge ${4 + 2 ** 32 - 1}`])
})

t.test('a framing may refuse a size', async (t) => {
  const refusing = {
    prefixBytes: 1,
    size(bytes: Uint8Array, at: number) {
      if (bytes[at] === 0) throw new RpcError('invalid_argument', 'none', { reason: 'bad_frame' })
      return bytes[at]!
    },
  }
  const splitter = new Splitter(refusing, new Sink(), 100)
  t.throws(() => splitter.push(Uint8Array.of(2, 9, 0)), { code: 'invalid_argument', reason: 'bad_frame' })
})

t.test('frames inside a chunk are not copied; gathered ones are', async (t) => {
  const seen: Uint8Array[] = []
  const sink: FrameSink = {
    frame: (bytes) => void seen.push(bytes),
    oversize: () => {},
    tooLarge: () => {},
  }
  const splitter = new Splitter(lengthPrefixed, sink, 100)
  const chunk = concat([frame(3), frame(5), frame(9).subarray(0, 6)])
  splitter.push(chunk)
  splitter.push(frame(9).subarray(6))
  t.equal(seen[0], chunk)
  t.equal(seen[1], chunk)
  t.not(seen[2], chunk)
})

t.test('stop holds, resume delivers in order, from inside a frame too', async (t) => {
  const stream = concat([frame(1, 1), frame(2, 2), frame(300, 3), frame(1, 4), frame(1, 5)])
  for (const pieces of [[1], [5], [13, 1], [1_000]]) {
    const plain = new Sink()
    feed(new Splitter(lengthPrefixed, plain, 100), stream, pieces)
    const stopping = new Sink(() => splitter.stop())
    const splitter = new Splitter(lengthPrefixed, stopping, 100)
    feed(splitter, stream, pieces)
    t.equal(stopping.events.length, 1, 'stopped by the first')
    for (let count = 2; count <= 5; count++) {
      splitter.resume()
      t.equal(stopping.events.length, count)
    }
    t.same(stopping.events, plain.events, `pieces of ${pieces}`)
    t.equal(splitter.unfinished, false)
  }
})

t.test('after end nothing is delivered and nothing kept', async (t) => {
  for (const event of ['frame', 'oversize']) {
    const sink = new Sink((name) => {
      if (name.startsWith(event)) splitter.end()
    })
    const splitter = new Splitter(lengthPrefixed, sink, 100)
    splitter.push(concat([frame(event === 'frame' ? 5 : 500), frame(5), frame(5).subarray(0, 6)]))
    splitter.push(frame(5))
    splitter.resume()
    splitter.push(frame(5))
    t.equal(sink.events.length, 1)
    t.equal(splitter.partialBytes, 0)
  }
})

t.test('the progress of a skipped frame shows', async (t) => {
  const splitter = new Splitter(lengthPrefixed, new Sink(), 100)
  splitter.push(frame(3_000).subarray(0, 1_000))
  t.equal(splitter.partialBytes, 1_000)
  t.equal(splitter.unfinished, true)
  splitter.push(frame(3_000).subarray(1_000, 2_500))
  t.equal(splitter.partialBytes, 2_500)
  splitter.push(frame(3_000).subarray(2_500))
  t.equal(splitter.partialBytes, 0)
  t.equal(splitter.unfinished, false)
})

t.test('dribbled bytes cost time in proportion to their number', async (t) => {
  const dribble = (bytes: number): number => {
    const splitter = new Splitter(lengthPrefixed, new Sink(), 4 * 1024 * 1024)
    const stream = frame(bytes)
    const began = process.cpuUsage()
    for (let at = 0; at < stream.length; at++) splitter.push(stream.subarray(at, at + 1))
    const { user } = process.cpuUsage(began)
    return user / 1_000
  }
  dribble(100_000)
  const small = Math.min(dribble(100_000), dribble(100_000), dribble(100_000))
  const large = Math.min(dribble(400_000), dribble(400_000))
  // Four times the bytes; quadratic work would take 16 times as long.
  t.ok(large < small * 10, `${small.toFixed(1)} ms and ${large.toFixed(1)} ms`)
})

t.test('a declared length allocates nothing, and what is gathered at most twice what came', async (t) => {
  const beginning = new Uint8Array([0, 0x3f, 0xff, 0xfc, 1])
  const splitters = Array.from({ length: 1_000 }, () => {
    const splitter = new Splitter(lengthPrefixed, new Sink(), 4 * 1024 * 1024)
    splitter.push(beginning)
    return splitter
  })
  const before = process.memoryUsage().arrayBuffers
  for (const splitter of splitters) splitter.push(new Uint8Array(100))
  const grown = process.memoryUsage().arrayBuffers - before
  t.ok(grown < 4 * 1024 * 1_000, `${grown} bytes for 1,000 connections, not 4 GB`)
})

/** Tells where bodies begin: behind a length and eight bytes. */
class ApartSink extends Sink {
  bodyAt(_: Uint8Array, end: number): number | undefined {
    return end < 12 ? undefined : 12
  }
  frameApart(head: Uint8Array, body: Uint8Array): void {
    this.events.push(`apart ${head.length} ${body.length}`)
  }
}

t.test('a large body that comes by itself, whole, is not joined to its head', async (t) => {
  const chunks = (stream: Uint8Array, ...ends: number[]) =>
    [0, ...ends].map((at, index) => stream.subarray(at, ends[index] ?? stream.length))
  const stream = frame(8 + 5_000)
  const run = (pieces: readonly Uint8Array[], limit = 10_000): string[] => {
    const sink = new ApartSink()
    const splitter = new Splitter(lengthPrefixed, sink, limit)
    for (const piece of pieces) splitter.push(piece)
    t.equal(splitter.unfinished, false)
    return sink.events.map((event) => event.slice(0, 13))
  }
  t.same(run(chunks(stream, 12)), ['apart 12 5000'])
  t.same(run(chunks(stream, 3, 12)), ['apart 12 5000'], 'however the head came')
  t.same(run([concat([frame(1), stream.subarray(0, 12)]), stream.subarray(12)]), [
    'frame 01',
    'apart 12 5000',
  ])
  for (const ends of [[11], [13], [12, 4_000], [12, 5_011], [4]])
    t.match(run(chunks(stream, ...ends)), [/^frame 0101/], `cut at ${ends}`)
  t.match(run([stream.subarray(0, 12), concat([stream.subarray(12), frame(1)])]), [/^frame 0101/, 'frame 01'])
  t.match(run(chunks(frame(8 + 4_000), 12)), [/^frame 0101/], 'a small one is')
  t.match(run(chunks(stream, 12), 5_000), [/^oversize/], 'one over the limit is refused')
})

t.test(
  'what was held while stopped is not joined either, and neither is lost when stopped or ended in between',
  async (t) => {
    const stream = frame(8 + 5_000)
    const sink = new ApartSink()
    const splitter = new Splitter(lengthPrefixed, sink, 10_000)
    splitter.push(stream.subarray(0, 12))
    splitter.stop()
    splitter.push(stream.subarray(12))
    t.same(sink.events, [])
    t.equal(splitter.partialBytes, 12)
    splitter.resume()
    t.same(sink.events, ['apart 12 5000'])
    t.equal(splitter.unfinished, false)

    class Stopping extends ApartSink {
      override frameApart(head: Uint8Array, body: Uint8Array): void {
        super.frameApart(head, body)
        other.stop()
      }
    }
    const stopping = new Stopping()
    const other = new Splitter(lengthPrefixed, stopping, 10_000)
    for (const piece of [stream.subarray(0, 12), stream.subarray(12), frame(1)]) other.push(piece)
    t.same(stopping.events, ['apart 12 5000'], 'what comes next is held')
    other.resume()
    t.equal(stopping.events.length, 2)
    other.push(stream.subarray(0, 12))
    other.end()
    other.push(stream.subarray(12))
    t.equal(stopping.events.length, 2)
    t.equal(other.partialBytes, 0)
  },
)

t.test('the size from which bodies are not joined, and the limit, each to the byte', async (t) => {
  const run = (size: number, limit: number): string => {
    const sink = new ApartSink()
    const splitter = new Splitter(lengthPrefixed, sink, limit)
    const stream = frame(8 + size)
    splitter.push(stream.subarray(0, 12))
    splitter.push(stream.subarray(12))
    return sink.events.join().split(' ')[0]!
  }
  t.same(
    [4_095, 4_096, 4_097].map((size) => run(size, 10_000)),
    ['frame', 'apart', 'apart'],
  )
  t.same(
    [-1, 0, 1].map((off) => run(5_000, 5_012 + off)),
    ['oversize', 'apart', 'apart'],
  )
})

t.test('a sink that takes no bodies by themselves gets whole frames, whatever else it tells', async (t) => {
  const sink = Object.assign(new Sink(), { bodyAt: () => 12 })
  const splitter = new Splitter(lengthPrefixed, sink, 10_000)
  const stream = frame(8 + 5_000)
  splitter.push(stream.subarray(0, 12))
  splitter.push(stream.subarray(12))
  t.match(sink.events, [/^frame 0101/])
})

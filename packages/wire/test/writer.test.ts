import type { Connection } from '@hawser/contract'
import t from 'tap'
import { Flusher, FrameWriter } from '../src/writer.js'
import { world } from './support/world.js'

t.test('many writers that hold frames at a time send what each was given', async (t) => {
  const { clock } = world()
  const flusher = new Flusher(clock)
  const written = Array.from({ length: 40 }, (_, n) => {
    const sent: number[] = []
    const connection = { queued: 0, send: (bytes: Uint8Array) => sent.push(...bytes) > 0 }
    const writer = new FrameWriter(connection as unknown as Connection, flusher, { unblocked() {} })
    return { n, sent, writer, expected: [] as number[] }
  })
  const frame = (
    { writer, expected }: (typeof written)[number],
    head: number,
    body: number,
    fill: number,
  ) => {
    const at = writer.head(head)
    writer.bytes.fill(fill, at, at + head)
    writer.body(new Uint8Array(body).fill(fill + 1))
    expected.push(...new Array(head).fill(fill), ...new Array(body).fill(fill + 1))
  }
  for (const each of written) {
    frame(each, 12, 100, each.n)
    frame(each, 12, 1_000 * each.n, each.n + 50)
    frame(each, 3_000, 10, each.n + 100)
    frame(each, 12, 16_384, each.n + 150)
  }
  for (const { writer } of written) writer.flush()
  for (const { sent, expected } of written) t.same(Buffer.from(sent), Buffer.from(expected))
})

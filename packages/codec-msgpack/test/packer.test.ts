import { Packr } from 'msgpackr'
import t from 'tap'
import { Packer } from '../src/packer.js'

const packer = new Packer(64, 100_000)

t.test('headroom beyond what msgpackr reserves costs a copy, and holds nothing', async (t) => {
  const plain = Buffer.from(packer.pack({ a: 1 }, 0))
  // Something to be left over.
  packer.pack({ a: 'x'.repeat(3000) }, 0)
  for (const headroom of [1, 254, 255, 256, 257, 2048, 70_000]) {
    const bytes = packer.pack({ a: 1 }, headroom)
    t.equal(bytes.length, headroom + plain.length)
    t.ok(bytes.subarray(0, headroom).every((byte) => byte === 0))
    t.equal(Buffer.compare(bytes.subarray(headroom), plain), 0)
  }
})

t.test('a small message never keeps the memory of a large one alive', async (t) => {
  for (const length of [1000, 5000, 10_000, 100_000, 5_000_000]) {
    const large = packer.pack({ a: 'x'.repeat(length) }, 7)
    t.ok(
      large.length > 64 * 1024
        ? large.buffer.byteLength === large.length
        : large.buffer.byteLength <= 64 * 1024,
    )
    for (let i = 0; i < 3; i++) t.ok(packer.pack({ a: 1 }, 7).buffer.byteLength <= 64 * 1024)
  }
})

t.test('a large message out of the extension of another leaves that one whole', async (t) => {
  class Wrapped {}
  const other = new Packr({ useRecords: false })
  const { addExtension } = await import('msgpackr')
  let large: Uint8Array = new Uint8Array(0)
  addExtension({
    Class: Wrapped,
    type: 9,
    write: () => {
      large = packer.pack({ a: 'y'.repeat(200_000) }, 0)
      return 'inner'
    },
  })
  const bytes = other.pack(['x'.repeat(500), new Wrapped(), 'z'.repeat(500)])
  const text = bytes.toString('latin1')
  t.match(text, /x{500}.*inner.*z{500}/s)
  t.equal(large.length, 200_000 + 8)
  t.equal(
    Buffer.from(large.subarray(-200_000)).every((byte) => byte === 0x79),
    true,
  )
})

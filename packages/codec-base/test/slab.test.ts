import t from 'tap'
import { Slab } from '../src/index.js'

function write(slab: Slab, byte: number, length: number, headroom = 0, room = length): Uint8Array {
  slab.open(headroom, room)
  slab.bytes.fill(byte, slab.at, slab.at + length)
  slab.at += length
  return slab.close()
}

t.test('what was handed out is left alone', async (t) => {
  const slab = new Slab()
  const made = Array.from({ length: 500 }, (_, i) => ({
    byte: i & 255,
    bytes: write(slab, i & 255, i % 50 === 0 ? 100_000 : i * 7, i % 3),
  }))
  for (const [i, { byte, bytes }] of made.entries()) {
    t.equal(bytes.length, (i % 50 === 0 ? 100_000 : i * 7) + (i % 3))
    if (!bytes.subarray(i % 3).every((each) => each === byte)) t.fail(`message ${i}`)
  }
})

t.test('headroom is zero, also where a message was given up', async (t) => {
  const slab = new Slab()
  slab.open(0, 1000)
  slab.bytes.fill(0xff, slab.at, slab.at + 1000)
  for (const headroom of [1, 32, 33, 500]) {
    const bytes = write(slab, 1, 1, headroom)
    t.ok(bytes.subarray(0, headroom).every((byte) => byte === 0))
    slab.open(0, 1000)
    slab.bytes.fill(0xff, slab.at, slab.at + 1000)
  }
})

t.test('more room keeps what is written', async (t) => {
  const slab = new Slab()
  slab.open(2, 1)
  for (let i = 0; i < 200_000; i++) {
    slab.room(1)
    slab.bytes[slab.at++] = i & 255
  }
  const bytes = slab.close()
  t.equal(bytes.length, 200_002)
  t.ok(bytes.subarray(2).every((byte, i) => byte === (i & 255)))
})

t.test('a small message never keeps the memory of a large one alive', async (t) => {
  const slab = new Slab()
  t.equal(write(slab, 1, 10).buffer.byteLength, 65_536)
  t.equal(write(slab, 1, 1_000_000).buffer.byteLength, 1_000_000)
  t.equal(write(slab, 1, 10).buffer.byteLength, 65_536)
})

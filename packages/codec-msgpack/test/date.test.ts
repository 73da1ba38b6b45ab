import t from 'tap'
import { bytesDate, dateBytes } from '../src/date.js'

t.test('every millisecond that a Date can hold is exact, in the shortest form', async (t) => {
  const second = 1000
  for (const [time, size] of [
    [0, 4],
    [(2 ** 32 - 1) * second, 4],
    [1, 8],
    [2 ** 32 * second, 8],
    [2 ** 34 * second - 1, 8],
    [2 ** 34 * second, 13],
    [-1, 13],
    [-1000, 13],
    [8.64e15, 13],
    [-8.64e15, 13],
    [8.64e15 - 1, 13],
  ] as const) {
    const bytes = dateBytes(time)
    t.equal(bytes.length, size)
    t.equal(bytesDate(bytes).getTime(), time)
  }
})

t.test('less than a millisecond is cut off, towards the past', async (t) => {
  const seconds = (nanoseconds: number, high: number, low: number) => {
    const view = new DataView(new ArrayBuffer(12))
    view.setUint32(0, nanoseconds)
    view.setInt32(4, high)
    view.setUint32(8, low)
    return bytesDate(new Uint8Array(view.buffer)).getTime()
  }
  // Added up as a double, these would be the next second.
  t.equal(seconds(999_999_999, 0, 1_700_000_000), 1_700_000_000_999)
  t.equal(seconds(999_999_999, -1, 2 ** 32 - 1), -1)
  t.equal(seconds(1, -1, 2 ** 32 - 1), -1000)
})

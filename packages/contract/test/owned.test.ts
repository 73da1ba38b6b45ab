import t from 'tap'
import { owned } from '../src/index.js'

t.test(
  'AM-39 bytes that are a part of more get memory of their own, others are what they were',
  async (t) => {
    const whole = new Uint8Array([1, 2, 3, 4])
    t.equal(owned(whole), whole)
    const part = whole.subarray(1, 3)
    const copy = owned(part)
    t.same([...copy], [2, 3])
    t.equal(copy.buffer.byteLength, 2)
    whole.fill(0)
    t.same([...copy], [2, 3], 'what becomes of the whole does not matter to it')
  },
)

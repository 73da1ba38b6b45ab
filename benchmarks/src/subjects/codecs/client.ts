import { type Tasks, timesASecond } from '../../solo.js'
import type { ConnectOptions } from '../../subject.js'
import { layouts } from './layouts.js'
import { order, orders } from './order.js'

const various = 2_000

export async function connect(_address: string, { variant }: ConnectOptions): Promise<Tasks> {
  const layout = layouts[variant]!()([order, ...orders(various)])
  // Bytes as they come from a socket: npm thrift needs Buffers.
  const received = Array.from({ length: 1 + various }, (_, index) => Buffer.from(layout.encode(index)))
  const [first] = received
  let at = 0
  const next = () => {
    at = at === various ? 1 : at + 1
    return at
  }
  const encode = (index: number) => {
    if (layout.encode(index).length !== received[index]!.length) throw new Error('the length differs')
  }
  const decode = (bytes: Uint8Array) => {
    if (!layout.decode(bytes)) throw new Error('there is no value')
  }
  return {
    encode: (milliseconds) => timesASecond(milliseconds, () => encode(0)),
    decode: (milliseconds) => timesASecond(milliseconds, () => decode(first!)),
    'encode various': (milliseconds) => timesASecond(milliseconds, () => encode(next())),
    'decode various': (milliseconds) => timesASecond(milliseconds, () => decode(received[next()]!)),
  }
}

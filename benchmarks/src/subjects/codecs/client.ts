import { type Tasks, timesASecond } from '../../solo.js'
import type { ConnectOptions } from '../../subject.js'
import { layouts } from './layouts.js'

export async function connect(_address: string, { variant }: ConnectOptions): Promise<Tasks> {
  const layout = await layouts[variant]!()
  const bytes = Uint8Array.from(layout.encode())
  const { length } = bytes
  // Bytes as they come from a socket: npm thrift needs a Buffer.
  const received = Buffer.from(bytes)
  return {
    encode: (milliseconds) =>
      timesASecond(milliseconds, () => {
        if (layout.encode().length !== length) throw new Error('the length differs')
      }),
    decode: (milliseconds) =>
      timesASecond(milliseconds, () => {
        if (!layout.decode(received)) throw new Error('there is no value')
      }),
    both: (milliseconds) => timesASecond(milliseconds, () => void layout.decode(layout.encode())),
  }
}

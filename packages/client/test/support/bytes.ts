import { bytes, clientStream, duplex, oneway, serverStream, service, unary } from '@hawser/schema'
import type { ServiceHandlers } from '@hawser/server'

/** Plain bytes in calls of every kind: what each codec carries, raw bytes included. */
export const Bytes = service('test.Bytes', {
  unary: unary(bytes, bytes),
  oneway: oneway(bytes),
  clientStream: clientStream(bytes, bytes),
  serverStream: serverStream(bytes, bytes),
  duplex: duplex(bytes, bytes),
})

/** One byte, all values of one, and more than are gathered with others. */
export const pieces: readonly Uint8Array[] = [
  Uint8Array.of(0),
  Uint8Array.from({ length: 256 }, (_, value) => value),
  new Uint8Array(20_000).fill(7),
]

/** Echoes; `told` gets what is told one way. */
export function bytesHandlers(told: Uint8Array[]): ServiceHandlers<typeof Bytes.methods> {
  return {
    unary: (input) => input,
    oneway: (input) => void told.push(input),
    async clientStream(inputs) {
      const all: number[] = []
      for await (const input of inputs) for (const byte of input) all.push(byte)
      return Uint8Array.from(all)
    },
    *serverStream(input) {
      yield input
      yield input
    },
    async *duplex(inputs) {
      yield* inputs
    },
  }
}

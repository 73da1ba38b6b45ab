/** Eight bytes seen as numbers, by way of which all numbers become bytes and back. */
export const octets: Uint8Array = new Uint8Array(8)
export const floats: Float32Array = new Float32Array(octets.buffer)
export const doubles: Float64Array = new Float64Array(octets.buffer)
export const words: Uint32Array = new Uint32Array(octets.buffer)
export const longs: BigInt64Array = new BigInt64Array(octets.buffer)
export const ulongs: BigUint64Array = new BigUint64Array(octets.buffer)

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** Which of the words is the lower half of 64 bits, and which the upper. */
export const low: number = littleEndian ? 0 : 1
export const high: number = littleEndian ? 1 : 0

/** Protobuf is little-endian: its byte `i` is `octets[i ^ octetsFlip]`. */
export const octetsFlip: number = littleEndian ? 0 : 7

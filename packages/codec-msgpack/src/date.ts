const fullTimestamp = 13

/** The contents of a timestamp: 4 or 8 bytes; or 12, behind the number of the extension. */
export function dateBytes(time: number): Uint8Array {
  const seconds = Math.floor(time / 1000)
  const nanoseconds = (time - seconds * 1000) * 1_000_000
  const high = Math.floor(seconds / 0x1_0000_0000)
  const short = high === 0 && nanoseconds === 0
  const bytes = new Uint8Array(short ? 4 : high >= 0 && high < 4 ? 8 : fullTimestamp)
  const view = new DataView(bytes.buffer)
  view.setUint32(bytes.length - 4, seconds)
  if (bytes.length === 8) view.setUint32(0, nanoseconds * 4 + high)
  if (bytes.length < fullTimestamp) return bytes
  bytes[0] = 0xff
  view.setUint32(1, nanoseconds)
  view.setInt32(5, high)
  return bytes
}

/** The Date of a timestamp's contents, with or without the number of the extension. Less than a millisecond is cut off. */
export function bytesDate(bytes: Uint8Array): Date {
  const view = contentsOf(bytes)
  const { byteLength } = view
  const low = view.getUint32(byteLength - 4)
  if (byteLength === 4) return new Date(low * 1000)
  const high = byteLength === 8 ? view.getUint8(3) & 3 : view.getInt32(4)
  return new Date((high * 0x1_0000_0000 + low) * 1000 + Math.floor(nanosecondsIn(view) / 1_000_000))
}

/** The part of a second that a timestamp's contents name, with or without the number of the extension. */
export function nanosecondsOf(bytes: Uint8Array): number {
  return nanosecondsIn(contentsOf(bytes))
}

function nanosecondsIn(view: DataView): number {
  if (view.byteLength === 4) return 0
  const first = view.getUint32(0)
  return view.byteLength === 8 ? first >>> 2 : first
}

function contentsOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  const start = length % 4
  return new DataView(buffer, byteOffset + start, length - start)
}

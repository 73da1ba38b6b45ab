import { type CallKind, RpcError } from '@hawser/contract'

/** What every connection begins with, from both sides: no other protocol starts with these bytes. */
export const preface: Uint8Array = Uint8Array.of(0xf8, 0x68, 0x61, 0x77, 0x73, 0x65, 0x72, 0x0a)

/** The protocol's name and version. */
export const nativeName = 'hawser/1'

/** Frame kinds. From 128 up, an unknown kind ends the connection; below, it is skipped. */
export const Kind = {
  hello: 1,
  request: 2,
  reply: 3,
  error: 4,
  item: 5,
  end: 6,
  credit: 7,
  cancel: 8,
  notify: 9,
  ping: 10,
  pong: 11,
  goaway: 12,
} as const

/** The first unknown kind that may not be skipped. */
export const criticalKinds = 128

/** Flags. Which of them a kind may carry is in {@link allowedFlags}. */
export const Flag = {
  /** A method name follows. */
  name: 1,
  /** A header block follows. */
  headers: 2,
  /** The call only asks whether the method exists. */
  probe: 4,
  /** Items follow this reply, in frames of their own. */
  stream: 8,
} as const

/** The flags each known kind may carry, by its number; undefined for the kinds that are not known. */
export const allowedFlags: readonly (number | undefined)[] = /* @__PURE__ */ flagsOfKinds()

function flagsOfKinds(): (number | undefined)[] {
  const flags: (number | undefined)[] = []
  for (const kind of Object.values(Kind)) flags[kind] = 0
  flags[Kind.request] = Flag.name | Flag.headers | Flag.probe
  flags[Kind.reply] = Flag.headers | Flag.stream
  return flags
}

/** Bytes of the length field itself. */
export const prefixBytes = 4
/** Bytes of the part every frame begins with, its length field included. */
export const frameHeadBytes = 12
/** Bytes of a request before its name, headers and body. */
export const requestHeadBytes = 18
/** The method index of a name that is not interned. */
export const notInterned = 0xffff
/** The time field of a call without a deadline. */
export const noTimeout = 0xffff_ffff
/** What a side may send on a stream before it is granted more. */
export const initialCredit = 65_536
/** What an item costs besides its bytes, so that empty items are not free. */
export const itemOverhead = 16
/** Calls an opener may have under way before the acceptor's hello has come. */
export const earlyCalls = 64
/** The largest frame of such a call. Every acceptor skips at least as much, however little it takes. */
export const earlyBytes = 65_536
/** Text in a goaway, at most. */
export const goawayTextBytes = 64

/** Call kinds by their number on the wire. */
export const callKinds: readonly CallKind[] = ['unary', 'client-stream', 'server-stream', 'duplex', 'oneway']

/** Does the caller send items? */
export function streamsIn(kind: CallKind): boolean {
  return kind === 'client-stream' || kind === 'duplex'
}

/** Does the handler send items? */
export function streamsOut(kind: CallKind): boolean {
  return kind === 'server-stream' || kind === 'duplex'
}

export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

export function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** Writes the part every frame begins with. */
export function writeFrameHead(
  bytes: Uint8Array,
  at: number,
  frameBytes: number,
  kind: number,
  flags: number,
  codec: number,
  detail: number,
  id: number,
): void {
  writeU32(bytes, at, frameBytes - prefixBytes)
  bytes[at + 4] = kind
  bytes[at + 5] = flags
  bytes[at + 6] = codec
  bytes[at + 7] = detail
  writeU32(bytes, at + 8, id)
}

/**
 * Where the body begins of a frame of which the bytes up to `end` are there: behind its name and headers, and past `end` where these
 * are not whole. Undefined for frames that are too short to tell, and for kinds whose bodies are never large.
 */
export function bodyStart(bytes: Uint8Array, end: number): number | undefined {
  if (end < frameHeadBytes) return undefined
  const flags = bytes[5]!
  let at = frameHeadBytes
  switch (bytes[4]) {
    case Kind.request:
      at = requestHeadBytes
      if (flags & Flag.name) at += at + 2 <= end ? 2 + readU16(bytes, at) : Infinity
      break
    case Kind.reply:
    case Kind.item:
      break
    default:
      return undefined
  }
  if (flags & Flag.headers) at += at + 2 <= end ? 2 + readU16(bytes, at) : Infinity
  return at
}

/** The fault of a peer that breaks the framing rules. It ends the connection. */
export function badFrame(message: string): RpcError {
  return new RpcError('invalid_argument', message, { reason: 'bad_frame', executed: 'no' })
}

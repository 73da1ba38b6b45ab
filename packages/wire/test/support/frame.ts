/**
 * The frames of hawser/1 written down a second time, from docs/protocol.md and without any of the code under test, so
 * that the two can check each other.
 */
import { concat } from './pair.js'

export const preface: Uint8Array = hexBytes('f86861777365720a')

const kinds = [
  'none',
  'hello',
  'request',
  'reply',
  'error',
  'item',
  'end',
  'credit',
  'cancel',
  'notify',
  'ping',
  'pong',
  'goaway',
] as const
export type KindName = Exclude<(typeof kinds)[number], 'none'>

/** Every field of a frame that a test may want to choose; bodies are hex. */
export interface Frame {
  readonly kind: KindName | number
  readonly flags?: number | undefined
  readonly codec?: number | undefined
  readonly detail?: number | undefined
  readonly id?: number | undefined
  readonly version?: number | undefined
  readonly options?: readonly { readonly id: number; readonly value: string }[] | undefined
  readonly index?: number | undefined
  readonly timeoutMs?: number | undefined
  readonly name?: string | undefined
  readonly headers?: readonly (readonly [string, string])[] | undefined
  readonly granted?: number | undefined
  readonly code?: number | undefined
  readonly reason?: number | undefined
  readonly facts?: number | undefined
  readonly message?: string | undefined
  readonly retryAfterMs?: number | undefined
  readonly body?: string | undefined
}

export function hexBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
}
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}
export function hexText(text: string): string {
  return hexOf(new TextEncoder().encode(text))
}
export function textOfHex(hex: string): string {
  return new TextDecoder().decode(hexBytes(hex))
}

function u(size: 1 | 2 | 4, value: number): Uint8Array {
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  if (size === 1) view.setUint8(0, value)
  else if (size === 2) view.setUint16(0, value)
  else view.setUint32(0, value)
  return bytes
}
function text16(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  return concat([u(2, bytes.length), bytes])
}

export function headerBlock(headers: readonly (readonly [string, string])[]): Uint8Array {
  return concat(headers.flatMap(([key, value]) => [text16(key), text16(value)]))
}

/** The bytes of a frame. */
export function encode(frame: Frame): Uint8Array {
  const kind = typeof frame.kind === 'number' ? frame.kind : kinds.indexOf(frame.kind)
  const body = concat(bodyOf(frame))
  return concat([
    u(4, body.length + 8),
    u(1, kind),
    u(1, frame.flags ?? 0),
    u(1, frame.codec ?? 0),
    u(1, frame.detail ?? 0),
    u(4, frame.id ?? 0),
    body,
  ])
}

function bodyOf(frame: Frame): Uint8Array[] {
  const rest = hexBytes(frame.body ?? '')
  const flags = frame.flags ?? 0
  const blocks: Uint8Array[] = []
  switch (frame.kind) {
    case 'hello': {
      const options = frame.options ?? []
      const parts = options.map(({ id, value }) =>
        concat([u(1, id), u(2, value.length / 2), hexBytes(value)]),
      )
      return [u(1, frame.version ?? 1), u(1, options.length), ...parts, rest]
    }
    case 'request':
      blocks.push(u(2, frame.index ?? 0xffff), u(4, frame.timeoutMs ?? 0xffffffff))
      if (flags & 1) blocks.push(text16(frame.name ?? ''))
      break
    case 'error':
      return [
        u(1, frame.code ?? 0),
        u(1, frame.reason ?? 0),
        u(1, frame.facts ?? 0),
        text16(frame.message ?? ''),
        ...((frame.facts ?? 0) & 16 ? [u(4, frame.retryAfterMs ?? 0)] : []),
        rest,
      ]
    case 'credit':
      return [u(4, frame.granted ?? 0), rest]
    case 'notify':
      return [text16(frame.name ?? ''), rest]
    case 'goaway':
      return [new TextEncoder().encode(frame.message ?? ''), rest]
  }
  if (flags & 2) {
    const block = headerBlock(frame.headers ?? [])
    blocks.push(u(2, block.length), block)
  }
  return [...blocks, rest]
}

/** The frames of a whole stream of bytes, without its preface. */
export function decodeAll(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)
    frames.push(decode(bytes.subarray(at, at + size)))
    at += size
  }
  return frames
}

/** The fields of one frame. */
export function decode(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const number = bytes[4]!
  const kind = (kinds[number] as KindName | undefined) ?? number
  const head = { kind, flags: bytes[5]!, codec: bytes[6]!, detail: bytes[7]!, id: view.getUint32(8) }
  let at = 12
  const byte = () => bytes[at++]!
  const short = () => {
    at += 2
    return view.getUint16(at - 2)
  }
  const text = (size: number) => {
    at += size
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(at - size, at))
  }
  const rest = () => hexOf(bytes.subarray(at))
  const headers = () => {
    if (!(head.flags & 2)) return {}
    const end = short() + at
    const pairs: [string, string][] = []
    while (at < end) pairs.push([text(short()), text(short())])
    return { headers: pairs }
  }
  switch (kind) {
    case 'hello': {
      const version = byte()
      const options = Array.from({ length: byte() }, () => {
        const id = byte()
        const size = short()
        at += size
        return { id, value: hexOf(bytes.subarray(at - size, at)) }
      })
      return { ...head, version, options }
    }
    case 'request': {
      const index = short()
      at += 4
      const timeoutMs = view.getUint32(at - 4)
      const name = head.flags & 1 ? { name: text(short()) } : {}
      return { ...head, index, timeoutMs, ...name, ...headers(), body: rest() }
    }
    case 'error': {
      const fields = { code: byte(), reason: byte(), facts: byte() }
      const message = text(short())
      if (!(fields.facts & 16)) return { ...head, ...fields, message, body: rest() }
      at += 4
      return { ...head, ...fields, message, retryAfterMs: view.getUint32(at - 4), body: rest() }
    }
    case 'credit':
      return { ...head, granted: view.getUint32(at) }
    case 'notify':
      return { ...head, name: text(short()), body: rest() }
    case 'goaway':
      return { ...head, message: text(bytes.length - at) }
    case 'reply':
      return { ...head, ...headers(), body: rest() }
    default:
      return { ...head, body: rest() }
  }
}

export interface HelloLimits {
  readonly receiveBytes?: number
  readonly inFlight?: number
  readonly cancelBurst?: number
  readonly cancelRate?: number
  readonly internedMethods?: number
}

export function limitsOption(limits: HelloLimits = {}): string {
  const { receiveBytes = 4 * 1024 * 1024, inFlight = 1024 } = limits
  const { cancelBurst = 200, cancelRate = 33, internedMethods = 1024 } = limits
  return hexOf(
    concat([u(4, receiveBytes), u(2, inFlight), u(2, cancelBurst), u(2, cancelRate), u(2, internedMethods)]),
  )
}

export function openerHello(
  codecs: readonly string[] = ['raw'],
  limits: HelloLimits = {},
  credential?: string,
): Frame {
  const names = codecs.map((name) => u(1, name.length)).map((size, at) => hexOf(size) + hexText(codecs[at]!))
  const options = [
    { id: 1, value: names.join('') },
    { id: 2, value: limitsOption(limits) },
  ]
  if (credential !== undefined) options.push({ id: 3, value: credential })
  return { kind: 'hello', version: 1, options }
}

export function acceptorHello(accepted: readonly number[] = [0], limits: HelloLimits = {}): Frame {
  const options = [
    { id: 1, value: hexOf(Uint8Array.from(accepted)) },
    { id: 2, value: limitsOption(limits) },
  ]
  return { kind: 'hello', version: 1, options }
}

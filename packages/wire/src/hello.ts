import type { Limits } from '@hawser/contract'
import {
  badFrame,
  earlyBytes,
  earlyCalls,
  frameHeadBytes,
  Kind,
  preface,
  readU16,
  readU32,
  writeFrameHead,
  writeU16,
  writeU32,
} from './frames.js'
import { textOf, utf8 } from './text.js'

/** The version of the protocol spoken here. */
export const protocolVersion = 1

const Option = { codecs: 1, limits: 2, credential: 3 } as const
const limitsBytes = 12
const namePattern = /^[a-z0-9.+-]{1,32}$/

/** What a side promises to take, as its hello says. */
export interface Announced {
  /** One message, in bytes. */
  readonly receiveBytes: number
  /** Calls under way. */
  readonly inFlight: number
  readonly cancelBurst: number
  readonly cancelRate: number
  /** Method names it will remember. */
  readonly internedMethods: number
}

/** A hello as it was read. */
export interface Hello {
  readonly version: number
  /** From the opener: its codecs by name, the preferred first. From the acceptor: empty. */
  readonly names: readonly string[]
  /** From the acceptor: the opener's codecs that it takes, by index, in any order. From the opener: empty. */
  readonly accepted: readonly number[]
  readonly announced: Announced
  readonly credential: Uint8Array | undefined
}

/**
 * What a side goes by until the other's hello has come: what every acceptor can bear from its opener. An acceptor does
 * not know yet in which codecs it may speak, so it has to wait.
 */
export function assumed(role: 'opener' | 'acceptor'): Announced {
  return {
    receiveBytes: earlyBytes,
    inFlight: role === 'opener' ? earlyCalls : 0,
    cancelBurst: 0,
    cancelRate: 0,
    internedMethods: 0,
  }
}

/** The preface and the hello frame of an opener. */
export function openerHello(
  names: readonly string[],
  limits: Limits,
  credential: Uint8Array | undefined,
): Uint8Array {
  const parts = names.map((name) => {
    if (!namePattern.test(name)) throw new TypeError(`${JSON.stringify(name)} cannot be the name of a codec`)
    return utf8(name)
  })
  if (parts.length === 0 || parts.length > 16) throw new TypeError('A stack takes from 1 to 16 codecs')
  const list = new Uint8Array(parts.reduce((size, part) => size + 1 + part.length, 0))
  let at = 0
  for (const part of parts) {
    list[at] = part.length
    list.set(part, at + 1)
    at += 1 + part.length
  }
  return layOut(list, limits, credential)
}

/** The preface and the hello frame of an acceptor. */
export function acceptorHello(accepted: readonly number[], limits: Limits): Uint8Array {
  return layOut(Uint8Array.from(accepted), limits, undefined)
}

function layOut(codecs: Uint8Array, limits: Limits, credential: Uint8Array | undefined): Uint8Array {
  const options: [number, Uint8Array][] = [
    [Option.codecs, codecs],
    [Option.limits, announce(limits)],
  ]
  if (credential) options.push([Option.credential, credential])
  const bodyBytes = options.reduce((size, [, value]) => size + 3 + value.length, 2)
  const frameBytes = frameHeadBytes + bodyBytes
  if (frameBytes > limits.helloBytes)
    throw new TypeError(
      `A hello of ${frameBytes} bytes is over the limit of ${limits.helloBytes}: is the credential too long?`,
    )
  const bytes = new Uint8Array(preface.length + frameBytes)
  bytes.set(preface)
  writeFrameHead(bytes, preface.length, frameBytes, Kind.hello, 0, 0, 0, 0)
  let at = preface.length + frameHeadBytes
  bytes[at++] = protocolVersion
  bytes[at++] = options.length
  for (const [id, value] of options) {
    bytes[at] = id
    writeU16(bytes, at + 1, value.length)
    bytes.set(value, at + 3)
    at += 3 + value.length
  }
  return bytes
}

function announce(limits: Limits): Uint8Array {
  const bytes = new Uint8Array(limitsBytes)
  writeU32(bytes, 0, limits.receiveBytes)
  writeU16(bytes, 4, Math.min(limits.inFlight, 0xffff))
  writeU16(bytes, 6, Math.min(limits.cancelBurst, 0xffff))
  writeU16(bytes, 8, Math.min(limits.cancelRate, 0xffff))
  writeU16(bytes, 10, Math.min(limits.internedMethods, 0xffff))
  return bytes
}

/**
 * Reads the body of a hello.
 * @param from which side sent it
 * @throws RpcError `bad_frame`
 */
export function readHello(body: Uint8Array, from: 'opener' | 'acceptor', limits: Limits): Hello {
  if (body.length < 2) throw badFrame('A hello without version and options')
  const version = body[0]!
  const count = body[1]!
  if (version < 1) throw badFrame('A hello of version 0')
  // The acceptor answers with the lower of the two versions.
  if (from === 'acceptor' && version > protocolVersion)
    throw badFrame(`A hello of version ${version}, which was not offered`)
  if (count > limits.helloOptions) throw badFrame(`A hello with ${count} options`)
  const options = new Map<number, Uint8Array>()
  let at = 2
  for (let option = 0; option < count; option++) {
    const end = at + 3 <= body.length ? at + 3 + readU16(body, at + 1) : Infinity
    if (end > body.length) throw badFrame('A hello option runs past the end of the frame')
    if (options.has(body[at]!)) throw badFrame(`The hello option ${body[at]} comes twice`)
    options.set(body[at]!, body.subarray(at + 3, end))
    at = end
  }
  if (at !== body.length) throw badFrame('Bytes behind the last option of a hello')
  const codecs = options.get(Option.codecs)
  const announced = options.get(Option.limits)
  if (!codecs || !announced) throw badFrame('A hello without codecs or limits')
  return {
    version,
    names: from === 'opener' ? readNames(codecs) : [],
    accepted: from === 'acceptor' ? readIndices(codecs) : [],
    announced: readAnnounced(announced),
    credential: options.get(Option.credential),
  }
}

function readNames(list: Uint8Array): string[] {
  const names: string[] = []
  for (let at = 0; at < list.length; ) {
    const end = at + 1 + list[at]!
    const name = end <= list.length ? textOf(list.subarray(at + 1, end)) : undefined
    if (name === undefined || !namePattern.test(name)) throw badFrame('A hello with a malformed codec name')
    if (names.includes(name)) throw badFrame('A hello that names a codec twice')
    names.push(name)
    at = end
  }
  if (names.length === 0 || names.length > 16) throw badFrame(`A hello with ${names.length} codecs`)
  return names
}

function readIndices(list: Uint8Array): number[] {
  const indices = [...list]
  // An acceptor that takes none of them has to say so instead.
  if (
    indices.length < 1 ||
    indices.length > 16 ||
    new Set(indices).size !== indices.length ||
    indices.some((index) => index > 15)
  )
    throw badFrame('A hello with malformed codec indices')
  return indices
}

function readAnnounced(bytes: Uint8Array): Announced {
  if (bytes.length < limitsBytes) throw badFrame('A hello with too few limits')
  const announced = {
    receiveBytes: readU32(bytes, 0),
    inFlight: readU16(bytes, 4),
    cancelBurst: readU16(bytes, 6),
    cancelRate: readU16(bytes, 8),
    internedMethods: readU16(bytes, 10),
  }
  if (announced.receiveBytes < 1_024 || announced.inFlight < 1)
    throw badFrame('A hello with limits that allow nothing')
  return announced
}

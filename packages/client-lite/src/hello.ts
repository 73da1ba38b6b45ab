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
  utf8,
  writeFrameHead,
  writeU16,
  writeU32,
} from '@hawser/wire'

const Option = { codecs: 1, limits: 2, credential: 3 } as const
const nothing = new Uint8Array(0)
const namePattern = /^[a-z0-9.+-]{1,32}$/

/** What the other side takes, as its hello says. */
export interface Greeting {
  /** One frame, in bytes. */
  readonly receiveBytes: number
  /** Calls under way. */
  readonly inFlight: number
  readonly cancelBurst: number
  readonly cancelRate: number
  /** Method names it remembers. */
  readonly internedMethods: number
  /** The codecs offered that it takes, by index; undefined while that is not known. */
  readonly accepted: readonly number[] | undefined
}

/** What every acceptor can bear before it has said more. */
export const early: Greeting = {
  receiveBytes: earlyBytes,
  inFlight: earlyCalls,
  cancelBurst: 0,
  cancelRate: 0,
  internedMethods: 0,
  accepted: undefined,
}

/**
 * The preface and the hello of this side. It answers no calls: it takes one at a time, to refuse it, and remembers no names.
 * @throws TypeError for codecs or a credential that make no hello
 */
export function openerHello(
  codecs: readonly string[],
  limits: Limits,
  credential: Uint8Array | undefined,
): Uint8Array {
  if (codecs.length > 16 || !codecs.every((name) => namePattern.test(name)))
    throw new TypeError('These cannot be the codecs of a client')
  const taken = new Uint8Array(12)
  writeU32(taken, 0, limits.receiveBytes)
  writeU16(taken, 4, 1)
  const options: [number, Uint8Array][] = [
    [Option.codecs, utf8(codecs.map((name) => String.fromCharCode(name.length) + name).join(''))],
    [Option.limits, taken],
  ]
  if (credential) options.push([Option.credential, credential])
  const size = options.reduce((sum, [, { length }]) => sum + 3 + length, frameHeadBytes + 2)
  if (size > limits.helloBytes)
    throw new TypeError(`A hello of ${size} bytes, over ${limits.helloBytes}: is the credential too long?`)
  const bytes = new Uint8Array(preface.length + size)
  bytes.set(preface)
  writeFrameHead(bytes, preface.length, size, Kind.hello, 0, 0, 0, 0)
  let at = preface.length + frameHeadBytes
  bytes[at++] = 1
  bytes[at++] = options.length
  for (const [id, value] of options) {
    bytes[at] = id
    writeU16(bytes, at + 1, value.length)
    bytes.set(value, at + 3)
    at += 3 + value.length
  }
  return bytes
}

/**
 * Reads the acceptor's hello.
 * @param offered how many codecs were
 * @throws RpcError `bad_frame`
 */
export function readHello(body: Uint8Array, offered: number, limits: Limits): Greeting {
  const options = new Map<number, Uint8Array>()
  const count = body[1] ?? 0
  let at = 2
  for (let left = count; left > 0 && at <= body.length; left--) {
    // Past the end of the body there is no length; the sum shows it.
    const end = at + 3 + (at + 3 <= body.length ? readU16(body, at + 1) : 0)
    options.set(body[at]!, body.subarray(at + 3, end))
    at = end
  }
  const accepted = options.get(Option.codecs) ?? nothing
  const taken = options.get(Option.limits) ?? nothing
  const receiveBytes = readU32(taken, 0)
  const inFlight = readU16(taken, 4)
  if (
    body[0] !== 1 ||
    at !== body.length ||
    count > limits.helloOptions ||
    options.size !== count ||
    accepted.length === 0 ||
    new Set(accepted).size !== accepted.length ||
    accepted.some((index) => index >= offered) ||
    taken.length < 12 ||
    receiveBytes < 1_024 ||
    inFlight < 1
  )
    throw badFrame('A malformed hello')
  return {
    receiveBytes,
    inFlight,
    cancelBurst: readU16(taken, 6),
    cancelRate: readU16(taken, 8),
    internedMethods: readU16(taken, 10),
    accepted: [...accepted],
  }
}

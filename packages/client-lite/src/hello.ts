import {
  earlyBytes,
  earlyCalls,
  frameHeadBytes,
  preface,
  readU16,
  readU32,
  utf8,
  writeFrameHead,
  writeU16,
  writeU32,
} from '@hawser/wire'
import { badFrame } from './fault.js'
import type { ClientLimits } from './limits.js'

/** What the other side takes, as its hello says. */
export interface Greeting {
  /** One frame, in bytes. */
  readonly bytes: number
  /** Calls under way. */
  readonly calls: number
  readonly cancelBurst: number
  readonly cancelRate: number
  /** Method names it remembers. */
  readonly names: number
  /** The codecs offered that it takes, by index. Undefined until it has said so: then any may be tried. */
  readonly codecs?: Uint8Array
}

/** What everybody can bear before having said more. */
export const early: Greeting = {
  bytes: earlyBytes,
  calls: earlyCalls,
  cancelBurst: 0,
  cancelRate: 0,
  names: 0,
}

/**
 * The preface and the hello of this side. It answers no calls: it takes one at a time, to refuse it, and remembers no names.
 * @throws TypeError for codecs or a credential that make no hello
 */
export function openerHello(
  codecs: readonly string[],
  limits: ClientLimits,
  credential?: Uint8Array,
): Uint8Array {
  const names = codecs.map((name) => String.fromCharCode(name.length) + name).join('')
  const bytes = new Uint8Array(limits.helloBytes + preface.length)
  bytes.set(preface)
  let at = preface.length + frameHeadBytes
  bytes[at++] = 1
  bytes[at++] = credential ? 3 : 2
  const taken = new Uint8Array(12)
  writeU32(taken, 0, limits.receiveBytes)
  taken[5] = 1
  for (const [id, value] of [utf8(names), taken, credential].entries()) {
    if (!value) break
    if (at + 3 + value.length > bytes.length) throw new TypeError('The credential is too long')
    bytes[at] = id + 1
    writeU16(bytes, at + 1, value.length)
    bytes.set(value, at + 3)
    at += 3 + value.length
  }
  writeFrameHead(bytes, preface.length, at - preface.length, 1, 0, 0, 0, 0)
  return bytes.subarray(0, at)
}

/**
 * Reads the acceptor's hello.
 * @param offered how many codecs were
 * @throws RpcError `bad_frame`
 */
export function readHello(body: Uint8Array, offered: number, limits: ClientLimits): Greeting {
  const options = new Map<number, Uint8Array>()
  const count = body[1]!
  let at = 2
  while (at + 3 <= body.length) {
    const end = at + 3 + readU16(body, at + 1)
    options.set(body[at]!, body.subarray(at + 3, end))
    at = end
  }
  const codecs = options.get(1)
  const taken = options.get(2)
  const [bytes, calls] = taken && taken.length > 11 ? [readU32(taken, 0), readU16(taken, 4)] : [0, 0]
  if (
    body[0] !== 1 ||
    at !== body.length ||
    // None is missing, and none comes twice.
    options.size !== count ||
    count > limits.helloOptions ||
    !codecs?.length ||
    new Set(codecs).size < codecs.length ||
    codecs.some((index) => index >= offered) ||
    bytes < 1_024 ||
    calls < 1
  )
    throw badFrame('A malformed hello')
  return {
    bytes,
    calls,
    cancelBurst: readU16(taken!, 6),
    cancelRate: readU16(taken!, 8),
    names: readU16(taken!, 10),
    codecs,
  }
}

import { decodeError } from '../../../packages/wire/src/error-frame.js'
import { fromHex, sameBytes } from '../bytes.js'
import { claim, label } from '../target.js'
import { type Frame, framesOf, kinds, preface, streamFlag } from './frame.js'

/** What the side under attack said, checked: whole frames that make sense, and one final answer for each call at most. */
export function checkedAnswers(said: Uint8Array, ids: 'odd' | 'even'): Frame[] {
  if (said.length === 0) return []
  claim(sameBytes(said.subarray(0, preface.length), preface), 'It did not begin with the preface')
  const { frames, rest } = framesOf(said.subarray(preface.length))
  claim(rest.length === 0, `It sent a frame that is not whole, of ${rest.length} bytes`)
  const answered = new Set<number>()
  const parity = ids === 'odd' ? 1 : 0
  for (const { kind, flags, id } of frames) {
    const name = kinds[kind]
    claim(name !== undefined && name !== 'none', `It sent a frame of kind ${kind}`)
    const final =
      name === 'error' || (name === 'reply' && !(flags & streamFlag)) || (name === 'end' && id % 2 === parity)
    if (!final) continue
    claim(id % 2 === parity, `It answered a call ${id}, which cannot be the other side's`)
    claim(!answered.has(id), `It answered the call ${id} twice`)
    answered.add(id)
  }
  return frames
}

/** Do these bytes begin with something else than the preface? */
export function isStrange(bytes: Uint8Array): boolean {
  const count = Math.min(bytes.length, preface.length)
  return !sameBytes(bytes.subarray(0, count), preface.subarray(0, count))
}

// To HTTP and to other text; below, to TLS.
const partings = /^(HTTP\/1\.1 400 .*\r\n\r\nThis port speaks .*\n|This port speaks .*\n)?$/s
const alert = fromHex('15030100020228')

/** What is said to who speaks something else, checked: one word in that, or nothing. */
export function checkedParting(said: Uint8Array): void {
  claim(
    sameBytes(said, alert) || partings.test(Buffer.from(said).toString('latin1')),
    'It said something else to a stranger',
  )
}

/** The errors among them. */
export function errorLabels(frames: readonly Frame[]): string[] {
  return frames.flatMap(({ kind, body }) => {
    if (kinds[kind] !== 'error') return []
    const error = decodeError(body)
    claim(error !== undefined, 'It sent a malformed error')
    return [`answered ${error.code}/${error.reason}: ${label(error.message)}`]
  })
}

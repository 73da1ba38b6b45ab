import { bigEndian, join, sameBytes } from '../bytes.js'
import type { Random } from '../random.js'
import { bytesOf, type Frame, framesOf, headBytes, kinds, preface } from './frame.js'

// Two bytes of the input are choices of the target, not of the peer.
export const choiceBytes = 2

const ids = [0, 1, 2, 3, 4, 0x7fff_ffff, 0x8000_0000, 0xbfff_ffff, 0xffff_fffe, 0xffff_ffff]
const bytes = [0, 1, 2, 4, 7, 8, 9, 12, 13, 15, 16, 127, 128, 255]
const integers = [0, 1, 2, 64, 255, 256, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]

type FrameMutation = (frames: Frame[], random: Random) => Uint8Array | undefined

/** Changes a conversation frame by frame: what comes out is cut up rightly, and wrong in what it says. */
export function mutateFrames(input: Uint8Array, random: Random): Uint8Array {
  const choices = input.subarray(0, choiceBytes)
  const stream = input.subarray(choiceBytes)
  const whole = sameBytes(stream.subarray(0, preface.length), preface)
  const { frames, rest } = framesOf(whole ? stream.subarray(preface.length) : stream)
  const mutation = random.pick(mutations)
  const changed =
    frames.length === 0
      ? undefined
      : (mutation(frames, random) ?? join(...frames.map((frame) => bytesOf(frame))))
  return join(choices, whole ? preface : stream.subarray(0, 0), changed ?? new Uint8Array(0), rest)
}

const mutations: readonly FrameMutation[] = [
  (frames, random) => void frames.splice(random.below(frames.length), 1 + random.small(3)),
  (frames, random) => {
    const frame = random.pick(frames)
    frames.splice(
      random.below(frames.length + 1),
      0,
      ...Array.from({ length: 1 + random.small(40) }, () => frame),
    )
    return undefined
  },
  (frames, random) => {
    const [a, b] = [random.below(frames.length), random.below(frames.length)]
    ;[frames[a], frames[b]] = [frames[b]!, frames[a]!]
    return undefined
  },
  change((_, random) => ({ kind: random.chance(0.8) ? random.below(kinds.length) : random.pick(bytes) })),
  change((frame, random) => ({
    flags: random.chance(0.5) ? frame.flags ^ (1 << random.below(8)) : random.pick(bytes),
  })),
  change((_, random) => ({ codec: random.chance(0.7) ? random.below(3) : random.pick(bytes) })),
  change((_, random) => ({ detail: random.chance(0.5) ? random.below(6) : random.pick(bytes) })),
  change(({ id }, random) => ({
    id: random.chance(0.6) ? Math.max(0, id + random.below(9) - 4) : random.pick(ids),
  })),
  change(({ body }, random) => ({ body: changedBody(body, random) })),
  change(({ body }, random) => ({ body: changedBody(body, random) })),
  insertMade,
  insertMade,
  (frames, random) => {
    const lied = random.below(frames.length)
    return join(
      ...frames.map((frame, index) => {
        if (index !== lied) return bytesOf(frame)
        const length = headBytes - 4 + frame.body.length
        return bytesOf(
          frame,
          Math.max(0, random.chance(0.5) ? length + random.below(9) - 4 : random.pick(integers)),
        )
      }),
    )
  },
]

function change(how: (frame: Frame, random: Random) => Partial<Frame>): FrameMutation {
  return (frames, random) => {
    const at = random.below(frames.length)
    frames[at] = { ...frames[at]!, ...how(frames[at]!, random) }
    return undefined
  }
}

/** A frame of any kind, for a call that there may be, with the body of a frame of that kind where there is one. */
function insertMade(frames: Frame[], random: Random): undefined {
  const kind = random.below(kinds.length)
  const like = frames.find((frame) => frame.kind === kind)
  const body =
    like?.body ??
    (kinds[kind] === 'credit' ? bigEndian(random.pick(integers), 4) : random.bytes(random.small(40)))
  const id = random.chance(0.8) ? random.pick(frames).id : random.pick(ids)
  const frame = { kind, flags: like?.flags ?? 0, codec: random.below(2), detail: random.below(5), id, body }
  const at = random.below(frames.length + 1)
  frames.splice(at, 0, ...Array.from({ length: 1 + random.small(30) }, () => frame))
}

function changedBody(body: Uint8Array, random: Random): Uint8Array {
  const at = random.below(body.length + 1)
  switch (random.below(5)) {
    case 0:
      return body.subarray(0, at)
    case 1:
      return join(body.subarray(0, at), random.bytes(random.small(20)), body.subarray(at))
    case 2:
      return join(body, new Uint8Array(random.small(20_000)))
    case 3: {
      const size = random.pick([1, 2, 4] as const)
      return join(body.subarray(0, at), bigEndian(random.pick(integers), size), body.subarray(at + size))
    }
    default: {
      const changed = new Uint8Array(body)
      if (changed.length > 0) changed[random.below(changed.length)]! ^= 1 << random.below(8)
      return changed
    }
  }
}

import { join } from '../bytes.js'
import { attackClient } from '../frames/attack-client.js'
import { attackServer } from '../frames/attack-server.js'
import { bytesOf, framesOf, preface } from '../frames/frame.js'
import { choiceBytes, mutateFrames } from '../frames/mutate.js'
import { type Conversation, record } from '../frames/record.js'
import { codecs } from '../frames/world.js'
import type { Random } from '../random.js'
import type { Target } from '../target.js'
import { protocolVectors } from './vectors.js'

const attacksClient = 1
const prefersSecond = 2
const checks = 4

/**
 * A session of the native protocol, on either side. The first byte of an input says whom it attacks, and which codec was
 * recorded, and whether the server
 * checks credentials; the second how the bytes are cut into chunks.
 */
export async function framesTarget(): Promise<Target> {
  const first = await record(codecs)
  const second = await record(codecs.toReversed())
  const streamOf = (choices: number): Uint8Array => {
    const from: Conversation = choices & prefersSecond ? second : first
    return choices & attacksClient ? from.fromServer : from.fromClient
  }
  const conversation = (choices: number, cuts: number) =>
    join(Uint8Array.of(choices, cuts), streamOf(choices))
  return {
    name: 'frames',
    seeds: [
      ...[0, 1, 2, 3].map((choices) => conversation(choices, choices)),
      ...protocolVectors().map(({ from, bytes }, index) =>
        join(Uint8Array.of(from === 'acceptor' ? attacksClient : 0, index), bytes),
      ),
    ],
    tokens: framesOf(first.fromClient.subarray(preface.length)).frames.map((frame) => bytesOf(frame)),
    allowance: 16 * 2 ** 20,
    generate(random: Random) {
      const choices = random.below(8)
      const whole = streamOf(choices)
      // Often not the whole of it, so that what comes first is changed as often as what comes last.
      const { frames } = framesOf(whole.subarray(preface.length))
      const taken = random.chance(0.3) ? frames : frames.slice(0, 2 + random.below(frames.length - 1))
      return join(Uint8Array.of(choices, random.below(256)), preface, ...taken.map((frame) => bytesOf(frame)))
    },
    mutate: mutateFrames,
    parts(input) {
      const head = choiceBytes + preface.length
      const { frames, rest } = framesOf(input.subarray(head))
      return [input.subarray(0, head), ...frames.map((frame) => bytesOf(frame)), rest]
    },
    run(input) {
      const choices = input[0] ?? 0
      const stream = input.subarray(choiceBytes)
      const cuts = input[1] ?? 0
      return choices & attacksClient
        ? attackClient(stream, cuts, choices & prefersSecond ? 1 : 0)
        : attackServer(stream, cuts, (choices & checks) !== 0)
    },
  }
}

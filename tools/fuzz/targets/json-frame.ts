import { join, utf8 } from '../bytes.js'
import { quiet } from '../frames/quiet.js'
import { frame, framesOf, splitAt } from '../json-frame/frame.js'
import { playOpen, playServed } from '../json-frame/play.js'
import type { Random } from '../random.js'
import { claim, label, type Outcome, type Target } from '../target.js'

const headBytes = 2
const openBit = 1
const bigBit = 2

const requests: readonly string[] = [
  '{"in":"echo","params":"ireader 0"}',
  '{"in":"echo","params":[1,[2,{"a":null}]]}',
  '{"in":"later","params":3}',
  '{"in":"fail"}',
  '{"in":"none","params":{}}',
  ' {"in":"echo"}',
  '{ "params" : [ -1.5e3 ] , "else" : "\\"}" , "\\u0069n" : "/echo" }',
  '{"in":"later","params":"late"}',
]
const replies: readonly string[] = [
  '{"out":"pong","result":"ireader 0"}',
  '{"out":"pong","result":[1,{"a":[]}]}',
  '{"out":"pong"}',
  '{"out":"error","result":{"code":"not_found","message":"none","executed":"yes","details":[1]}}',
  '{"out":"error","result":{"code":"unavailable","reason":"draining","message":"","retryAfterMs":-1}}',
  '{"result":1,"out":"error"}',
  ' {"out":"x"}',
]

/**
 * A stream of messages, to a server or to a client. Its first byte says to whom, and which way round lengths are, the second how
 * the stream is cut: whatever that is, the same has to come of it as when all comes at once.
 */
export const jsonFrameTarget: Target = {
  name: 'json-frame',
  seeds: [
    stream(0, 3, requests.slice(0, 4)),
    stream(bigBit, 7, requests.slice(4)),
    stream(openBit, 11, replies.slice(0, 4)),
    stream(openBit | bigBit, 13, replies.slice(4)),
  ],
  tokens: [
    ...requests,
    ...replies,
    '"in":',
    '"out":',
    '"params":',
    '"result":',
    '"error"',
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ',',
    ':',
    '"__proto__":1',
    '1e999',
    '\ud800',
    'GET / HTTP/1.1\r\n\r\n',
  ].map(utf8),
  allowance: 16 * 2 ** 20,
  generate(random) {
    const flags = random.below(4)
    const said = (flags & openBit) === 0 ? requests : replies
    return stream(
      flags,
      random.below(256),
      Array.from({ length: random.small(12) }, () => random.pick(said)),
    )
  },
  mutate(input, random) {
    // Inside a message, whose length stays right.
    const big = ((input[0] ?? 0) & bigBit) !== 0
    const bodies = framesOf(input.subarray(headBytes), big)
    if (bodies.length === 0) return input
    const at = random.below(bodies.length)
    bodies[at] = changed(bodies[at]!, random)
    return join(input.subarray(0, headBytes), ...bodies.map((body) => frame(body, big)))
  },
  parts: (input) => {
    const head = input.subarray(0, headBytes)
    const big = ((head[0] ?? 0) & bigBit) !== 0
    return [head, ...splitAt(input.subarray(headBytes), big)]
  },
  async run(input): Promise<Outcome> {
    const [flags = 0, cuts = 0] = input
    const bytes = input.subarray(headBytes)
    const bigEndian = (flags & bigBit) !== 0
    const play = (flags & openBit) !== 0 ? playOpen : playServed
    const whole = await play(bytes, { bigEndian, cuts: undefined }, quiet)
    const pieces = await play(bytes, { bigEndian, cuts }, quiet)
    claim(whole.join('\n') === pieces.join('\n'), `Cut: ${brief(pieces)}; whole: ${brief(whole)}`)
    const side = (flags & openBit) !== 0 ? 'client' : 'server'
    const kinds = new Set(whole.map((line) => `${side}: ${label(line.split(' ')[0]!)}`))
    return { result: 'value', labels: kinds.size > 0 ? [...kinds] : [`${side}: nothing`] }
  },
}

function stream(flags: number, cuts: number, said: readonly string[]): Uint8Array {
  return join(Uint8Array.of(flags, cuts), ...said.map((text) => frame(utf8(text), (flags & bigBit) !== 0)))
}

function changed(body: Uint8Array, random: Random): Uint8Array {
  const at = random.below(body.length + 1)
  switch (random.below(3)) {
    case 0:
      return join(body.subarray(0, at), random.pick(jsonFrameTarget.tokens), body.subarray(at))
    case 1:
      return join(body.subarray(0, at), body.subarray(Math.min(body.length, at + random.small(10))))
    default:
      return join(body.subarray(0, at), random.bytes(1), body.subarray(at + 1))
  }
}

function brief(lines: readonly string[]): string {
  return lines.map((line) => line.slice(0, 60)).join(' | ')
}

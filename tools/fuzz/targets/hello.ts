import { defaultLimits } from '@hawser/contract'
import { acceptorHello, openerHello, readHello } from '../../../packages/wire/src/hello.js'
import { bigEndian, fromHex, join, utf8 } from '../bytes.js'
import type { Random } from '../random.js'
import { claim, type Outcome, type Target } from '../target.js'
import { refused } from './refusal.js'

// Preface and frame head come before the body.
const bodyAt = 8 + 12
const names = ['json', 'msgpack', 'protobuf', 'a', 'x'.repeat(32), 'binary+compact', 'v1.2-beta']

/** The body of a hello, behind a byte that says who sent it: even for the opener, odd for the acceptor. */
export const helloTarget: Target = {
  name: 'hello',
  seeds: [
    opener(['msgpack', 'json']),
    opener(['json'], new Uint8Array(64)),
    opener(names),
    // One codec twice.
    opener(['json', 'json']),
    acceptor([0, 1]),
    acceptor([]),
  ],
  tokens: [
    ...['010004', '03', '0200', '020020', '01ffff', '010000', '7f0001aa', 'ff0000'].map(fromHex),
    ...names.map((name) => join(Uint8Array.of(name.length), utf8(name))),
    join(Uint8Array.of(2), bigEndian(12, 2), new Uint8Array(12).fill(255)),
  ],
  allowance: 2 ** 20,
  generate(random) {
    if (random.chance(0.5)) {
      // An acceptor that takes none refuses instead of saying hello.
      const taken = some([0, 1, 2, 3, 4, 5, 6], random)
      return acceptor(taken.length > 0 ? taken : [0])
    }
    const offered = some(names, random)
    return opener(
      offered.length > 0 ? offered : ['json'],
      random.chance(0.5) ? random.bytes(random.small(2_000)) : undefined,
    )
  },
  run(input): Outcome {
    const from = ((input[0] ?? 0) & 1) === 0 ? 'opener' : 'acceptor'
    const body = input.subarray(1)
    let hello: ReturnType<typeof readHello>
    try {
      hello = readHello(body, from, defaultLimits)
    } catch (error) {
      return refused(error, 'invalid_argument', ['bad_frame'])
    }
    const { version, names, accepted, announced, credential } = hello
    claim(version >= 1 && (from === 'opener' || version === 1), `The version ${version}`)
    claim(
      names.length <= 16 && names.every((name) => /^[a-z0-9.+-]{1,32}$/.test(name)),
      `The codecs ${names}`,
    )
    claim(new Set(names).size === names.length, 'A codec twice')
    claim((from === 'opener') === names.length > 0, 'Codecs from the wrong side')
    claim(
      new Set(accepted).size === accepted.length && accepted.every((index) => index < 16),
      `The indices ${accepted}`,
    )
    for (const number of Object.values(announced))
      claim(number >= 0 && number <= 0xffff_ffff, `The limit ${number}`)
    claim(announced.receiveBytes >= 1_024 && announced.inFlight >= 1, 'Limits that allow nothing')
    claim((credential?.length ?? 0) <= body.length, 'A credential longer than the hello')
    return { result: 'value', labels: [`a hello of the ${from}${credential ? ' with a credential' : ''}`] }
  },
}

function opener(names: readonly string[], credential?: Uint8Array): Uint8Array {
  return join(Uint8Array.of(0), openerHello(names, defaultLimits, credential).subarray(bodyAt))
}

function acceptor(indices: readonly number[]): Uint8Array {
  return join(Uint8Array.of(1), acceptorHello(indices, defaultLimits).subarray(bodyAt))
}

function some<T>(list: readonly T[], random: Random): T[] {
  return list.filter(() => random.chance(0.4))
}

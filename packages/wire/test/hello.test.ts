import { limitsWith } from '@hawser/contract'
import fc from 'fast-check'
import t from 'tap'
import { acceptorHello, openerHello, readHello } from '../src/hello.js'
import {
  acceptorHello as acceptorFrame,
  encode,
  type Frame,
  hexOf,
  hexText,
  limitsOption,
  openerHello as openerFrame,
  preface,
} from './support/frame.js'

const limits = limitsWith()
const refused = { code: 'invalid_argument', reason: 'bad_frame' }
const bodyOf = (frame: Frame) => encode(frame).subarray(12)
const names = (count: number) => Array.from({ length: count }, (_, index) => `codec-${index}`)

t.test('a hello is laid out as the document says', async (t) => {
  const opener = openerHello(['msgpack', 'json'], limits, Uint8Array.of(1, 2, 3))
  t.equal(hexOf(opener), hexOf(preface) + hexOf(encode(openerFrame(['msgpack', 'json'], {}, '010203'))))
  const acceptor = acceptorHello([1], limits)
  t.equal(hexOf(acceptor), hexOf(preface) + hexOf(encode(acceptorFrame([1]))))
})

t.test('it says what was put in', async (t) => {
  t.same(readHello(bodyOf(openerFrame(['a', 'b'], { inFlight: 7 }, 'ff')), 'opener', limits), {
    version: 1,
    names: ['a', 'b'],
    accepted: [],
    announced: {
      receiveBytes: 4 * 1024 * 1024,
      inFlight: 7,
      cancelBurst: 200,
      cancelRate: 33,
      internedMethods: 1_024,
    },
    credential: Uint8Array.of(255),
  })
  t.same(readHello(bodyOf(acceptorFrame([3, 0])), 'acceptor', limits).accepted, [3, 0])
})

t.test('F38 unknown options, a longer limits option and a later version are read past', async (t) => {
  const later = { ...openerFrame(), version: 9 }
  const options = [
    { id: 200, value: 'ffff' },
    { id: 1, value: `03${hexText('raw')}` },
    { id: 2, value: `${limitsOption()}00000001` },
  ]
  t.match(readHello(bodyOf({ ...later, options }), 'opener', limits), { version: 9, names: ['raw'] })
  t.throws(
    () => readHello(bodyOf({ ...acceptorFrame(), version: 2 }), 'acceptor', limits),
    refused,
    'an acceptor may not answer with more than was offered',
  )
})

t.test('what is no hello is refused', async (t) => {
  const [codecs, announced] = openerFrame().options!
  const option = (id: number, value: string) => ({ id, value })
  const cases: Record<string, Partial<Frame>> = {
    'version 0': { version: 0 },
    'no codecs': { options: [announced!] },
    'no limits': { options: [codecs!] },
    'an option twice': { options: [codecs!, announced!, announced!] },
    'an unknown option twice': { options: [codecs!, announced!, option(77, ''), option(77, '')] },
    'bytes behind the options': { body: '00' },
    'limits too short': { options: [codecs!, option(2, '0000ffff')] },
    'limits that allow no message': { options: [codecs!, option(2, limitsOption({ receiveBytes: 1_023 }))] },
    'limits that allow no call': { options: [codecs!, option(2, limitsOption({ inFlight: 0 }))] },
    'an empty list of codecs': { options: [option(1, ''), announced!] },
    'an empty name': { options: [option(1, '00'), announced!] },
    'a name past the end': { options: [option(1, `09${hexText('raw')}`), announced!] },
    'a name in capitals': { options: [option(1, `03${hexText('RAW')}`), announced!] },
    'a name twice': { options: [option(1, `01${hexText('a')}01${hexText('a')}`), announced!] },
  }
  for (const [name, change] of Object.entries(cases))
    t.throws(() => readHello(bodyOf({ ...openerFrame(), ...change }), 'opener', limits), refused, name)
  for (const value of ['', '10', '0000', '000102030405060708090a0b0c0d0e0f00'])
    t.throws(
      () =>
        readHello(
          bodyOf({ ...acceptorFrame(), options: [option(1, value), announced!] }),
          'acceptor',
          limits,
        ),
      refused,
      `indices ${value}`,
    )
  for (const size of [0, 1]) t.throws(() => readHello(new Uint8Array(size), 'opener', limits), refused)
  t.throws(() => readHello(bodyOf(openerFrame()).subarray(0, -1), 'opener', limits), refused, 'cut short')
})

t.test('options, codecs and bytes: the limit and one more', async (t) => {
  const [codecs, announced] = openerFrame().options!
  for (const count of [15, 16, 17]) {
    const more = Array.from({ length: count - 2 }, (_, index) => ({ id: 100 + index, value: '' }))
    const run = () =>
      readHello(bodyOf({ ...openerFrame(), options: [codecs!, announced!, ...more] }), 'opener', limits)
    if (count <= 16) t.doesNotThrow(run, `${count} options`)
    else t.throws(run, refused, `${count} options`)
  }
  for (const count of [15, 16, 17]) {
    const read = () => readHello(bodyOf(openerFrame(names(count))), 'opener', limits)
    const write = () => openerHello(names(count), limits, undefined)
    if (count <= 16) t.same(read().names, names(count))
    else t.throws(read, refused)
    if (count <= 16) t.doesNotThrow(write)
    else t.throws(write, TypeError)
  }
  t.throws(() => openerHello([], limits, undefined), TypeError)
  t.throws(() => openerHello(['no good'], limits, undefined), TypeError)
  const room = 4_096 - 12 - 2 - (3 + 4) - (3 + 12) - 3
  t.equal(openerHello(['raw'], limits, new Uint8Array(room)).length, 8 + 4_096)
  t.throws(() => openerHello(['raw'], limits, new Uint8Array(room + 1)), TypeError)
})

t.test('any bytes are a hello or refused', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom('opener', 'acceptor'), (bytes, from) => {
      try {
        readHello(bytes, from as 'opener', limits)
      } catch (error) {
        if ((error as { reason?: string }).reason !== 'bad_frame') throw error
      }
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})

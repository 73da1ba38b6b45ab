import { defaultLimits, RpcError } from '@hawser/contract'
import fc from 'fast-check'
import t from 'tap'
import { bodyStart } from '../src/frames.js'
import { Reader, type ReaderTarget } from '../src/reader.js'
import { acceptorHello, encode, type Frame, openerHello, preface } from './support/frame.js'
import { concat } from './support/pair.js'

const noCall = { id: 0, detail: 0, codec: 0 }
const large = 5_000

/** A reader behind its handshake, and all that it says, as text. */
function reading(role: 'opener' | 'acceptor') {
  const heard: string[] = []
  const bodies: Uint8Array[] = []
  const told =
    (what: string) =>
    (...facts: unknown[]) => {
      heard.push(`${what} ${facts.map(shown).join(' ')}`)
      return true
    }
  const shown = (fact: unknown): string => {
    if (fact instanceof Uint8Array) {
      if (fact.length >= 4_096) bodies.push(fact)
      return Buffer.from(fact).toString('latin1')
    }
    if (fact instanceof Map) return JSON.stringify([...fact])
    if (RpcError.is(fact)) return `${fact.code}/${fact.reason}`
    return typeof fact === 'object' && fact !== null
      ? Object.entries(fact)
          .map(([key, value]) => `${key}: ${shown(value)}`)
          .join()
      : String(fact)
  }
  const all = (what: string) => new Proxy({}, { get: (_, name) => told(`${what}.${String(name)}`) })
  const link = {
    limits: defaultLimits,
    greeted: false,
    codecName: (index: number) => ['a', 'b'][index],
    error: told('error'),
  }
  const target = {
    role,
    link,
    inbound: all('inbound'),
    outbound: all('outbound'),
    refusing: false,
    now: 0,
    greeted: () => {
      link.greeted = true
    },
    notified: told('notified'),
    pinged: told('pinged'),
    wentAway: told('wentAway'),
    cancelled: told('cancelled'),
    strayed: told('strayed'),
    count: told('count'),
  }
  const reader = new Reader(target as unknown as ReaderTarget)
  reader.push(
    concat([preface, encode(role === 'acceptor' ? openerHello(['a', 'b']) : acceptorHello([0, 1]))]),
    0,
  )
  return {
    heard,
    bodies,
    push(chunk: Uint8Array): boolean {
      try {
        reader.push(chunk, 0)
        return true
      } catch (error) {
        heard.push(`fault ${shown(error)}`)
        reader.end()
        return false
      }
    },
    get unfinished() {
      return reader.unfinished
    },
  }
}

function heardOf(role: 'opener' | 'acceptor', chunks: readonly Uint8Array[]) {
  const all = reading(role)
  for (const chunk of chunks) if (!all.push(chunk)) break
  return { heard: all.heard, unfinished: all.unfinished, bodies: all.bodies }
}

function cutAt(bytes: Uint8Array, ...ends: number[]): Uint8Array[] {
  const at = [0, ...ends]
  return at.map((start, index) => bytes.subarray(start, at[index + 1]))
}

const text = fc.string({ maxLength: 20 })
const anyFrame: fc.Arbitrary<Frame> = fc.record({
  kind: fc.oneof(
    fc.constantFrom('request', 'reply', 'item' as const),
    fc.constantFrom('error', 'end', 'credit', 'cancel', 'notify', 'goaway' as const),
    fc.constantFrom(0, 13, 200),
  ) as fc.Arbitrary<Frame['kind']>,
  flags: fc.oneof(fc.constantFrom(0, 1, 2, 3, 8), fc.nat({ max: 255 })),
  codec: fc.nat({ max: 2 }),
  detail: fc.nat({ max: 5 }),
  id: fc.nat({ max: 4 }),
  index: fc.constantFrom(0, 1, 0xffff),
  timeoutMs: fc.constantFrom(0, 5_000, 0xffffffff),
  name: text,
  headers: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'Bad'), text), { maxLength: 3 }),
  body: fc.constant('ab'.repeat(large)),
})

t.test('a frame means the same whether its body comes with its head or by itself', async () => {
  const next: Frame = { kind: 'ping', id: 7 }
  fc.assert(
    fc.property(anyFrame, fc.constantFrom('opener', 'acceptor' as const), fc.nat(), (frame, role, cut) => {
      const bytes = encode(frame)
      const after = encode(next)
      const whole = heardOf(role, [concat([bytes, after])])
      const head = bytes.length - large
      for (const end of [head, 1 + (cut % (head + 20))]) {
        const { heard, unfinished } = heardOf(role, [...cutAt(bytes, end), after])
        const wanted = { heard: whole.heard, unfinished: whole.unfinished }
        if (JSON.stringify({ heard, unfinished }) !== JSON.stringify(wanted))
          throw new Error(`Cut at ${end}: ${JSON.stringify(heard).slice(0, 300)}`)
      }
    }),
    { numRuns: 400 },
  )
})

const sound: readonly (readonly [what: string, role: 'opener' | 'acceptor', frame: Frame])[] = [
  ['a request', 'acceptor', { kind: 'request', flags: 1, id: 1, index: 0, name: '/echo' }],
  [
    'one with headers',
    'acceptor',
    { kind: 'request', flags: 3, id: 1, name: '/echo', headers: [['a', 'b']] },
  ],
  ['a reply', 'opener', { kind: 'reply', id: 1 }],
  ['one with headers', 'opener', { kind: 'reply', flags: 2, id: 1, headers: [['a', 'b']] }],
  ['an item of an answer', 'opener', { kind: 'item', id: 1 }],
  ['an item of a call', 'acceptor', { kind: 'item', id: 1 }],
]
for (const [what, role, frame] of sound)
  t.test(`the body that comes by itself is taken as it lies: ${what}, to the ${role}`, async (t) => {
    const bytes = encode({ ...noCall, ...frame, body: 'cd'.repeat(large) })
    const start = bytes.length - large
    t.equal(bodyStart(bytes, start), start)
    // As Node delivers it: what is handed on is a plain array all the same.
    const body = Buffer.from(bytes.subarray(start))
    const { bodies } = heardOf(role, [bytes.subarray(0, start), body])
    t.equal(bodies.length, 1)
    t.equal(bodies[0]!.buffer, body.buffer)
    t.same([bodies[0]!.byteOffset, bodies[0]!.length], [body.byteOffset, large])
    t.notOk(Buffer.isBuffer(bodies[0]))
  })

t.test(
  'where a body begins: not before name and headers are whole, and nowhere in other kinds',
  async (t) => {
    const frame: Frame = {
      kind: 'request',
      flags: 3,
      id: 1,
      name: '/echo',
      headers: [['a', 'b']],
      body: 'ab',
    }
    const bytes = encode(frame)
    for (let end = 0; end <= bytes.length; end++) {
      const start = bodyStart(bytes, end)
      if (end < 12) t.equal(start, undefined, `${end}`)
      else t.ok(end < bytes.length - 1 ? start! > end : start === bytes.length - 1, `${end}: ${start}`)
    }
    for (const kind of ['error', 'notify', 'goaway', 'ping', 'hello', 0, 13, 200] as const)
      t.equal(bodyStart(encode({ kind }), 12), undefined, `${kind}`)
  },
)

t.test('a head that waits for its body is unfinished, and counts for its bytes', async (t) => {
  const bytes = encode({ kind: 'item', id: 1, body: 'ab'.repeat(large) })
  const { push, heard } = reading('acceptor')
  const all = reading('acceptor')
  all.push(bytes.subarray(0, 12))
  t.ok(all.unfinished)
  all.push(bytes.subarray(12))
  t.notOk(all.unfinished)
  push(bytes)
  t.same(all.heard, heard)
})

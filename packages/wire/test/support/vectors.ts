import {
  acceptorHello,
  decode,
  encode,
  type Frame,
  hexBytes,
  hexOf,
  hexText,
  limitsOption,
  openerHello,
  preface,
} from './frame.js'
import { concat } from './pair.js'
import { record, scenes } from './scenes.js'

export interface FrameVector {
  readonly name: string
  readonly hex: string
  readonly frame: Frame
}
export interface MalformedVector {
  readonly name: string
  readonly to: 'opener' | 'acceptor'
  readonly after: 'nothing' | 'preface' | 'hello'
  readonly hex: string
  /** Of the goaway; null where the connection is closed without a word. */
  readonly reason: string | null
}
export interface Conversation {
  readonly name: string
  readonly about: string
  readonly steps: readonly {
    readonly from: 'opener' | 'acceptor'
    readonly hex: string
    readonly frames: readonly Frame[]
  }[]
}
export interface Vectors {
  readonly protocol: string
  readonly about: string
  readonly preface: string
  readonly frames: readonly FrameVector[]
  readonly malformed: readonly MalformedVector[]
  readonly conversations: readonly Conversation[]
}

const frames: Record<string, Frame> = {
  'hello of an opener': openerHello(['msgpack', 'json']),
  'hello of an opener with a credential': openerHello(['json'], { inFlight: 1 }, hexText('secret')),
  'hello of an acceptor': acceptorHello([1, 0]),
  'request, the first of its method': {
    kind: 'request',
    flags: 1,
    id: 1,
    index: 0,
    timeoutMs: 5_000,
    name: '/echo',
    body: hexText('["hi"]'),
  },
  'request, the method by its index, no deadline': {
    kind: 'request',
    id: 3,
    index: 0,
    timeoutMs: 0xffffffff,
    body: hexText('["hi"]'),
  },
  'request, the method in full, without a body': {
    kind: 'request',
    flags: 1,
    id: 5,
    index: 0xffff,
    timeoutMs: 1,
    name: 'echo.EchoService/écho',
    body: '',
  },
  'request with headers': {
    kind: 'request',
    flags: 3,
    codec: 1,
    id: 7,
    index: 0,
    timeoutMs: 86_400_000,
    name: '/echo',
    headers: [
      ['trace-id', '0af7651916cd43dd8448eb211c80319c'],
      ['x.empty', ''],
      ['note', 'grüße'],
    ],
    body: hexText('[]'),
  },
  'request, a probe': {
    kind: 'request',
    flags: 5,
    id: 9,
    index: 0,
    timeoutMs: 0xffffffff,
    name: '/echo',
    body: '',
  },
  'request of a client stream, the highest id of an acceptor': {
    kind: 'request',
    flags: 1,
    detail: 1,
    id: 0xfffffffe,
    index: 0,
    timeoutMs: 0xffffffff,
    name: '/sum',
    body: '',
  },
  'request of a server stream': {
    kind: 'request',
    flags: 1,
    detail: 2,
    id: 11,
    index: 0,
    timeoutMs: 0xffffffff,
    name: '/count',
    body: hexText('[3]'),
  },
  'request of a duplex stream': {
    kind: 'request',
    flags: 1,
    detail: 3,
    id: 13,
    index: 0,
    timeoutMs: 0xffffffff,
    name: '/chat',
    body: '',
  },
  'request of a one-way call': {
    kind: 'request',
    flags: 1,
    detail: 4,
    id: 15,
    index: 0,
    timeoutMs: 0xffffffff,
    name: '/log',
    body: hexText('["line"]'),
  },
  reply: { kind: 'reply', id: 1, body: hexText('"hi"') },
  'reply without a value': { kind: 'reply', id: 1, body: '' },
  'reply with headers': {
    kind: 'reply',
    flags: 2,
    codec: 1,
    id: 7,
    headers: [['cost', '3']],
    body: hexText('1'),
  },
  'reply, items follow': { kind: 'reply', flags: 8, id: 11, body: '' },
  'reply with headers, items follow': { kind: 'reply', flags: 10, id: 11, headers: [['of', '3']], body: '' },
  error: { kind: 'error', id: 7, code: 5, reason: 0, facts: 2, message: 'no such user', body: '' },
  'error with details': {
    kind: 'error',
    codec: 1,
    id: 7,
    code: 3,
    reason: 19,
    facts: 8,
    message: 'n must be a number',
    body: hexText('{"argument":0}'),
  },
  'error worth trying again': { kind: 'error', id: 7, code: 8, reason: 9, facts: 4, message: '', body: '' },
  'error with a wait': {
    kind: 'error',
    id: 7,
    code: 8,
    reason: 9,
    facts: 20,
    message: 'later',
    retryAfterMs: 1_500,
    body: '',
  },
  'error with a wait and details': {
    kind: 'error',
    codec: 1,
    id: 7,
    code: 14,
    reason: 0,
    facts: 54,
    message: 'later',
    retryAfterMs: 0,
    body: hexText('{"left":3}'),
  },
  'error with the longest wait': {
    kind: 'error',
    id: 7,
    code: 10,
    reason: 0,
    facts: 22,
    message: '',
    retryAfterMs: 0xfffffffe,
    body: '',
  },
  'error, never to be tried again': {
    kind: 'error',
    id: 7,
    code: 14,
    reason: 0,
    facts: 17,
    message: '',
    retryAfterMs: 0xffffffff,
    body: '',
  },
  item: { kind: 'item', id: 11, body: hexText('1') },
  'item without a value': { kind: 'item', id: 11, codec: 1, body: '' },
  end: { kind: 'end', id: 11 },
  credit: { kind: 'credit', id: 11, granted: 131_072 },
  'credit, the most': { kind: 'credit', id: 11, granted: 0xffffffff },
  cancel: { kind: 'cancel', detail: 1, id: 11 },
  'cancel for a deadline': { kind: 'cancel', detail: 4, id: 11 },
  notify: { kind: 'notify', name: 'echo.EchoResponse', body: hexText('{"response":"period push mes"}') },
  ping: { kind: 'ping', id: 1 },
  pong: { kind: 'pong', id: 1 },
  goaway: { kind: 'goaway', detail: 14, id: 15, message: '' },
  'goaway with a text': { kind: 'goaway', detail: 1, id: 0, message: 'A second hello' },
}

/** Built by hand: the code under test cannot make them. */
const malformed: Record<string, Omit<MalformedVector, 'name'>> = {}
function bad(
  name: string,
  bytes: Frame | string,
  reason: string | null = 'bad_frame',
  to: MalformedVector['to'] = 'acceptor',
  after: MalformedVector['after'] = 'hello',
): void {
  malformed[name] = {
    to,
    after,
    hex: typeof bytes === 'string' ? bytes.replaceAll(' ', '') : hexOf(encode(bytes)),
    reason,
  }
}
const call = (id: number, more: Partial<Frame> = {}): Frame => ({
  kind: 'request',
  flags: 1,
  id,
  name: '/x',
  ...more,
})
bad('HTTP', hexText('GET / HTTP/1.1\r\n\r\n'), null, 'acceptor', 'nothing')
bad('another last byte of the preface', 'f86861777365720b', null, 'acceptor', 'nothing')
bad('a request instead of a hello', call(1), null, 'acceptor', 'preface')
bad('a goaway instead of the hello of an opener', { kind: 'goaway' }, null, 'acceptor', 'preface')
bad('a hello of version 0', { ...openerHello(['json']), version: 0 }, null, 'acceptor', 'preface')
bad(
  'a hello with bytes behind its options',
  { ...openerHello(['json']), body: '00' },
  null,
  'acceptor',
  'preface',
)
bad(
  'a hello with an option twice',
  {
    kind: 'hello',
    version: 1,
    options: [...openerHello(['json']).options!, { id: 9, value: '' }, { id: 9, value: '' }],
  },
  null,
  'acceptor',
  'preface',
)
bad(
  'a hello without limits',
  { kind: 'hello', version: 1, options: [openerHello(['json']).options![0]!] },
  null,
  'acceptor',
  'preface',
)
for (const [name, value] of [
  ['a hello with 11 bytes of limits', limitsOption().slice(0, 22)],
  ['a hello that takes frames of 1,023 bytes', limitsOption({ receiveBytes: 1_023 })],
  ['a hello that takes no call', limitsOption({ inFlight: 0 })],
] as const)
  bad(
    name,
    { kind: 'hello', version: 1, options: [openerHello(['json']).options![0]!, { id: 2, value }] },
    null,
    'acceptor',
    'preface',
  )
bad('an unknown kind instead of a hello', { kind: 13 }, null, 'acceptor', 'preface')
bad('a hello that names a codec twice', openerHello(['json', 'json']), null, 'acceptor', 'preface')
bad('a hello of an acceptor with a codec that was not offered', acceptorHello([1]), null, 'opener', 'preface')
bad('a hello of an acceptor that takes no codec', acceptorHello([]), null, 'opener', 'preface')
bad(
  'a hello of an acceptor with a higher version',
  { ...acceptorHello(), version: 2 },
  null,
  'opener',
  'preface',
)
bad('no codec in common', openerHello(['other']), 'unsupported', 'acceptor', 'preface')
bad('a second hello', openerHello(['json']))
bad('a length of 7', '00000007 02000000 000000')
bad('a length of 2^32 - 1', 'ffffffff', 'too_large')
bad('kind 128', { kind: 128 })
bad('a flag on a ping', { kind: 'ping', flags: 1 })
bad('the stream flag on a request', call(1, { flags: 9 }))
bad('a request without its time', '0000000a 02000000 00000001 ffff')
bad('an even id to an acceptor', call(2))
bad('an odd id to an opener', call(1), 'bad_frame', 'opener')
bad('an id that does not rise', hexOf(concat([encode(call(3)), encode(call(3))])))
bad('call kind 5', call(1, { detail: 5 }))
bad('a codec that was not offered', call(1, { codec: 1 }))
bad('a method index that was never given', call(1, { flags: 0, index: 0 }))
bad('a method index that is not the next', call(1, { index: 1 }))
bad('a method name of 0 bytes', call(1, { name: '' }))
bad('a method name of 257 bytes', call(1, { name: 'm'.repeat(257) }))
bad('a method name that is not UTF-8', '00000011 02010000 00000001 ffff ffffffff 0001 ff')
bad('headers past the end of a request', '00000010 02020000 00000001 0000 ffffffff 0009')
bad('headers past the end of a reply', '0000000a 03020000 00000002 0009')
bad('a reply with items and a value', { kind: 'reply', flags: 8, id: 2, body: '00' })
bad(
  'an item in another codec than its call',
  hexOf(concat([encode(call(1, { detail: 1, name: '/sum' })), encode({ kind: 'item', id: 1, codec: 1 })])),
)
bad('a credit of 3 bytes', '0000000b 07000000 00000001 000001')
bad('an error that was executed in a fourth way', { kind: 'error', id: 2, code: 13, facts: 3 })
bad('an error with a message past its end', '0000000d 04000000 00000002 0d 00 00 0001')
bad('an error with a wait past its end', '00000010 04000000 00000002 0d 00 11 0000 000000')
bad('a notification without a type', { kind: 'notify', name: '' })
bad(
  '17 stray frames',
  hexOf(concat(Array.from({ length: 17 }, () => encode({ kind: 'end', id: 2 })))),
  'abuse',
)
bad('4 pings at once', hexOf(concat([1, 2, 3, 4].map((id) => encode({ kind: 'ping', id })))), 'abuse')

/** The whole file as it should be. */
export async function build(): Promise<Vectors> {
  const conversations: Conversation[] = []
  for (const name of Object.keys(scenes)) conversations.push(await record(name))
  return {
    protocol: 'hawser/1',
    about: 'Vectors of the protocol hawser/1; docs/protocol.md says what the fields mean',
    preface: hexOf(preface),
    frames: Object.entries(frames).map(([name, frame]) => {
      const hex = hexOf(encode(frame))
      return { name, hex, frame: decode(hexBytes(hex)) }
    }),
    malformed: Object.entries(malformed).map(([name, vector]) => ({ name, ...vector })),
    conversations,
  }
}

/** What a subscriber says at first, and what it says when it has been answered. */
export type Opening = readonly [first: Buffer, second?: Buffer]

/** By whose subscriber it is. */
export function openings(variant: string): Opening {
  if (variant === 'hawser-native') return native()
  if (variant.startsWith('hawser')) return [upgrade('/nagging', 'ecv_amrpc_json')]
  if (variant === 'socket.io') return [upgrade('/socket.io/?EIO=4&transport=websocket'), masked('40')]
  return [upgrade('/')]
}

function upgrade(path: string, protocol?: string): Buffer {
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.from('0123456789abcdef').toString('base64')}`,
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}

// A text frame; what it is masked with is 0.
function masked(text: string): Buffer {
  return Buffer.concat([Buffer.of(0x81, 0x80 | text.length, 0, 0, 0, 0), Buffer.from(text)])
}

const serverStream = 2
const callId = 1
const nil = 0xc0

// As docs/protocol.md has it: a preface, a hello, a call of the topic; then credit for all that will ever come.
function native(): Opening {
  const codec = 'msgpack'
  const codecs = [1, ...u16(1 + codec.length), codec.length, ...Buffer.from(codec)]
  const limits = [2, ...u16(12), ...u32(4_194_304), ...u16(1_024), ...u16(200), ...u16(33), ...u16(1_024)]
  const path = Buffer.from('/nagging')
  const call = [...u16(0), ...u32(0xffff_ffff), ...u16(path.length), ...path, nil]
  const first = [
    ...[0xf8, 0x68, 0x61, 0x77, 0x73, 0x65, 0x72, 0x0a],
    ...frame(1, 0, 0, 0, [1, 2, ...codecs, ...limits]),
    ...frame(2, 1, serverStream, callId, call),
  ]
  return [Buffer.from(first), Buffer.from(frame(7, 0, 0, callId, u32(0xffff_ffff)))]
}

function frame(kind: number, flags: number, detail: number, id: number, body: readonly number[]): number[] {
  return [...u32(8 + body.length), kind, flags, 0, detail, ...u32(id), ...body]
}

function u16(value: number): number[] {
  return [value >>> 8, value & 0xff]
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)]
}

import { readFileSync, writeFileSync } from 'node:fs'
import { type CallKind, codes, limitsWith, type Reason, RpcError, reasons } from '@hawser/contract'
import t from 'tap'
import { decodeError } from '../src/error-frame.js'
import { Kind } from '../src/frames.js'
import { goawayError } from '../src/goaway.js'
import { decodeHeaders, encodeHeaders } from '../src/headers.js'
import { acceptorHello, openerHello, readHello } from '../src/hello.js'
import type { Inbound } from '../src/inbound.js'
import { Link } from '../src/link.js'
import { Reader, type ReaderTarget } from '../src/reader.js'
import { FrameWriter } from '../src/writer.js'
import {
  decodeAll,
  encode,
  type Frame,
  openerHello as handHello,
  hexBytes,
  hexOf,
  acceptorHello as otherHello,
  preface,
} from './support/frame.js'
import { concat } from './support/pair.js'
import { raw } from './support/raw.js'
import { demo } from './support/scenes.js'
import { build, type Vectors } from './support/vectors.js'
import { utf8 } from './support/world.js'

const docs = new URL('../../../docs/', import.meta.url)
const file = new URL('vectors/hawser-1.json', docs)
let vectors: Vectors
const page = readFileSync(new URL('protocol.md', docs), 'utf8')
const limits = limitsWith()
const kinds: readonly CallKind[] = ['unary', 'client-stream', 'server-stream', 'duplex', 'oneway']

t.test('the file holds what is built from the descriptions and the recorded sessions', async (t) => {
  const built = await build()
  // The way to change the vectors on purpose; a run that is asked to check them never writes.
  if (process.env.UPDATE_VECTORS === '1') writeFileSync(file, `${JSON.stringify(built, null, 1)}\n`)
  vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors
  t.same(vectors, JSON.parse(JSON.stringify(built)))
  t.ok(vectors.frames.length >= 30 && vectors.malformed.length >= 30 && vectors.conversations.length >= 8)
})

/** What the code writes for the fields of a frame. */
function written(frame: Frame): Uint8Array {
  const sent: Uint8Array[] = []
  const connection = { queued: 0, send: (bytes: Uint8Array) => sent.push(new Uint8Array(bytes)) > 0 }
  const flusher = { schedule: () => {}, take: () => new Uint8Array(65_536), give: () => {} }
  const writer = new FrameWriter(connection as never, flusher as never, { unblocked: () => {} })
  const interned = frame.index === 0xffff ? 0 : 1_024
  const announced = {
    receiveBytes: 1 << 22,
    inFlight: 1,
    cancelBurst: 1,
    cancelRate: 1,
    internedMethods: interned,
  }
  const link = new Link(writer, limits, announced, ['a', 'b'])
  const { id = 0, codec = 0, detail = 0, flags = 0 } = frame
  const body = hexBytes(frame.body ?? '')
  const headers = new Map(frame.headers)
  switch (frame.kind) {
    case 'hello': {
      const option = (number: number) => frame.options?.find((each) => each.id === number)?.value
      const codecs = hexBytes(option(1)!)
      const body = encode(frame).subarray(12)
      const own = (from: 'opener' | 'acceptor') => {
        const { inFlight } = readHello(body, from, limits).announced
        return limitsWith({ inFlight })
      }
      if (codecs.length > 3) {
        const credential = option(3)
        const { names } = readHello(body, 'opener', limits)
        return openerHello(
          names,
          own('opener'),
          credential === undefined ? undefined : hexBytes(credential),
        ).subarray(8)
      }
      return acceptorHello([...codecs], own('acceptor')).subarray(8)
    }
    case 'request': {
      const timeout = frame.timeoutMs === 0xffffffff ? Infinity : frame.timeoutMs!
      const block = encodeHeaders(headers, limits)
      const probe = (flags & 4) !== 0
      const request = (name: string) =>
        link.request(id, kinds[detail]!, codec, name, timeout, block, probe, body)
      if (flags & 1) {
        request(frame.name!)
        break
      }
      request('/known')
      writer.flush()
      sent.length = 0
      request('/known')
      break
    }
    case 'reply':
      link.reply(id, codec, headers, (flags & 8) !== 0, body)
      break
    case 'error': {
      const { facts = 0 } = frame
      const code = (Object.keys(codes) as (keyof typeof codes)[]).find((name) => codes[name] === frame.code)!
      const reason = (Object.keys(reasons) as Reason[]).find((name) => reasons[name] === frame.reason)
      const details = facts & 40 ? body : undefined
      const retryAfterMs = frame.retryAfterMs === 0xffffffff ? Infinity : frame.retryAfterMs
      const executed = (['no', 'maybe', 'yes'] as const)[facts & 3]!
      link.error(
        id,
        codec,
        new RpcError(code, frame.message!, {
          reason,
          executed,
          retryable: (facts & 4) !== 0,
          retryAfterMs,
          details,
        }),
      )
      break
    }
    case 'item':
      link.item(id, codec, body)
      break
    case 'end':
      link.end(id)
      break
    case 'credit':
      link.credit(id, frame.granted!)
      break
    case 'cancel':
      link.cancel(id, detail)
      break
    case 'notify':
      link.notify(frame.name!, codec, body)
      break
    case 'ping':
      link.ping(id)
      break
    case 'pong':
      link.pong(id)
      break
    case 'goaway': {
      const reason = (Object.keys(reasons) as Reason[]).find((name) => reasons[name] === detail)!
      link.goaway(id, reason, frame.message!)
      break
    }
  }
  writer.flush()
  return concat(sent)
}

t.test('the code writes these bytes for these fields', async (t) => {
  for (const { name, hex, frame } of vectors.frames) {
    t.equal(hexOf(written(frame)), hex, name)
    t.equal(hexOf(encode(frame)), hex, `${name}, a second time by hand`)
  }
})

/** What the code reads from the bytes of a frame, as the fields of one. */
function read(bytes: Uint8Array, wanted: Frame): unknown {
  let found: unknown
  const take = (fields: object) => {
    found = fields
    return true
  }
  const pairs = (headers: ReadonlyMap<string, string> | undefined) =>
    headers && headers.size > 0 ? { headers: [...headers] } : {}
  const link = { limits, greeted: true, codecName: (index: number) => ['a', 'b'][index] } as unknown as Link
  // Ids of the vectors are of the opener's calls, whichever side reads the frame.
  const mine = ['reply', 'error', 'item', 'end', 'credit'].includes(wanted.kind as string)
  const target: Partial<Record<keyof ReaderTarget, unknown>> = {
    role: mine || (wanted.id ?? 0) % 2 === 0 ? 'opener' : 'acceptor',
    link,
    refusing: false,
    count: () => {},
    notified: ({ type, codec, body }: { type: string; codec: string; body: Uint8Array }) =>
      take({ name: type, codec: codec === 'a' ? 0 : 1, body: hexOf(body) }),
    pinged: (id: number) => take({ id }),
    wentAway: (id: number, detail: number, message: string) => take({ id, detail, message }),
    inbound: {
      begin: (...[id, kind, codec, method, headers, deadline, , body]: Parameters<Inbound['begin']>) =>
        take({
          id,
          detail: kinds.indexOf(kind),
          codec,
          timeoutMs: deadline === Infinity ? 0xffffffff : deadline,
          ...(wanted.name === undefined ? {} : { name: method }),
          ...pairs(headers),
          body: hexOf(body),
        }),
      cancel: (id: number, reason: RpcError) => take({ id, detail: codes[reason.code] }) && false,
    },
    outbound: {
      reply: (id: number, codec: number, reply: { headers?: Map<string, string>; output: Uint8Array }) =>
        take({ id, codec, ...pairs(reply.headers), body: hexOf(reply.output) }),
      streamReply: (id: number, codec: number, headers: Map<string, string>) =>
        take({ id, codec, flags: headers ? 10 : 8, ...pairs(headers) }),
      error: (id: number, codec: number, error: RpcError) =>
        take({
          id,
          codec,
          code: codes[error.code],
          reason: error.reason ? reasons[error.reason] : 0,
          facts:
            ['no', 'maybe', 'yes'].indexOf(error.executed) |
            (error.retryable ? 4 : 0) |
            (error.retryAfterMs === undefined ? 0 : 16) |
            (error.details ? (error.retryAfterMs === undefined ? 8 : 32) : 0),
          message: error.message,
          ...(error.retryAfterMs !== undefined && {
            retryAfterMs: Math.min(error.retryAfterMs, 0xffffffff),
          }),
          body: hexOf((error.details as Uint8Array | undefined) ?? new Uint8Array(0)),
        }),
      item: (id: number, codec: number, body: Uint8Array) => take({ id, codec, body: hexOf(body) }),
      end: (id: number) => take({ id }),
      credit: (id: number, granted: number) => take({ id, granted }),
    },
  }
  const reader = new Reader(target as unknown as ReaderTarget)
  const known: Frame = { kind: 'request', flags: 1, id: 1, index: 0, name: '/known' }
  const needed = wanted.kind === 'request' && wanted.index === 0 && wanted.name === undefined
  const calls = wanted.kind === 'cancel' ? { ...known, id: wanted.id, index: 0xffff } : undefined
  const before = [preface, ...(needed ? [encode(known)] : []), ...(calls ? [encode(calls)] : [])]
  reader.push(concat([...before, bytes]), 0)
  return found
}

t.test('the code reads these fields from these bytes', async (t) => {
  for (const { name, hex, frame } of vectors.frames) {
    const bytes = hexBytes(hex)
    t.same(decodeAll(bytes), [frame], `${name}, by hand`)
    if (frame.kind === 'hello') {
      const from = name.includes('acceptor') ? 'acceptor' : 'opener'
      const hello = readHello(bytes.subarray(12), from, limits)
      const again =
        from === 'opener'
          ? handHello(hello.names, hello.announced, hello.credential && hexOf(hello.credential))
          : otherHello(hello.accepted, hello.announced)
      t.equal(hexOf(encode(again)), hex, name)
    } else if (frame.kind === 'pong') t.equal(bytes[4], Kind.pong, name)
    else {
      const found = read(bytes, frame) as Frame
      for (const [field, value] of Object.entries(found))
        t.same(value, frame[field as keyof Frame], `${name}: ${field}`)
      t.ok(Object.keys(found).length > 0)
    }
  }
  const errors = vectors.frames.filter(({ frame }) => frame.kind === 'error')
  for (const { hex } of errors) t.ok(decodeError(hexBytes(hex).subarray(12)))
  const [withHeaders] = vectors.frames.filter(({ frame }) => frame.headers)
  t.ok(decodeHeaders(hexBytes(hexOf(encodeHeaders(new Map(withHeaders!.frame.headers), limits))), limits))
})

t.test('the malformed ones end a connection with the reason they name', async (t) => {
  for (const { name, to, after, hex, reason } of vectors.malformed) {
    const peer = raw(to, { codecs: ['json'], handler: demo })
    if (after !== 'nothing') await peer.send(preface)
    if (after === 'hello') await peer.send(to === 'acceptor' ? handHello(['json']) : otherHello([0]))
    peer.frames()
    await peer.send(hexBytes(hex))
    const found = peer.frames(true).filter(({ kind }) => kind === 'goaway')
    if (reason === null) t.same(found, [], name)
    else t.match(found, [{ detail: reasons[reason as Reason] }], name)
    t.match(peer.ended, {}, `${name}: closed`)
    await peer.end(t)
  }
})

t.test('a session that hears one side of a conversation says the other', async (t) => {
  const timeless = ['unary', 'errors', 'server stream', 'client stream', 'duplex']
  const played = vectors.conversations.filter(({ name }) => timeless.includes(name))
  t.equal(played.length, timeless.length)
  for (const { name, steps } of played) {
    const peer = raw('acceptor', { codecs: ['json'], handler: demo })
    for (const [index, step] of steps.entries()) {
      if (step.from === 'opener') await peer.send(hexBytes(step.hex))
      else t.same(peer.frames(true), step.frames, `${name}, step ${index}`)
    }
    await peer.end(t)
  }
})

// ---- the page ---------------------------------------------------------------------------------------------------

function tableOf(name: string): [number: number, word: string, more: string][] {
  const part = page.split(`<!-- checked against the source: ${name} -->`)[1]!.split('<!-- end -->')[0]!
  return [...part.matchAll(/^\| (\d+) \| `(\w+)` \|(.*)$/gm)].map(([, number, word, more]) => [
    Number(number),
    word!,
    more!,
  ])
}

t.test('the page lists every code and reason with its number', async (t) => {
  const wanted = (table: Record<string, number>) =>
    Object.entries(table).map(([word, number]) => [number, word])
  const found = (name: string) => tableOf(name).map(([number, word]) => [number, word])
  t.same(found('codes'), wanted(codes))
  t.same(found('reasons'), wanted(reasons))
})

t.test('the page says which reasons a goaway may have', async (t) => {
  for (const [number, reason, sentIn] of tableOf('reasons')) {
    t.match(sentIn, /^ (goaway|error|goaway, error|never) \|$/)
    t.equal(goawayError(number, '').reason, sentIn.includes('goaway') ? reason : 'draining', reason)
  }
})

t.test('the page’s numbers are those of the source', async (t) => {
  for (const [name, number] of Object.entries(Kind))
    t.match(page, new RegExp(`\\| +${number} \\| \`${name}\` `), name)
  for (const [number, kind] of kinds.entries()) t.match(page, new RegExp(`\\| +${number} \\| \`${kind}\` `))
  t.match(page, new RegExp(Math.floor(0.75 * 2 ** 32).toLocaleString('en')))
})

t.test('the page’s examples are frames', async (t) => {
  const fences = [...page.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, text]) => text!)
  const frames: Frame[] = []
  for (const fence of fences) {
    const hex = fence
      .split('\n')
      .map((line) => {
        const words = line.split(/ +/)
        const end = words.findIndex((word) => !/^([0-9a-f]{2})+$/.test(word))
        return words.slice(0, end < 0 ? undefined : end).join('')
      })
      .join('')
    const bytes = hexBytes(hex)
    t.equal(hexOf(bytes), hex)
    const skip = hex.startsWith(vectors.preface) ? preface.length : 0
    frames.push(...decodeAll(bytes.subarray(skip)))
  }
  t.match(
    frames.map(({ kind }) => kind),
    [
      'hello',
      'hello',
      'request',
      'reply',
      'request',
      'credit',
      'request',
      'reply',
      'item',
      'item',
      'credit',
      'item',
      'end',
      'error',
      'error',
    ],
  )
  t.same(frames[0], JSON.parse(JSON.stringify(decodeAll(encode(handHello(['json'])))[0])))
  t.match(frames[2], { name: '/echo', timeoutMs: 5_000, body: hexOf(utf8('["hi"]')) })
  t.match(frames.at(-2), { code: 5, reason: 0, facts: 2, message: 'no such user' })
  t.match(frames.at(-1), { code: 8, reason: reasons.overloaded, facts: 20, retryAfterMs: 1_500 })
})

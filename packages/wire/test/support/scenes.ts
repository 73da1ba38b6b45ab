import { type Handler, type Reply, RpcError } from '@hawser/contract'
import { decodeAll, hexOf, preface } from './frame.js'
import type { Conversation } from './vectors.js'
import { gate, items, stream, textOf, utf8, type World, world } from './world.js'

/** Answers as the conversations and the peer in another language expect; see docs/protocol.md for the values. */
export const demo: Handler = (made): Reply | Promise<Reply> => {
  const { method, kind } = made
  const input = () => JSON.parse(textOf(made.input)) as unknown[]
  const output = (value: unknown) => ({ output: utf8(JSON.stringify(value)) })
  if (made.probe) return { output: utf8('') }
  if (method === '/echo') return output(input()[0])
  if (method === '/void' || kind === 'oneway') return { output: utf8('') }
  if (method === '/fail')
    throw new RpcError('not_found', 'no such user', { executed: 'yes', details: utf8('{"user":7}') })
  if (method === '/count') return { output: count(Number(input()[0])) }
  if (method === '/sum')
    return items(made.input).then((all) => output(all.reduce((sum: number, n) => sum + Number(n), 0)))
  if (method === '/double') return { output: doubled(made.input as AsyncIterable<Uint8Array>) }
  if (method === '/sleep') return new Promise((_, reject) => made.onCancel({ cancelled: reject }))
  throw new RpcError('unimplemented', `There is no method ${method}`, { reason: 'no_method', executed: 'no' })
}
async function* count(to: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let n = 1; n <= to; n++) yield utf8(`${n}`)
}
async function* doubled(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const item of input) yield utf8(`${2 * Number(textOf(item))}`)
}

type Scene = [about: string, play: (w: World) => Promise<void>, codecs?: readonly string[]]
export const scenes: Record<string, Scene> = {
  unary: [
    'Calls made before the hello has come carry their names in full, later ones are interned',
    async (w) => {
      w.call('/echo', { input: '["hi"]', timeoutMs: 5_000 })
      w.call('/void', { input: '[]' })
      await w.clock.settle()
      w.call('/echo', { input: '[1]', headers: new Map([['trace-id', 'a1']]) })
      await w.clock.settle()
      w.call('/echo', { input: '[2]' })
    },
  ],
  errors: [
    'An early call in a codec that is not taken, an error with details, a method that is not there, a probe, a one-way call',
    async (w) => {
      w.call('/echo', { codec: 'msgpack', input: Uint8Array.of(0x91, 0xa2, 0x68, 0x69) })
      await w.clock.settle()
      w.call('/fail', { input: '[]' })
      await w.clock.settle()
      w.call('/nothing', { input: '[]' })
      await w.clock.settle()
      w.call('/echo', { probe: true })
      await w.clock.settle()
      w.call('/log', { kind: 'oneway', input: '["line"]' })
    },
    ['json', 'msgpack'],
  ],
  'server stream': [
    'Items, and the end of them',
    async (w) => {
      await w.clock.settle()
      const made = w.call('/count', { kind: 'server-stream', input: '[3]' })
      await w.clock.settle()
      await items(made.reply?.output)
    },
  ],
  'client stream': [
    'Items of the caller, then one answer',
    async (w) => {
      await w.clock.settle()
      w.call('/sum', { kind: 'client-stream', input: stream('1', '2', '3') })
    },
  ],
  duplex: [
    'Items both ways, each answered before the next is sent',
    async (w) => {
      await w.clock.settle()
      const [second, last] = [gate(), gate()]
      async function* input(): AsyncGenerator<Uint8Array, void, undefined> {
        yield utf8('1')
        await second.promise
        yield utf8('2')
        await last.promise
      }
      const made = w.call('/double', { kind: 'duplex', input: input() })
      await w.clock.settle()
      const all = items(made.reply?.output)
      for (const next of [second, last]) {
        await w.clock.settle()
        next.open()
      }
      await w.clock.settle()
      await all
    },
  ],
  'cancel and deadline': [
    'A call that is cancelled, and one whose time runs out on both sides',
    async (w) => {
      await w.clock.settle()
      const made = w.call('/sleep', { input: '[]' })
      await w.clock.settle()
      made.cancel()
      await w.clock.settle()
      w.call('/sleep', { input: '[]', timeoutMs: 250 })
      await w.clock.advance(300)
    },
  ],
  'calls of the acceptor': [
    'The acceptor calls the opener, and each notifies the other',
    async (w) => {
      await w.clock.settle()
      w.callBack('/echo', { input: '["back"]' })
      await w.clock.settle()
      w.opener.notify({ type: 'up', codec: 'json', body: utf8('1') })
      await w.clock.settle()
      w.acceptor.notify({ type: 'down', codec: 'json', body: utf8('2') })
    },
  ],
  'ping and going away': [
    'An idle connection is pinged after 30 s; then the acceptor goes away while a call is under way',
    async (w) => {
      await w.clock.advance(30_010)
      w.call('/sleep', { input: '[]', timeoutMs: 1_000 })
      await w.clock.settle()
      void w.acceptor.close()
      await w.clock.advance(1_010)
    },
  ],
}

/** Plays a scene between two sessions and writes down what they say. */
export async function record(name: string): Promise<Conversation> {
  const [about, play, codecs = ['json']] = scenes[name]!
  const acceptor = { codecs: ['json'], handler: demo, limits: { keepAliveMs: 1e9 } }
  const w = world({ opener: { codecs, handler: demo }, acceptor })
  await play(w)
  await w.clock.settle()
  const greeted = new Set<string>()
  const steps = w.pair.transcript.map(({ from, bytes }) => {
    const skip = greeted.has(from) ? 0 : preface.length
    greeted.add(from)
    return { from, hex: hexOf(bytes), frames: decodeAll(bytes.subarray(skip)) }
  })
  const over = new RpcError('cancelled', 'The scene is over')
  w.opener.abort(over)
  w.acceptor.abort(over)
  await w.clock.settle()
  w.timers.close()
  return { name, about, steps }
}

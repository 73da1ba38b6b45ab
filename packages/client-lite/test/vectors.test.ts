import { readFileSync } from 'node:fs'
import { type Reason, RpcError, reasons, type Session, virtualClock } from '@hawser/contract'
import { native } from '@hawser/wire'
import t from 'tap'
import { TimerWheel } from '../../wire/src/wheel.js'
import {
  acceptorHello,
  decodeAll,
  encode,
  type Frame,
  hexBytes,
  preface,
} from '../../wire/test/support/frame.js'
import { pair } from '../../wire/test/support/pair.js'
import { demo, scenes } from '../../wire/test/support/scenes.js'
import { type CallOptions as MadeOptions, make, side, type World } from '../../wire/test/support/world.js'
import { open } from './support/protocol.js'
import { raw } from './support/raw.js'

interface Step {
  readonly from: 'opener' | 'acceptor'
  readonly frames: readonly Frame[]
}
interface Vectors {
  readonly frames: readonly { readonly name: string; readonly hex: string; readonly frame: Frame }[]
  readonly malformed: readonly {
    readonly name: string
    readonly to: string
    readonly after: string
    readonly hex: string
    readonly reason: Reason | null
  }[]
  readonly conversations: readonly { readonly name: string; readonly steps: readonly Step[] }[]
}
const file = new URL('../../../docs/vectors/hawser-1.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors

t.test('what is malformed ends the connection with the reason it names', async (t) => {
  const mine = vectors.malformed.filter(({ to }) => to === 'opener')
  t.ok(mine.length >= 4)
  for (const { name, after, hex, reason } of mine) {
    const peer = raw()
    if (after !== 'nothing') await peer.send(preface)
    if (after === 'hello') await peer.send(encode(acceptorHello([0])))
    await peer.send(hexBytes(hex))
    const goaways = peer.frames().filter(({ kind }) => kind === 'goaway')
    if (reason === null) t.same(goaways, [], name)
    else t.match(goaways, [{ detail: reasons[reason] }], name)
    t.ok(peer.ended, `${name}: closed`)
    await peer.end(t)
  }
})

t.test('so does what would be malformed to either side', async (t) => {
  const bad: Record<string, string | Frame> = {
    'a second hello': acceptorHello([0]),
    'a length of 7': '00000007 0a000000 000000',
    'kind 128': { kind: 128 },
    'a flag on a ping': { kind: 'ping', flags: 1 },
    'a request of an odd id': { kind: 'request', flags: 1, id: 1, name: '/x' },
    'headers past the end of a reply': '0000000a 03020000 00000001 0009',
    'a reply with items and a value': { kind: 'reply', flags: 8, id: 1, body: '00' },
    'a reply in another codec than its call': { kind: 'reply', id: 1, codec: 1, body: '31' },
    'a credit of 3 bytes': '0000000b 07000000 00000001 000001',
    'an error that was executed in a fourth way': { kind: 'error', id: 1, code: 13, facts: 3 },
    'an error with a message past its end': '0000000d 04000000 00000001 0d 00 00 0001',
    'a notification without a type': { kind: 'notify', name: '' },
    'a notification in a codec not offered': { kind: 'notify', codec: 9, name: 'x' },
    'a ping that is too large': `00400001 0a000000 00000001 ${'00'.repeat(600)}`,
  }
  for (const [name, what] of Object.entries(bad)) {
    const peer = raw()
    await peer.send(preface, encode(acceptorHello([0])))
    const call = peer.call('/x')
    await peer.clock.settle()
    await peer.send(typeof what === 'string' ? hexBytes(what) : encode(what))
    t.match(
      peer.frames().filter(({ kind }) => kind === 'goaway'),
      [{ detail: reasons.bad_frame }],
      name,
    )
    t.ok(peer.ended, `${name}: closed`)
    t.match(call.error, { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' }, name)
    await peer.end(t)
  }
})

t.test('every frame that an acceptor may send is taken, and unknown ones are skipped', async (t) => {
  for (const { name, hex, frame } of vectors.frames) {
    const { kind } = frame
    if (kind === 'hello' || kind === 'request') continue
    const peer = raw()
    await peer.send(preface, encode(acceptorHello([0])))
    // Some of the vectors are in a second codec, which has no call here; a frame of no call is a stray.
    const codec = kind === 'notify' ? 0 : frame.codec
    const bytes = hexBytes(hex)
    bytes[6] = codec ?? 0
    await peer.send(bytes, encode({ kind: 13 }), encode({ kind: 127, flags: 255 }), encode({ kind: 0 }))
    t.notOk(
      peer.frames().some((each) => each.kind === 'goaway'),
      name,
    )
    t.equal(peer.session.open, kind !== 'goaway', name)
    await peer.end(t)
  }
})

// What the page leaves open: credits, the order of frames of different calls, texts, and what a hello announces.
function comparable(frames: readonly Frame[]): unknown[] {
  return frames
    .filter(({ kind }) => kind !== 'credit' && kind !== 'hello')
    .map(({ message: _, ...frame }) => frame)
    .sort((a, b) => (a.id ?? 0) - (b.id ?? 0))
}

t.test('a conversation goes as it was recorded', async (t) => {
  for (const { name, steps } of vectors.conversations) {
    const [, play, codecs = ['json']] = scenes[name]!
    const clock = virtualClock()
    const timers = new TimerWheel(clock)
    const both = pair({ clock })
    const acceptorSide = side(clock, timers, {
      codecs: ['json'],
      handler: demo,
      limits: { keepAliveMs: 1e9 },
    })
    const openerSide = side(clock, timers, { codecs })
    const acceptor: Session = native().serve(both.acceptor, acceptorSide.context)
    const opener = open(both.opener, openerSide.context)
    const call = (method: string, options?: MadeOptions) => make(timers, opener, method, options)
    const callBack = (method: string, options?: MadeOptions) => make(timers, acceptor, method, options)
    await play({ clock, timers, opener, acceptor, call, callBack } as unknown as World)
    await clock.settle()
    const said = new Map([
      ['opener', preface.length],
      ['acceptor', preface.length],
    ])
    const found: Step[] = both.transcript.map(({ from, bytes }) => {
      const skip = said.get(from)!
      said.set(from, 0)
      return { from, frames: decodeAll(bytes.subarray(skip)) }
    })
    const of = (all: readonly Step[], side: string) =>
      comparable(all.flatMap(({ from, frames }) => (from === side ? frames : [])))
    if (name === 'calls of the acceptor') {
      // Its names are in full here, and its call is refused.
      t.match(of(found, 'opener'), [
        { kind: 'notify', name: 'up' },
        { kind: 'error', id: 2, code: 12, reason: reasons.no_method, facts: 0 },
      ])
      t.match(openerSide.notifications, [{ type: 'down' }])
    } else {
      t.same(of(found, 'opener'), of(steps, 'opener'), `${name}: the opener`)
      t.same(of(found, 'acceptor'), of(steps, 'acceptor'), `${name}: the acceptor`)
    }
    opener.abort(new RpcError('cancelled', 'The scene is over'))
    acceptor.abort(new RpcError('cancelled', 'The scene is over'))
    await clock.settle()
    timers.close()
    t.equal(clock.pending, 0, `${name}: no timer is left`)
  }
})

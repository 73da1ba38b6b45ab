import type { Session } from '@hawser/contract'
import { type VirtualClock, virtualClock } from '@hawser/contract'
import type { Test } from 'tap'
import { type NativeOptions, native } from '../../src/native.js'
import { TimerWheel } from '../../src/wheel.js'
import {
  acceptorHello,
  decodeAll,
  encode,
  type Frame,
  type HelloLimits,
  openerHello,
  preface,
} from './frame.js'
import { concat, type PairOptions, pair } from './pair.js'
import { type CallOptions, type Made, make, type Side, type SideOptions, side } from './world.js'

/** A session, and at the other end of its connection a test that writes the bytes by hand. */
export interface Raw {
  readonly clock: VirtualClock
  readonly timers: TimerWheel
  readonly session: Session
  readonly side: Side
  /** Sends frames or bytes, and lets them be taken. */
  send(...what: (Frame | Uint8Array)[]): Promise<void>
  /** The frames that came since it was last asked, the preface and the hello left out unless `all`. */
  frames(all?: boolean): Frame[]
  /** Says preface and hello for the test's side, and takes the other's. */
  greet(limits?: HelloLimits): Promise<void>
  /** The connection's end was seen by the test's side: with an error for a reset. */
  readonly ended: { readonly error: unknown } | undefined
  /** Stops and starts reading what the session sends. */
  pause(): void
  resume(): void
  /** Reads one delivery, then stops again. */
  takeOne(): Promise<void>
  close(): void
  call(method: string, options?: CallOptions): Made
  end(t: Test): Promise<void>
}

export interface RawOptions extends Omit<PairOptions, 'clock' | 'limits'>, SideOptions {
  readonly native?: NativeOptions | undefined
}

/** The session is on this side; the test plays the other. */
export function raw(role: 'opener' | 'acceptor', options: RawOptions = {}): Raw {
  const { cut, split, windowBytes, native: nativeOptions, ...sideOptions } = options
  const clock = virtualClock()
  const timers = new TimerWheel(clock)
  const both = pair({ clock, cut, split, windowBytes })
  const mine = side(clock, timers, sideOptions)
  const protocol = native(nativeOptions)
  const session =
    role === 'opener' ? protocol.open(both.opener, mine.context) : protocol.serve(both.acceptor, mine.context)
  const hand = role === 'opener' ? both.acceptor : both.opener
  let received: Uint8Array[] = []
  let ended: { error: unknown } | undefined
  let skip = preface.length
  let takingOne = false
  hand.start((bytes) => {
    received.push(bytes)
    if (takingOne) hand.pause()
  })
  void hand.closed.then((error) => {
    ended = { error }
  })
  const frames = (all = false): Frame[] => {
    const bytes = concat(received)
    received = []
    const from = Math.min(skip, bytes.length)
    skip -= from
    const found = decodeAll(bytes.subarray(from))
    return all ? found : found.filter(({ kind }) => kind !== 'hello')
  }
  const send = async (...what: (Frame | Uint8Array)[]) => {
    hand.send(concat(what.map((each) => (each instanceof Uint8Array ? each : encode(each)))))
    await clock.settle()
  }
  return {
    clock,
    timers,
    session,
    side: mine,
    send,
    frames,
    async greet(limits) {
      const hello = role === 'opener' ? acceptorHello([0], limits) : openerHello(['raw'], limits)
      await send(preface, hello)
    },
    get ended() {
      return ended
    },
    pause: () => hand.pause(),
    resume: () => hand.resume(),
    async takeOne() {
      takingOne = true
      hand.resume()
      await clock.settle()
      takingOne = false
    },
    close: () => void hand.close(),
    call: (method, callOptions) => make(timers, session, method, callOptions),
    async end(t) {
      hand.abort(new Error('The test is over') as never)
      await clock.settle()
      timers.close()
      t.equal(clock.pending, 0, 'no timer is left')
    },
  }
}

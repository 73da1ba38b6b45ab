import { type Limits, RpcError, type Session, type VirtualClock, virtualClock } from '@hawser/contract'
import { TimerWheel } from '../../../wire/src/wheel.js'
import { decodeAll, type Frame, preface } from '../../../wire/test/support/frame.js'
import { concat, pair } from '../../../wire/test/support/pair.js'
import { type CallOptions, type Made, make, side } from '../../../wire/test/support/world.js'
import { open } from './protocol.js'

/** A session, and at the other end of its connection a test that writes the bytes by hand. */
export interface Raw {
  readonly clock: VirtualClock
  readonly session: Session
  send(...bytes: Uint8Array[]): Promise<void>
  /** All frames that came. */
  frames(): Frame[]
  /** Has the test's side seen the end of the connection? */
  readonly ended: boolean
  call(method: string, options?: CallOptions): Made
  end(t: { equal(a: unknown, b: unknown, m: string): unknown }): Promise<void>
}

/** A session of this package and, at the other end, a test that writes bytes by hand. */
export function raw(limits: Partial<Limits> = {}): Raw {
  const clock = virtualClock()
  const timers = new TimerWheel(clock)
  const both = pair({ clock })
  const session = open(both.opener, side(clock, timers, { codecs: ['json'], limits }).context)
  const received: Uint8Array[] = []
  let ended = false
  both.acceptor.start((bytes) => void received.push(bytes))
  void both.acceptor.closed.then(() => {
    ended = true
  })
  return {
    clock,
    session,
    async send(...bytes: Uint8Array[]) {
      both.acceptor.send(concat(bytes))
      await clock.settle()
    },
    frames: () => decodeAll(concat(received).subarray(preface.length)),
    get ended() {
      return ended
    },
    call: (method: string, options?: CallOptions) => make(timers, session, method, options),
    async end(t: { equal(a: unknown, b: unknown, m: string): unknown }) {
      both.acceptor.abort(new RpcError('cancelled', 'The test is over'))
      await clock.settle()
      timers.close()
      t.equal(clock.pending, 0, 'no timer is left')
    },
  }
}

import { harness } from '@hawser/compliance/harness'
import { RpcError, virtualClock } from '@hawser/contract'
import t from 'tap'
import { type EjectOptions, ejectSettings, Outlier } from '../src/outlier.js'

harness(t)

// The jitter of the ejections is drawn from the clock; at 0.5 it adds nothing.
const still = () => Object.assign(virtualClock(), { random: () => 0.5 })
const outlier = (options: EjectOptions = {}) => new Outlier(ejectSettings(options), still())

t.test('so many failures one after the other, and a success in between forgives', async (t) => {
  const one = outlier()
  for (let failure = 1; failure < 5; failure++) t.equal(one.failed(1), false, `${failure}`)
  t.equal(one.succeeded(1), false)
  for (let failure = 1; failure < 5; failure++) t.equal(one.failed(2), false, `${failure}`)
  t.equal(one.failed(2), true)
})

t.test('so great a share of failures in a window, if it has calls enough', async (t) => {
  for (const [calls, deserved] of [
    [19, false],
    [20, true],
  ] as const) {
    const one = outlier()
    let failed = false
    for (let call = 1; call <= calls; call++)
      if (call % 2 === 0 || call > 18) failed = one.failed(5)
      else one.succeeded(5)
    t.equal(failed, deserved, `${calls} calls`)
  }
  const spread = outlier()
  for (let call = 0; call < 200; call++) {
    // Nine in a window, and a new one begins.
    const now = call * 1_200
    if (call % 2 === 0) t.equal(spread.failed(now), false)
    else spread.succeeded(now)
  }
})

t.test('ejected for a time that doubles, then one call at a time until one succeeds', async (t) => {
  const one = outlier({ consecutive: 1 })
  t.equal(one.allows(0, 50), true)
  let now = 0
  for (const ms of [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
    t.equal(one.failed(now), true, 'its one chance was missed')
    one.eject(now)
    t.equal(one.until, now + ms)
    t.equal(one.allows(now + ms - 1, 0), false)
    t.equal(one.allows(now + ms, 0), true)
    t.equal(one.allows(now + ms, 1), false)
    now += ms
  }
  t.equal(one.succeeded(now), true)
  t.equal(one.until, 0)
  t.equal(one.allows(now, 50), true)
})

t.test('what is answered from before the ejection neither ends nor prolongs it', async (t) => {
  const one = outlier({ consecutive: 2 })
  one.failed(0)
  t.equal(one.failed(0), true)
  one.eject(0)
  t.equal(one.succeeded(100), false)
  t.equal(one.failed(100), false)
  t.equal(one.until, 5_000)
})

t.test('times begin anew for one that did well for as long as it was out', async (t) => {
  for (const [wellMs, next] of [
    [9_999, 20_000],
    [10_000, 5_000],
  ] as const) {
    const one = outlier({ consecutive: 1 })
    one.failed(0)
    one.eject(0)
    one.failed(5_000)
    one.eject(5_000)
    one.succeeded(15_000)
    const now = 15_000 + wellMs
    one.failed(now)
    one.eject(now)
    t.equal(one.until - now, next, `well for ${wellMs} ms`)
  }
})

t.test('ejections vary by a fifth, so that many clients do not come back at once', async (t) => {
  const clock = virtualClock(9)
  const times = Array.from({ length: 50 }, () => {
    const one = new Outlier(ejectSettings({}), clock)
    one.eject(0)
    return one.until
  })
  t.ok(Math.min(...times) >= 4_000 && Math.max(...times) <= 6_000)
  t.ok(Math.max(...times) - Math.min(...times) > 1_500)
})

t.test(
  'what speaks against a server: out of reach, silent, full; not what is wrong with a call',
  async (t) => {
    const { failure } = ejectSettings({})
    for (const [code, reason, speaks] of [
      ['unavailable', 'connection_lost', true],
      ['unavailable', 'silent', true],
      ['unavailable', undefined, true],
      ['deadline_exceeded', 'deadline', true],
      ['resource_exhausted', 'overloaded', true],
      ['unavailable', 'draining', false],
      ['unavailable', 'idle', false],
      ['unavailable', 'closed', false],
      ['resource_exhausted', 'too_large', false],
      ['cancelled', 'cancelled', false],
      ['invalid_argument', 'bad_arguments', false],
      ['internal', 'handler_failed', false],
      ['unimplemented', 'no_method', false],
    ] as const)
      t.equal(failure(new RpcError(code, 'x', { reason })), speaks, `${code} ${reason}`)
  },
)

t.test('settings that make no sense are refused', async (t) => {
  for (const options of [
    { consecutive: 0 },
    { windowMs: -1 },
    { ejectMs: Number.NaN },
    { failureShare: 1.1 },
    { mostShare: -0.1 },
  ])
    t.throws(() => ejectSettings(options), TypeError, JSON.stringify(options))
  t.equal(ejectSettings({ consecutive: undefined }).consecutive, 5)
})

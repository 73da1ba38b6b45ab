import { virtualClock } from '@hawser/contract'
import t from 'tap'
import { Exits, waitAfter } from '../src/exits.js'

const crash = { code: 1, signal: null }
const limits = { maxExits: 5, exitsWithinMs: 60_000 }

t.test('F24 the sixth exit within a minute is too many', async (t) => {
  const clock = virtualClock()
  const exits = new Exits(clock, limits)
  for (let count = 1; count <= 5; count++) {
    t.notOk(exits.add(crash, true))
    await clock.advance(10_000)
  }
  t.ok(exits.add({ code: null, signal: 'SIGSEGV' }, true))
})

t.test('F24 as many over a longer time are accidents', async (t) => {
  const clock = virtualClock()
  const exits = new Exits(clock, limits)
  for (let count = 1; count <= 50; count++) {
    t.notOk(exits.add(crash, true))
    await clock.advance(12_000)
  }
})

t.test('F24 being killed from outside is no fault of a server that was ready', (t) => {
  const exits = new Exits(virtualClock(), limits)
  const killed = { code: null, signal: 'SIGKILL' as const }
  for (let count = 1; count <= 50; count++) t.notOk(exits.add(killed, true))
  for (let count = 1; count <= 5; count++) t.notOk(exits.add(killed, false))
  t.ok(exits.add(killed, false), 'one that never was is')
  t.end()
})

t.test('F17 neither is a system that has no process to give', (t) => {
  const exits = new Exits(virtualClock(), limits)
  const error = Object.assign(new Error('spawn EMFILE'), { code: 'EMFILE' })
  for (let count = 1; count <= 50; count++) t.notOk(exits.add({ code: null, signal: null, error }, false))
  t.end()
})

t.test('F24 the first replacement comes at once, further ones wait longer and longer', (t) => {
  t.same([1, 2, 3, 4, 5].map(waitAfter), [0, 100, 200, 400, 800])
  t.equal(waitAfter(100), 10_000)
  t.end()
})

import { defaultLimits, type LogEntry, virtualClock } from '@hawser/contract'
import t from 'tap'
import { limitedLog } from '../src/index.js'

const entry: LogEntry = { level: 'warn', event: 'event', message: 'one\ntwo', peer: 'tcp://10.0.0.1:1' }

t.test('I7 one line a second for each peer and event, with control characters escaped', async (t) => {
  const clock = virtualClock()
  const lines: string[] = []
  const log = limitedLog(({ message }) => void lines.push(message), clock, defaultLimits)
  for (let port = 1; port <= 5; port++) log({ ...entry, peer: `tcp://10.0.0.1:${port}` })
  log({ ...entry, peer: 'tcp://10.0.0.2:1' })
  await clock.advance(1_000 / defaultLimits.logRate)
  log(entry)
  t.same(lines, ['one\\u000atwo', 'one\\u000atwo', 'one\\u000atwo (and 4 more like it)'])
})

t.test('what a log throws goes no further', async (t) => {
  const log = limitedLog(
    () => {
      throw new Error('the disk is full')
    },
    virtualClock(),
    defaultLimits,
  )
  log(entry)
  t.pass('it returned')
})

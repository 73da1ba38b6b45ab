import t from 'tap'
import { aimsTable } from '../src/aims.js'
import type { Sample } from '../src/pair.js'
import { ratio, speedTables } from '../src/report.js'
import type { Outcome } from '../src/rounds.js'
import type { Subject } from '../src/subjects.js'

const cell = { bytes: 64, inFlight: 64 }

function outcome(name: string, rates: (number | undefined)[], error?: string): Outcome {
  const subject: Subject = { name, folder: name, variant: '', packages: [], about: '' }
  const samples = rates.map((rate): Sample | undefined =>
    rate === undefined
      ? undefined
      : { callsPerSecond: rate, p50: 1, p99: 2, clientCpu: 3, serverCpu: 4, serverRss: 5e6 },
  )
  return error === undefined ? { subject, cell, samples } : { subject, cell, samples, error }
}

t.test('a ratio is taken within rounds, so that a slow round counts for both', (t) => {
  const above = outcome('a', [100, 10, 100])
  t.equal(ratio(above, outcome('b', [50, 5, 50])), 2)
  t.equal(ratio(above, outcome('b', [undefined, 5, undefined])), 2)
  t.ok(Number.isNaN(ratio(above, outcome('b', [undefined, undefined]))))
  t.end()
})

t.test('a subject that failed has a row that says why', (t) => {
  const [table] = speedTables([outcome('hawser', [100]), outcome('b', [undefined], 'no port')], 'hawser')
  t.equal(table?.title, '64 B, 64 in flight')
  t.equal(table?.rows[1]?.[1], 'failed: no port')
  t.equal(table?.rows[1]?.length, table?.columns.length)
  t.end()
})

t.test('of the peers, the aims name the fastest', (t) => {
  const { rows } = aimsTable([
    outcome('hawser', [300]),
    outcome('minimum', [400]),
    outcome('grpc', [10]),
    outcome('capnweb', [100]),
    outcome('thrift', [undefined], 'failed'),
  ])
  t.same(rows, [
    ['hawser, 64 B, 64 in flight', 'minimum', '0.75×', '0.8×', '1.00×'],
    ['hawser, 64 B, 64 in flight', 'grpc', '30.0×', '30×', '1.00×'],
    ['hawser, 64 B, 64 in flight', 'the fastest peer, capnweb', '3.00×', '3×', '1.00×'],
  ])
  t.end()
})

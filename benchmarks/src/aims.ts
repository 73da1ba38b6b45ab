import type { Cell } from './pair.js'
import { ratio, size } from './report.js'
import type { Outcome } from './rounds.js'
import { readable } from './stats.js'
import type { Table } from './table.js'

interface Aim extends Cell {
  readonly against: string
  readonly aim: number
}

const peers = ['grpc', 'thrift', 'socket.io', 'rpc-websockets', 'capnweb', 'moleculer', 'fastify']

const aims: readonly Aim[] = [
  { bytes: 64, inFlight: 64, against: 'minimum', aim: 0.8 },
  { bytes: 64, inFlight: 64, against: 'grpc', aim: 30 },
  { bytes: 64, inFlight: 64, against: 'thrift', aim: 8 },
  { bytes: 64, inFlight: 64, against: 'the fastest peer', aim: 3 },
  { bytes: 64, inFlight: 1, against: 'minimum', aim: 0.9 },
  { bytes: 4096, inFlight: 64, against: 'minimum', aim: 0.9 },
  { bytes: 64, inFlight: 64, against: 'hawser-nocontext', aim: 0.85 },
]

/** Hawser's calls/s over another's, next to the ratio aimed at; rows that were not measured are left out. */
export function aimsTable(outcomes: readonly Outcome[]): Table {
  const find = (name: string, cell: Cell) =>
    outcomes.find(
      ({ subject, cell: { bytes, inFlight } }) =>
        subject.name === name && bytes === cell.bytes && inFlight === cell.inFlight,
    )
  const rows = aims.flatMap((aim) => {
    const hawser = find('hawser', aim)
    const names = aim.against === 'the fastest peer' ? peers : [aim.against]
    const others = names.flatMap((name) => find(name, aim) ?? [])
    if (!hawser || others.length === 0) return []
    // The fastest peer is the one that Hawser is the fewest times faster than.
    const ratios = others
      .map((other) => ({ name: other.subject.name, value: ratio(hawser, other) }))
      .filter(({ value }) => !Number.isNaN(value))
      .sort((a, b) => a.value - b.value)
    const [least] = ratios
    if (!least) return []
    const against = aim.against === least.name ? least.name : `${aim.against}, ${least.name}`
    return [
      [`${size(aim.bytes)}, ${aim.inFlight} in flight`, against, `${readable(least.value)}×`, `${aim.aim}×`],
    ]
  })
  return {
    title: 'Hawser’s calls/s over those of',
    columns: ['cell', 'subject', 'measured', 'aimed at'],
    rows,
  }
}

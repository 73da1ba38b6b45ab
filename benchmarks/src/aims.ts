import type { Cell } from './pair.js'
import { ratio, size } from './report.js'
import type { Outcome } from './rounds.js'
import { readable } from './stats.js'
import type { Table } from './table.js'

interface Aim extends Cell {
  /** Default: hawser. */
  readonly of?: string
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
  { bytes: 64, inFlight: 64, of: 'hawser-ipc', against: 'hawser', aim: 1 },
  { bytes: 64, inFlight: 64, of: 'hawser-ws', against: 'rpc-websockets', aim: 2 },
  { bytes: 64, inFlight: 64, of: 'hawser-ws', against: 'socket.io', aim: 2.5 },
  { bytes: 64, inFlight: 64, of: 'hawser-memory', against: 'hawser', aim: 1.3 },
  { bytes: 64, inFlight: 64, of: 'hawser-memory', against: 'hawser-one-process', aim: 1.3 },
  { bytes: 1024, inFlight: 1, of: 'hawser-stream', against: 'grpc-stream', aim: 5 },
  ...[64, 1].flatMap((inFlight) => [
    { bytes: 64, inFlight, of: 'hawser-http', against: 'node-http', aim: 0.9 },
    { bytes: 64, inFlight, of: 'hawser-http', against: 'fastify-http', aim: 1 },
  ]),
]

/** Calls/s, or items/s, over another's, next to the ratio aimed at; rows that were not measured are left out. */
export function aimsTable(outcomes: readonly Outcome[]): Table {
  const find = (name: string, cell: Cell) =>
    outcomes.find(
      ({ subject, cell: { bytes, inFlight } }) =>
        subject.name === name && bytes === cell.bytes && inFlight === cell.inFlight,
    )
  const rows = aims.flatMap((aim) => {
    const { of = 'hawser' } = aim
    const hawser = find(of, aim)
    const names = aim.against === 'the fastest peer' ? peers : [aim.against]
    const others = names.flatMap((name) => find(name, aim) ?? [])
    if (!hawser || others.length === 0) return []
    // The fastest peer is the one that Hawser is the fewest times faster than.
    const ratios = others
      .map((other) => ({ other, name: other.subject.name, value: ratio(hawser, other) }))
      .filter(({ value }) => !Number.isNaN(value))
      .sort((a, b) => a.value - b.value)
    const [least] = ratios
    if (!least) return []
    const against = aim.against === least.name ? least.name : `${aim.against}, ${least.name}`
    return [
      [
        `${of}, ${size(aim.bytes)}, ${aim.inFlight} in flight`,
        against,
        `${readable(least.value)}×`,
        `${aim.aim}×`,
        `${readable(ratio(least.other, hawser, ({ serverCpu }) => serverCpu))}×`,
      ],
    ]
  })
  return {
    title: 'Calls/s (items/s of streams) over those of',
    columns: ['', 'subject', 'measured', 'aimed at', 'server’s CPU, theirs over it'],
    rows,
  }
}

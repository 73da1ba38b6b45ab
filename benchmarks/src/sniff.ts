import { json } from '@hawser/codec-json'
import { type Connection, type Protocol, type Session, systemClock } from '@hawser/contract'
import { http } from '@hawser/protocol-http'
import { jsonFrame } from '@hawser/protocol-json-frame'
import { createServer, type Server } from '@hawser/server'
import { type Driver, DriverConnection, native, preface } from '@hawser/wire'
import { readable, summarize } from './stats.js'
import type { Table } from './table.js'

const batch = 1_000

// What a session costs is not the question: this one only starts its connection.
function started(connection: Connection): Session {
  connection.start(() => {})
  const none = () => {
    throw new TypeError('Nobody calls here')
  }
  return {
    connection,
    peer: undefined as never,
    identity: undefined,
    handler: none,
    begin: none,
    codecs: [],
    closed: connection.closed,
    open: true,
    active: 0,
    notify: () => false,
    close: () => connection.close(),
    abort: none,
    [Symbol.asyncDispose]: () => connection.close(),
  }
}

const silent = (protocol: Protocol): Protocol => ({
  ...protocol,
  serve: started,
})

const idle: Driver = {
  queued: 0,
  write() {},
  end() {},
  destroy() {},
  pause() {},
  resume() {},
}

const bytes = (text: string) => new TextEncoder().encode(text)
const heads: readonly (readonly [name: string, head: Uint8Array, own: Protocol])[] = [
  ['native', preface, silent(native())],
  ['HTTP', bytes('POST /twice HTTP/1.1\r\nHost: localhost\r\n\r\n'), silent(http())],
  ['length-prefixed JSON', bytes('\r\0\0\0{"in":"ping"}'), silent(jsonFrame())],
]

/** What is the price of telling several protocols apart, for each connection? */
export async function sniffTable(
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
  progress: (text: string) => void,
): Promise<Table> {
  const server = createServer({ transports: [], codecs: [json()], log: () => {} })
  const all = heads.map(([, , own]) => own)
  const rows: string[][] = []
  for (const [name, head, own] of heads) {
    const alone: number[] = []
    const among: number[] = []
    await measure(server, [own], [head], seconds / 4)
    await measure(server, all, [head], seconds / 4)
    for (let round = 0; round < rounds; round++) {
      progress(`${name}, round ${round + 1}`)
      alone.push(await measure(server, [own], [head], seconds / 2))
      among.push(await measure(server, all, [head], seconds / 2))
    }
    const added = among.map((microseconds, round) => microseconds - alone[round]!)
    rows.push([name, ...[alone, among, added].map(figures)])
  }
  await server.close()
  return {
    title: 'Microseconds of processor time for a connection, from its acceptance to its end',
    columns: ['which speaks', 'the only protocol of its port', 'one of three', 'added'],
    rows,
  }
}

async function measure(
  server: Server,
  protocols: readonly Protocol[],
  pieces: readonly Uint8Array[],
  seconds: number,
): Promise<number> {
  const clock = systemClock()
  const peer = { address: 'test://peer' }
  const options = { protocols }
  // Of the processor, not of the wall: others may be using it, too.
  const began = process.cpuUsage()
  const until = performance.now() + seconds * 1_000
  let count = 0
  do {
    for (let index = 0; index < batch; index++) {
      const connection = new DriverConnection(idle, { boundaries: 'stream', peer, clock })
      server.serve(connection, options)
      for (const piece of pieces) connection.received(piece)
      connection.ended()
    }
    count += batch
    // What a connection leaves to promises is part of its price.
    await new Promise((resolve) => setImmediate(resolve))
  } while (performance.now() < until)
  const { user, system } = process.cpuUsage(began)
  return (user + system) / count
}

function figures(values: readonly number[]): string {
  const { min, median, max } = summarize(values)
  return [min, median, max].map(readable).join(' / ')
}

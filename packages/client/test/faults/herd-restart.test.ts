import { readFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { type Client, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { type Dialer, defaultLimits } from '@hawser/contract'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { ledger, serverProcess } from '../support/server-process.js'

harness(t)

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Each client takes a descriptor here, and one of the server's. */
function affordable(): number {
  const open = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
  return Math.min(5_000, Math.floor(0.6 * Number(open)))
}

t.test(
  'F32 thousands of clients whose server is killed are all back with the next one, and do not hold it up',
  { skip: process.platform === 'linux' ? false : 'needs /proc', timeout: 120_000 },
  async (t) => {
    using effects = ledger()
    // Two cores for all of them, and for whatever else runs: time is not what is tested here.
    const patience = { handshakeMs: 60_000, connectMs: 60_000 }
    const limits = { connectionsPerPeer: 10_000, unauthenticatedShare: 0.5, ...patience }
    const first = await serverProcess(effects, { limits })
    const { address, port } = first
    const lost: number[] = []
    const waits: number[] = []
    const network = tcp()
    const many: Client[] = Array.from({ length: affordable() }, () => {
      let lostAt: number | undefined
      const dialer: Dialer = {
        schemes: network.schemes,
        dial(...given) {
          if (lostAt !== undefined) waits.push(performance.now() - lostAt)
          lostAt = undefined
          return network.dial(...given)
        },
      }
      return createClient({
        transports: [dialer],
        codecs: [json()],
        reconnect: true,
        limits: patience,
        log: () => {},
        onClose: () => {
          lostAt = performance.now()
          lost.push(lostAt)
        },
      })
    })
    const connectAll = () => Promise.all(many.map((client) => client.connect(address)))
    await connectAll()

    await first.end('SIGKILL')
    await sleep(1_000)
    await using next = await serverProcess(effects, { port, limits })
    const backAt = performance.now()
    t.equal(next.address, address)
    await connectAll()
    const tookMs = performance.now() - backAt
    t.ok(tookMs < 60_000, `all ${many.length} are back after ${Math.round(tookMs)} ms`)
    t.equal(lost.length, many.length)
    t.equal(waits.length, many.length, 'each dials by itself, once lost')
    const { reconnectMs } = defaultLimits
    const spread = Math.max(...waits) - Math.min(...waits)
    t.ok(spread >= 0.8 * reconnectMs, `first dials are spread over ${Math.round(spread)} ms`)
    const lag = await many[0]!.remote<() => { p99: number; max: number }>(address, '/lag')()
    const late = `the new server's loop was late by ${lag.p99.toFixed(1)} ms (p99), ${lag.max.toFixed(1)} ms at most`
    // Where processes wait for a processor, so do their loops, whatever they have to do.
    const crowded = loadavg()[0]! > 2 * availableParallelism()
    t.ok(lag.p99 < 100, late, { skip: crowded && `the machine is busy: ${late}` })
    await Promise.all(many.map((client) => client.close()))
  },
)

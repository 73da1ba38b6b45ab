// A server in a process of its own, to be stopped, blocked and killed. Plain JavaScript, so that it starts fast.
import { appendFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { json } from '@hawser/codec-json'
import { limitsWith } from '@hawser/contract'
import { createServer } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'

const { port, ledger, limits } = JSON.parse(process.argv[2])
const server = createServer({
  transports: [tcp({ limits: limitsWith(limits) })],
  codecs: [json()],
  limits,
  log: () => {},
})

/** Every effect is on disk before it is answered, so that no way to die can hide one. */
server.rpc('/effect', async (id, milliseconds = 0) => {
  appendFileSync(ledger, `${id}\n`)
  if (milliseconds > 0) await sleep(milliseconds)
  return id
})
server.rpc('/block', (milliseconds) => {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
})
server.rpc('/pid', () => process.pid)

const lag = monitorEventLoopDelay({ resolution: 5 })
lag.enable()
/** How long the loop was held up since the start, in milliseconds. */
server.rpc('/lag', () => ({ p99: lag.percentile(99) / 1e6, max: lag.max / 1e6 }))

process.on('SIGTERM', () => {
  server.close().then(() => process.disconnect())
})
process.on('disconnect', () => void server.close({ signal: AbortSignal.abort() }))
const { address } = await server.listen(`tcp://127.0.0.1:${port ?? 0}`)
process.send({ address })

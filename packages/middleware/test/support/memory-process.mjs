// A process with little memory that keeps what it is told to, and says what became of the calls.
import { getHeapStatistics } from 'node:v8'
import { callsThrough } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { createServer } from '@hawser/server'
import { loadShed } from '../../dist/load-shed/index.js'

// Objects that are kept cannot be where new ones are made, which the limit includes.
const youngBytes = 48 * 1_024 * 1_024
const heapShare = () => {
  const { used_heap_size, heap_size_limit } = getHeapStatistics()
  return used_heap_size / (heap_size_limit - youngBytes)
}
const states = []
const kept = []
const codecs = [json()]
const server = createServer({
  codecs,
  log: () => {},
  middleware: [
    loadShed({ heapShare, maxLagMs: 60_000, everyMs: 0, onChange: (state) => states.push(state) }),
  ],
})
server.rpc('/keep', () => {
  kept.push(Array.from({ length: 20_000 }, (_, n) => [n]))
  return kept.length
})
const calls = callsThrough(server.handler, { codecs })
const keep = calls.remote('/keep')
const outcome = () =>
  keep().then(
    () => 'taken',
    (error) => `${error.code}/${error.reason}/${error.executed}`,
  )

let refused
for (let n = 0; n < 10_000 && refused === undefined; n++) {
  const result = await outcome()
  if (result !== 'taken') refused = result
}
gc()
const full = { refused, share: heapShare(), again: await outcome() }
kept.length = 0
gc()
const empty = { share: heapShare(), outcome: await outcome() }
calls.close()
await server.close()
console.log(JSON.stringify({ full, empty, states }))

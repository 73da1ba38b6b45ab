import { harness } from '@hawser/compliance/harness'
import { currentCall } from '@hawser/context'
import t from 'tap'
import { served } from './support/served.js'
import { hawser } from './support/terminal.js'

harness(t)

const server = served()
const { address } = await server.listen('tcp://127.0.0.1:0')
t.teardown(() => server.close())
const bench = (...args: string[]) => hawser(['bench', address, ...args, '--warm-up', '0s'])

t.test('a closed loop makes its calls over its connections', async (t) => {
  const connections = new Set<string | undefined>()
  server.rpc('/noted', () => void connections.add(currentCall()?.connection?.id))
  const { code, out } = await bench('/noted', '-n', '500', '-c', '8', '--connections', '3', '--json')
  t.equal(code, 0)
  const result = JSON.parse(out)
  t.match(result, {
    address,
    method: '/noted',
    concurrency: 8,
    connections: 3,
    calls: 500,
    failed: 0,
    errors: {},
  })
  const { min, p50, p75, p90, p99, max } = result.latencyMs
  const times = [min, p50, p75, p90, p99, result.latencyMs['p99.9'], max]
  t.same(
    times,
    times.toSorted((a, b) => a - b),
  )
  t.equal(
    result.histogram.reduce((sum: number, { count }: { count: number }) => sum + count, 0),
    500,
  )
  t.ok(Math.abs(result.callsPerSecond - 500 / (result.tookMs / 1_000)) < 1)
  t.equal(connections.size, 3)
})

t.test('an open loop keeps its rate, and tells how late it was', async (t) => {
  const { code, out } = await bench('/add', '1', '2', '-r', '500', '-d', '400ms', '--json')
  t.equal(code, 0)
  const result = JSON.parse(out)
  t.match(result, { rate: 500, calls: 200, unmade: 0, latenessMs: { p99: Number, max: Number } })
  t.ok(result.tookMs >= 390)
})

t.test('a table and a histogram for people', async (t) => {
  const { out, err } = await bench('/add', '1', '2', '-d', '100ms')
  t.match(out, /^\/add at tcp:.*: 16 at a time, 1 connection\n {2}calls +[\d,]+ in \d+ ms\n/)
  for (const row of ['throughput', 'failed', 'min', 'mean', 'p50', 'p75', 'p90', 'p99', 'p99.9', 'max'])
    t.match(out, new RegExp(`^ {2}${row.replace('.', '\\.')} +\\d`, 'm'))
  t.match(out, /^ {2}< +[\d.]+ ms +[\d.]+ % +█+$/m)
  t.equal(err, '', 'no progress where nobody looks')
})

t.test('progress is one line that changes, and is gone at the end', async (t) => {
  const { err } = await hawser(['bench', address, '/add', '1', '2', '-d', '500ms', '--warm-up', '50ms'], {
    tty: true,
  })
  const shown = err.split('\r\u001b[2K')
  t.equal(shown[1], 'warming up')
  t.match(shown[2], /^[\d,]+ calls {2}[\d,]+\/s {2}p50 [\d.]+ ms {2}p99 [\d.]+ ms {2}[\d.]+ s left$/)
  t.equal(shown.at(-1), '')
  t.notMatch(err, /\n/)
})

t.test('what cannot work at all is told as for a call', async (t) => {
  t.match(await bench('/nope'), { code: 6, out: '', err: /no_method/ })
  t.match(await bench('/fail'), { code: 1, out: '', err: /not_found, executed/ })
})

t.test('failures are counted by code', async (t) => {
  const flaky = served()
  let calls = 0
  flaky.rpc('/flaky', () => {
    if (calls++ % 2 === 1) throw new Error('odd')
  })
  const { address } = await flaky.listen('tcp://127.0.0.1:0')
  t.teardown(() => flaky.close())
  const args = ['bench', address, '/flaky', '-n', '10', '-c', '1', '--warm-up', '0s']
  const { code, out } = await hawser([...args, '--json'])
  t.equal(code, 1)
  t.match(JSON.parse(out), { calls: 10, failed: 5, errors: { 'internal/handler_failed': 5 } })
  calls = 0
  t.match((await hawser(args)).out, /5 × internal\/handler_failed: odd/)
})

t.test('an interruption gives what there is until then', async (t) => {
  const controller = new AbortController()
  let calls = 0
  server.rpc('/interrupted', () => {
    if (++calls === 1_000) controller.abort()
  })
  const { out } = await hawser(['bench', address, '/interrupted', '--warm-up', '0s', '--json'], {
    interrupted: controller.signal,
  })
  const result = JSON.parse(out)
  t.ok(result.calls > 900 && result.calls <= 1_100, `${result.calls}`)
  t.equal(result.failed, 0)
})

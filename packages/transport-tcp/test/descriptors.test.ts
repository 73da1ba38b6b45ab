import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'

harness(t)

/** A fixture with so many file descriptors. */
function run(name: string, descriptors: number, ...parameters: readonly string[]): ChildProcess {
  const fixture = fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url))
  const command = `ulimit -n ${descriptors}; exec "$0" --import=tsx "$@"`
  return spawn('sh', ['-c', command, process.execPath, fixture, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
}

const skip = process.platform === 'linux' ? false : 'the limit is read from Linux'

t.test(
  'F17 F18 without file descriptors calls go on, failures are typed, and it recovers',
  { skip },
  async (t) => {
    const child = run('descriptors', 128)
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    const [code] = await once(child, 'close')
    t.equal(code, 0)
    const report = JSON.parse(output)
    t.match(report, {
      firstEcho: true,
      duringAccept: true,
      refusedAccepts: true,
      duringDial: true,
      error: { code: 'unavailable', reason: 'unreachable', executed: 'no', retryable: true },
    })
    t.ok(report.recoveryMs < 1_000, `${report.recoveryMs} ms`)
  },
)

t.test('F17 connections are capped below the limit, and those beyond are counted', { skip }, async (t) => {
  const server = run('capped-server', 128)
  const [port] = await once(server, 'message')
  const clients = run('many-clients', 1_000, String(port), '120')
  const [kept] = await once(clients, 'message')
  server.send('report')
  const [report] = await once(server, 'message')
  t.equal(report.accepted, 64, '128 less what is needed otherwise')
  t.equal(kept, 64)
  t.same(report.events, { tcp_drop_connections: 56 })
  clients.send('end')
  await Promise.all([once(server, 'close'), once(clients, 'close')])
})

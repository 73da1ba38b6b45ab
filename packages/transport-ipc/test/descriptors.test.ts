import { once } from 'node:events'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { folder } from './support/folder.js'
import { message, run } from './support/process.js'

harness(t)

const skip = process.platform === 'linux' ? false : 'the limit is read from Linux'

t.test(
  'F17 F18 without file descriptors calls go on, failures are typed, and it recovers',
  { skip },
  async (t) => {
    const child = run(t, 'descriptors', [folder(t).address('a')], 128)
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
  const place = folder(t)
  const server = run(t, 'capped-server', [place.address('a')], 128)
  await message(server)
  const clients = run(t, 'many-clients', [place.at('a.sock'), '120'], 1_000)
  const kept = await message(clients)
  const reported = message<{ accepted: number; events: unknown }>(server)
  server.send('report')
  const report = await reported
  t.equal(report.accepted, 64, '128 less what is needed otherwise')
  t.equal(kept, 64)
  t.same(report.events, { ipc_drop_connections: 56 })
  clients.send('end')
  await Promise.all([once(server, 'close'), once(clients, 'close')])
})

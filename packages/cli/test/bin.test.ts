import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { harness } from '@hawser/compliance/harness'
import { currentCall } from '@hawser/context'
import t from 'tap'
import { bin, ran, start } from './support/bin.js'
import { authority, counting, served } from './support/served.js'
import { values } from './support/terminal.js'

harness(t)

const server = served()
counting(server)
const folder = mkdtempSync(join(tmpdir(), 'hawser-'))
const ca = join(folder, 'ca.pem')
writeFileSync(ca, authority.cert)
const addresses: string[] = []
for (const wanted of [
  'tcp://127.0.0.1:0',
  'tls://127.0.0.1:0',
  `ipc://${join(folder, 'demo.sock')}`,
  'ws://127.0.0.1:0',
])
  addresses.push((await server.listen(wanted)).address)
const address = addresses[0]!
t.teardown(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

/** Registers a method that ends when it is cancelled; resolves when it is called. */
function waiting(path: string): Promise<void> {
  return new Promise((called) => {
    server.rpc(path, () => {
      called()
      return new Promise((resolve) => currentCall()?.onCancel({ cancelled: resolve }))
    })
  })
}

/** Resolves when a child has said something that fits. */
function heard(child: ReturnType<typeof start>, pattern: RegExp): Promise<void> {
  let said = ''
  return new Promise((resolve) => {
    child.stdout!.on('data', (bytes: Uint8Array) => {
      said += new TextDecoder().decode(bytes)
      if (pattern.test(said)) resolve()
    })
  })
}

t.test('AM-02 one address or another, the rest is the same', async (t) => {
  const outcomes = await Promise.all(
    addresses.map((address) => ran(start(['call', address, '/add', '[1, 2]', '--ca', ca]))),
  )
  for (const [index, outcome] of outcomes.entries())
    t.same(outcome, { code: 0, out: '3\n', err: '' }, addresses[index]!)
})

t.test('its exit code is that of the process', async (t) => {
  t.match(await ran(start(['call', address, '/slow', '--deadline', '20ms'])), {
    code: 4,
    out: '',
    err: /^hawser: /,
  })
})

t.test('Ctrl-C ends a pull well, and a call with 130', async (t) => {
  const pull = start(['pull', address, '/numbers'])
  const pulled = ran(pull)
  await heard(pull, /\n/)
  pull.kill('SIGINT')
  const { code, out, err } = await pulled
  t.same([code, err], [0, ''])
  t.ok(values(out).length > 0)

  const running = waiting('/began')
  const call = start(['call', address, '/began'])
  const called = ran(call)
  await running
  call.kill('SIGINT')
  t.match(await called, { code: 130, out: '', err: /^hawser: cancelled/ })
})

t.test('who reads no more ends it, without a word', async (t) => {
  const child = start(['call', address, 'shop.Shop/all', '"1000000000"'])
  const said = text(child.stderr!)
  await once(child.stdout!, 'data')
  child.stdout!.destroy()
  const [code] = await once(child, 'close')
  t.same([code, await said], [0, ''])
})

const noScript = spawnSync('script', ['--version']).status === 0 ? false : 'script (of util-linux) is missing'

t.test(
  'a shell on a terminal completes names, and Ctrl-C ends the call alone',
  {
    skip: process.env.CI ? false : noScript,
  },
  async (t) => {
    server.rpc('/debug/reflection', () => ({ rpc: { '/add': '', '/forever': '' }, publish: {} }))
    const running = waiting('/forever')
    const command = `${process.execPath} ${bin} ${address}`
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { PATH: process.env.PATH, TERM: 'xterm', NO_COLOR: '1' },
    })
    const closed = once(child, 'close')
    await heard(child, /> /)
    child.stdin.write('/ad')
    await heard(child, /\/ad/)
    child.stdin.write('\t')
    await heard(child, /d /)
    child.stdin.write('1 2\r')
    await heard(child, /\n3\r\n/)
    child.stdin.write('/forever\r')
    await running
    child.stdin.write('\u0003')
    await heard(child, /cancelled[\s\S]+> /)
    child.stdin.write('/add 20 22\r')
    await heard(child, /\n42\r\n/)
    child.stdin.write('\u0004')
    t.same(await closed, [0, null])
  },
)

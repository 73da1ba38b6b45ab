import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, lchownSync, mkdirSync, statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { harness } from '@hawser/compliance/harness'
import type { Connection } from '@hawser/contract'
import t from 'tap'
import { type IpcPeer, ipc } from '../src/index.js'
import { folder } from './support/folder.js'
import { staleAt } from './support/stale.js'

const skip = process.platform === 'win32' ? 'pipes have no permissions of files' : false
// Only root can act as another user; in CI it has to be there.
const asRoot = process.env.CI || process.geteuid?.() === 0 ? skip : 'needs root'
const nobody = 65_534
harness(t)

const modeOf = (path: string) => statSync(path).mode & 0o777

t.test('the permissions of the socket do not depend on the umask', { skip }, async (t) => {
  const place = folder(t)
  for (const umask of [0o000, 0o022, 0o077]) {
    for (const mode of [undefined, 0o600, 0o660, 0o666]) {
      const before = process.umask(umask)
      try {
        const listener = await ipc({ mode }).listen(place.address('a'), () => {})
        t.equal(modeOf(place.at('a.sock')), mode ?? 0o600, `umask ${umask.toString(8)}`)
        await listener.close()
      } finally {
        t.equal(process.umask(before), umask, 'and it is left alone')
      }
    }
  }
})

t.test('a mode that is none, or keeps ourselves out, is a TypeError', async (t) => {
  for (const mode of [0, 0o700, 0o400, 0o060, 0o1600, 0o667, 0o600 + 0.5, Number.NaN, -1])
    t.throws(() => ipc({ mode }), TypeError, String(mode))
})

t.test('a missing directory is made where that is asked for, for its owner alone', { skip }, async (t) => {
  const place = folder(t)
  const before = process.umask(0)
  try {
    const transport = ipc({ makeDirectory: true })
    for (let round = 0; round < 2; round++) {
      const listener = await transport.listen(`ipc://${place.at('made/a.sock')}`, () => {})
      t.equal(modeOf(place.at('made')), 0o700)
      await listener.close()
    }
    await t.rejects(
      transport.listen(`ipc://${place.at('one/two/a.sock')}`, () => {}),
      { code: 'not_found' },
    )
    mkdirSync(place.at('open'), { mode: 0o755 })
    const listener = await transport.listen(`ipc://${place.at('open/a.sock')}`, () => {})
    t.equal(modeOf(place.at('open')), 0o755, 'one that is there is left as it is')
    await listener.close()
  } finally {
    process.umask(before)
  }
})

t.test('both ends know the file they met at', { skip }, async (t) => {
  const place = folder(t)
  const transport = ipc({ mode: 0o660 })
  let accepted: (connection: Connection) => void = () => {}
  const accepting = new Promise<Connection>((resolve) => {
    accepted = resolve
  })
  const listener = await transport.listen(place.address('a'), (connection) => {
    connection.start(() => {})
    accepted(connection)
  })
  const client = await transport.dial(listener.address)
  client.start(() => {})
  const server = await accepting
  const peer: IpcPeer = {
    address: listener.address,
    path: place.at('a.sock'),
    owner: process.geteuid?.(),
    mode: 0o660,
  }
  t.same(client.peer, peer)
  t.same(server.peer, peer)
  t.equal(client.peer.host, undefined)
  await client.close()
  await server.closed
  await listener.close()
})

t.test('a socket of another user is neither replaced nor trusted to be ours', { skip: asRoot }, async (t) => {
  const place = folder(t)
  await staleAt(place.at('a.sock'))
  lchownSync(place.at('a.sock'), nobody, nobody)
  await t.rejects(
    ipc().listen(place.address('a'), () => {}),
    { code: 'failed_precondition', executed: 'no', message: /another user \(65534\)/ },
  )
  t.same(place.list(), ['a.sock'])
})

/** Connects as another user, and tells how that went. */
async function connectAs(user: number, path: string): Promise<string> {
  const code = `require('node:net').connect(process.argv[1]).on('connect', function () { console.log('connected'); this.destroy() })
    .on('error', (error) => console.log(error.code))`
  // Without the environment that tests are run with, which writes where that user may not.
  const child = spawn('/usr/bin/env', ['-i', process.execPath, '-e', code, path], {
    uid: user,
    gid: user,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  await once(child, 'close')
  return output.trim()
}

t.test('only who may write to the file gets in', { skip: asRoot }, async (t) => {
  const place = folder(t)
  chmodSync(place.path, 0o755)
  for (const [mode, group, expected] of [
    [undefined, 0, 'EACCES'],
    [0o660, 0, 'EACCES'],
    [0o660, nobody, 'connected'],
    [0o666, 0, 'connected'],
  ] as const) {
    const listener = await ipc({ mode }).listen(place.address('a'), (connection) =>
      connection.start(() => {}),
    )
    chownSync(place.at('a.sock'), 0, group)
    t.equal(await connectAs(nobody, place.at('a.sock')), expected)
    await listener.close()
  }
})

t.test('a worker thread can listen, too', { skip }, async (t) => {
  const place = folder(t)
  const fixture = new URL('./fixtures/thread.ts', import.meta.url).href
  // A loader that is given on the command line does not reach the main module of a thread in every version of Node.js.
  const program = `import('tsx/esm/api').then(({ register }) => { register(); return import('${fixture}') })`
  const worker = new Worker(program, { eval: true, workerData: place.address('a') })
  await once(worker, 'message')
  t.equal(modeOf(place.at('a.sock')), 0o600)
  const client = await ipc().dial(place.address('a'))
  const echoed = new Promise<number>((resolve) => client.start((bytes) => resolve(bytes.length)))
  client.send(Uint8Array.of(1))
  t.equal(await echoed, 1)
  await client.close()
  worker.postMessage('close')
  await once(worker, 'exit')
  t.same(place.list(), [])
})

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { harness } from '@hawser/compliance/harness'
import { type Listener, RpcError, systemClock } from '@hawser/contract'
import t from 'tap'
import { claim, lockOf } from '../src/claim.js'
import { ipc } from '../src/index.js'
import { folder } from './support/folder.js'
import { kill, message, run } from './support/process.js'
import { staleAt } from './support/stale.js'

const skip = process.platform === 'win32' ? 'pipes have no files' : false
harness(t)

const transport = ipc()
const listen = (address: string, with_ = transport): Promise<Listener> =>
  with_.listen(address, (connection) => connection.start((bytes) => connection.send(bytes)))

async function echoes(address: string): Promise<boolean> {
  const connection = await transport.dial(address)
  const echoed = new Promise<number>((resolve) => connection.start((bytes) => resolve(bytes.length)))
  connection.send(Uint8Array.of(1, 2, 3))
  const length = await echoed
  await connection.close()
  return length === 3
}

t.test('nothing but the socket is there while it listens, and nothing after', { skip }, async (t) => {
  const place = folder(t)
  const listener = await listen(place.address('a'))
  t.same(place.list(), ['a.sock'])
  t.ok(lstatSync(place.at('a.sock')).isSocket())
  await listener.close()
  t.same(place.list(), [])
})

t.test('a live socket is never removed', { skip }, async (t) => {
  const place = folder(t)
  const listener = await listen(place.address('a'))
  await t.rejects(listen(place.address('a')), {
    code: 'already_exists',
    executed: 'no',
    message: `${place.address('a')} is in use`,
  })
  t.ok(await echoes(place.address('a')))
  t.same(place.list(), ['a.sock'])
  await listener.close()
})

t.test('nor is one of another program, or of another kind', { skip }, async (t) => {
  const place = folder(t)
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  await new Promise<void>((resolve) => server.listen(place.at('a.sock'), resolve))
  await t.rejects(listen(place.address('a')), { code: 'already_exists' })
  await new Promise((resolve) => server.close(resolve))
})

t.test('a dead socket is replaced', { skip }, async (t) => {
  const place = folder(t)
  await staleAt(place.at('a.sock'))
  const before = lstatSync(place.at('a.sock')).ino
  const listener = await listen(place.address('a'))
  t.not(lstatSync(place.at('a.sock')).ino, before)
  t.same(place.list(), ['a.sock'])
  t.ok(await echoes(place.address('a')))
  await listener.close()
  t.same(place.list(), [])
})

t.test('after SIGKILL of its server an address can be listened on again', { skip }, async (t) => {
  const place = folder(t)
  const address = place.address('a')
  for (let round = 0; round < 2; round++) {
    const child = run(t, 'starter')
    await message(child)
    child.send({ address, at: 0 })
    t.equal(await message(child), 'listening')
    t.ok(await echoes(address))
    await kill(child)
    t.same(place.list(), ['a.sock'], 'what a killed process leaves')
    await t.rejects(transport.dial(address), { code: 'unavailable', reason: 'unreachable', retryable: true })
  }
  const listener = await listen(address)
  t.ok(await echoes(address))
  await listener.close()
})

t.test('what is no socket of ours stays, and keeps us from starting', { skip }, async (t) => {
  const place = folder(t)
  const refused = { name: 'RpcError', code: 'failed_precondition', executed: 'no' }
  writeFileSync(place.at('file.sock'), 'precious')
  mkdirSync(place.at('directory.sock'))
  await staleAt(place.at('dead'))
  symlinkSync(place.at('dead'), place.at('link.sock'))
  symlinkSync(place.at('nowhere'), place.at('dangling.sock'))
  const before = place.list()
  for (const [name, why] of [
    ['file', /no socket/],
    ['directory', /a directory/],
    ['link', /symbolic link/],
    ['dangling', /symbolic link/],
  ] as const)
    await t.rejects(listen(place.address(name)), { ...refused, message: why })
  t.same(place.list(), before, 'nothing is made, either')
})

t.test('a directory that is missing or closed is told', { skip }, async (t) => {
  const place = folder(t)
  await t.rejects(listen(`ipc://${place.at('none/a.sock')}`), {
    code: 'not_found',
    executed: 'no',
    message: /makeDirectory/,
  })
  writeFileSync(place.at('file'), '')
  await t.rejects(listen(`ipc://${place.at('file/a.sock')}`), { code: 'not_found', executed: 'no' })
})

t.test('on close only the own inode is removed', { skip }, async (t) => {
  const place = folder(t)
  for (const replace of [
    () => writeFileSync(place.at('a.sock'), 'precious'),
    () => staleAt(place.at('a.sock')),
    () => symlinkSync('/dev/null', place.at('a.sock')),
    () => {},
  ]) {
    const listener = await listen(place.address('a'))
    renameSync(place.at('a.sock'), place.at('moved'))
    rmSync(place.at('moved'))
    await replace()
    const before = place.list()
    await listener.close()
    t.same(place.list(), before)
    rmSync(place.at('a.sock'), { force: true })
  }
})

t.test('of many that start in one process exactly one wins, whatever was there', { skip }, async (t) => {
  const place = folder(t)
  for (let round = 0; round < 24; round++) {
    const name = `r${round}`
    if (round % 2) await staleAt(place.at(`${name}.sock`))
    if (round % 4 === 3) await staleAt(lockOf(place.at(`${name}.sock`), 0))
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, () => listen(place.address(name), ipc())),
    )
    const winners = outcomes.filter((each) => each.status === 'fulfilled')
    const codes = outcomes.flatMap((each) =>
      each.status === 'rejected' ? [(each.reason as RpcError).code] : [],
    )
    t.equal(winners.length, 1)
    t.same(codes, Array(5).fill('already_exists'))
    t.same(place.list(), [`${name}.sock`])
    t.ok(await echoes(place.address(name)))
    await winners[0]?.value.close()
  }
})

t.test('of several processes that start at once exactly one wins', { skip }, async (t) => {
  const place = folder(t)
  const starters = Array.from({ length: 3 }, () => run(t, 'starter'))
  await Promise.all(starters.map((child) => message(child)))
  const tell = (child: ChildProcess, order: unknown): Promise<string> => {
    const answer = message<string>(child)
    child.send(order as object)
    return answer
  }
  for (let round = 0; round < 24; round++) {
    const name = `r${round}`
    if (round % 2) await staleAt(place.at(`${name}.sock`))
    const at = Date.now() + 4
    const order = { address: place.address(name), at }
    const outcomes = await Promise.all(starters.map((child) => tell(child, order)))
    t.same(outcomes.sort(), ['already_exists', 'already_exists', 'listening'])
    t.same(place.list(), [`${name}.sock`])
    t.ok(await echoes(place.address(name)))
    await Promise.all(starters.map((child) => tell(child, 'close')))
    t.same(place.list(), [])
  }
  await Promise.all(starters.map((child) => kill(child)))
})

t.test('a lock left by a killed process is taken over, and so is its own', { skip }, async (t) => {
  const place = folder(t)
  const path = place.at('a.sock')
  for (let levels = 1; levels <= 3; levels++) {
    await staleAt(path)
    let name = path
    for (let level = 0; level < levels; level++) {
      name = lockOf(name, level)
      await staleAt(name)
    }
    if (levels === 3) {
      await t.rejects(listen(place.address('a')), { code: 'failed_precondition', message: /\.lock3 is left/ })
      t.equal(place.list().length, 4)
    } else {
      const listener = await listen(place.address('a'))
      t.same(place.list(), ['a.sock'])
      await listener.close()
    }
  }
})

t.test('a lock that is held is waited for, and never taken', { skip }, async (t) => {
  const place = folder(t)
  const path = place.at('a.sock')
  const lock = lockOf(path, 0)
  await staleAt(path)
  const holder = createServer((socket) => socket.on('error', () => {}).resume())
  await new Promise<void>((resolve) => holder.listen(lock, resolve))
  const asked = once(holder, 'connection')
  let begun = false
  const listening = listen(place.address('a')).then((listener) => {
    t.ok(begun, 'not before')
    return listener
  })
  await asked
  const stage = place.list().find((name) => /^\.[^.]+$/.test(name))
  t.equal(
    lstatSync(place.at(stage ?? '')).mode & 0o777,
    0o700,
    'what is made meanwhile, nobody else can reach',
  )
  begun = true
  await new Promise((resolve) => holder.close(resolve))
  const listener = await listening
  t.same(place.list(), ['a.sock'])
  await listener.close()
})

t.test('one that was replaced between the probe and the lock is left', { skip }, async (t) => {
  // The lock is held, so the starter waits with what it has found; meanwhile a live one comes.
  const place = folder(t)
  const path = place.at('a.sock')
  await staleAt(path)
  const holder = createServer((socket) => socket.on('error', () => {}).resume())
  await new Promise<void>((resolve) => holder.listen(lockOf(path, 0), resolve))
  const asked = once(holder, 'connection')
  const other = createServer((socket) => socket.on('error', () => {}).resume())
  await new Promise<void>((resolve) => other.listen(place.at('other'), resolve))
  const mine = createServer()
  await new Promise<void>((resolve) => mine.listen(place.at('mine'), resolve))
  const claiming = claim(place.at('mine'), path, systemClock())
  await asked
  linkSync(place.at('other'), place.at('again'))
  renameSync(place.at('again'), path)
  const live = lstatSync(path).ino
  await new Promise((resolve) => holder.close(resolve))
  t.equal(await claiming, false)
  t.equal(lstatSync(path).ino, live)
  await Promise.all([other, mine].map((each) => new Promise((resolve) => each.close(resolve))))
})

t.test(
  'a path of the full length works, also in a directory that is as long',
  { skip: process.platform !== 'linux' && 'elsewhere directories have to be shorter' },
  async (t) => {
    const place = folder(t)
    const long = (bytes: number) => join(place.path, 'd'.repeat(bytes - place.path.length - 1))
    const deep = long(105)
    mkdirSync(deep)
    for (const path of [long(107), `${deep}/a`]) {
      t.equal(path.length, 107)
      for (const stale of [false, true]) {
        if (stale) await staleLink(path)
        const listener = await listen(`ipc://${path}`)
        t.ok(await echoes(`ipc://${path}`))
        await listener.close()
      }
    }
    t.same(readdirSync(deep), [])
    async function staleLink(path: string): Promise<void> {
      await staleAt(place.at('s'))
      linkSync(place.at('s'), path)
      rmSync(place.at('s'))
    }
  },
)

t.test('listening that is aborted on its way leaves nothing', { skip }, async (t) => {
  const place = folder(t)
  await staleAt(place.at('a.sock'))
  const abort = new AbortController()
  const reason = new Error('enough')
  const listening = transport.listen(place.address('a'), () => {}, { signal: abort.signal })
  abort.abort(reason)
  await t.rejects(listening, reason)
  t.same(place.list(), [])
  t.ok(RpcError.is(await transport.dial(place.address('a')).catch((error: unknown) => error)))
})

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Handler, limitsWith, type ProtocolContext, type Session, systemClock } from '@hawser/contract'
import t, { type Test } from 'tap'
import { native } from '../src/native.js'
import { TimerWheel } from '../src/wheel.js'
import { demo } from './support/scenes.js'
import { dialled, listening, overSocket } from './support/tcp.js'
import { items, make, peerOf, TestCall, textOf, utf8 } from './support/world.js'

const script = fileURLToPath(new URL('peer/peer.py', import.meta.url))
const vectors = fileURLToPath(new URL('../../../docs/vectors/hawser-1.json', import.meta.url))
const found = spawnSync('python3', ['--version']).status === 0
const skip =
  found || process.env.CI ? false : 'python3 is not installed: the peer in another language was not tried'

/** Runs the peer, and collects its lines. */
function run(...args: string[]): { child: ChildProcess; lines: string[]; ended: Promise<number | null> } {
  const child = spawn('python3', ['-I', script, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const lines: string[] = []
  let rest = ''
  const take = (bytes: Buffer) => {
    const parts = (rest + bytes.toString()).split('\n')
    rest = parts.pop()!
    lines.push(...parts)
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, lines, ended }
}
async function lineOf(lines: string[], pattern: RegExp): Promise<RegExpMatchArray> {
  for (let turn = 0; turn < 500; turn++) {
    for (const line of lines) {
      const match = line.match(pattern)
      if (match) return match
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`No line like ${pattern} came: ${lines.join('\n')}`)
}

function context(timers: TimerWheel, handler: Handler, sessions: Session[]): ProtocolContext {
  return {
    limits: limitsWith(),
    clock: timers.clock,
    timers,
    codecs: ['other', 'json'],
    log: ({ event, message }) => void t.comment(`${event}: ${message}`),
    count: () => {},
    peer: (session) => peerOf(session),
    opened: (session) => void sessions.push(session),
    handler,
  }
}

t.test('a peer in another language reads and writes every vector', { skip }, async (t) => {
  const { lines, ended } = run('vectors', vectors)
  t.equal(await ended, 0, lines.join('\n'))
  t.match(lines, [/^vectors \d\d+$/])
})

t.test('a client in another language calls a session over tcp', { skip }, async (t) => {
  const timers = new TimerWheel(systemClock())
  const sessions: Session[] = []
  const handler: Handler = async (call) => {
    if (call.method !== '/callback') return demo(call)
    const [word] = JSON.parse(textOf(call.input)) as [string]
    sessions[0]!.notify({ type: 'told', codec: 'json', body: utf8('1') })
    const back = new TestCall('/echo', Infinity, {
      codec: 'json',
      input: JSON.stringify([`${word} and back`]),
    })
    return call.connection!.handler(back)
  }
  const { server, port } = await listening((socket) => {
    native().serve(overSocket(socket, timers.clock), context(timers, handler, sessions))
  })
  const { child, lines, ended } = run('client', `${port}`)
  const status = await ended
  child.kill()
  server.close()
  t.equal(status, 0, lines.join('\n'))
  t.same(
    lines.filter((line) => line.startsWith('ok ')).map((line) => line.slice(3)),
    [
      'early call',
      'unary',
      'error',
      'server stream',
      'client stream',
      'duplex',
      'cancel',
      'deadline',
      'ping',
      'symmetric',
      'goaway',
    ],
  )
  t.match(await sessions[0]!.closed, { reason: 'closed' }, 'the session was told why')
  t.equal(sessions[0]!.active, 0)
  timers.close()
})

async function* numbers(count: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let number = 0; number < count; number++) yield utf8(`${number}`)
}

t.test('a session calls a server in another language over tcp', { skip }, async (t) => {
  const { child, lines, ended } = run('server')
  t.teardown(() => child.kill())
  const [, port] = await lineOf(lines, /^port (\d+)$/)
  const timers = new TimerWheel(systemClock())
  const socket = await dialled(Number(port))
  const session = native().open(overSocket(socket, timers.clock), context(timers, demo, []))
  const call = (method: string, options: Parameters<typeof make>[3] = {}) =>
    make(timers, session, method, { codec: 'json', timeoutMs: 20_000, ...options }).done
  await calls(t, call, timers, session)
  child.stdin!.end()
  t.equal(await ended, 0, lines.join('\n'))
  t.same(lines.slice(1), [], 'without a word of complaint')
  timers.close()
})

async function calls(
  t: Test,
  call: (method: string, options?: Parameters<typeof make>[3]) => ReturnType<typeof make>['done'],
  timers: TimerWheel,
  session: Session,
): Promise<void> {
  const early = await call('/echo', { input: '["early"]' })
  t.equal(textOf(early.reply?.output), '"early"')
  for (const value of ['"hi"', '"grüße"', '[1, {"a": null}]'])
    t.same(
      JSON.parse(textOf((await call('/echo', { input: `[${value}]` })).reply?.output)),
      JSON.parse(value),
    )
  t.equal(textOf((await call('/void', { input: '[]' })).reply?.output), '')
  t.equal((await call('/log', { kind: 'oneway', input: '["line"]' })).settled, 1)
  t.equal(textOf((await call('/echo', { probe: true })).reply?.output), '')
  t.match((await call('/gone', { probe: true })).error, { reason: 'no_method', executed: 'no' })
  const failed = await call('/fail', { input: '[]' })
  t.match(failed.error, { code: 'not_found', message: 'no such user', executed: 'yes', reason: undefined })
  t.equal(textOf(failed.error?.details as Uint8Array), '{"user": 7}')

  const counted = await call('/count', { kind: 'server-stream', input: '[5000]' })
  t.equal((await items(counted.reply?.output)).length, 5_000)
  const summed = await call('/sum', { kind: 'client-stream', input: numbers(5_000) })
  t.equal(textOf(summed.reply?.output), `${(5_000 * 4_999) / 2}`)
  const doubled = await call('/double', { kind: 'duplex', input: numbers(5_000) })
  t.same((await items(doubled.reply?.output)).at(-1), '9998')
  const left = await call('/count', { kind: 'server-stream', input: '[1000000]' })
  for await (const _ of left.reply!.output as AsyncIterable<Uint8Array>) break

  const slept = make(timers, session, '/sleep', { codec: 'json', input: '[]' })
  await new Promise((resolve) => setTimeout(resolve, 20))
  slept.cancel()
  t.match((await slept.done).error, { code: 'cancelled' })
  t.match((await call('/sleep', { input: '[]', timeoutMs: 50 })).error, { code: 'deadline_exceeded' })
  for (let turn = 0; turn < 200 && session.active > 0; turn++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  t.equal(session.active, 0, 'the server has answered what was cancelled')

  const pending = make(timers, session, '/sleep', { codec: 'json', input: '[]', timeoutMs: 300 })
  t.equal(textOf((await call('/leave', { input: '[]' })).reply?.output), '"leaving"')
  t.match((await pending.done).error, { code: 'deadline_exceeded' }, 'what was taken goes on')
  t.match(await session.closed, { code: 'unavailable', reason: 'closed', retryable: true })
  t.match((await call('/echo', { input: '[1]' })).error, { executed: 'no' })
}

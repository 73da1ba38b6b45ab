import { spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { chaosProxy, type Disturbances, harness, heapGrowth, testAuthority } from '../src/harness.js'

harness(t)

t.test('a test that leaves something behind fails, a clean one passes', async (t) => {
  const fixture = fileURLToPath(new URL('./fixtures/leaks.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import=tsx', fixture], { stdio: ['ignore', 'pipe', 'ignore'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const [exitCode] = await once(child, 'close')
  t.not(exitCode, 0)
  const results = [...output.matchAll(/^(not ok|ok) \d+ - ([a-z ]+)/gm)].map(([, result, name]) => [
    name!.trim(),
    result,
  ])
  const outcome = new Map(results.filter(([name]) => /^(leaves|is)/.test(name!)) as [string, string][])
  t.match(output, /left behind: 1 Timeout/)
  t.match(output, /left behind: 1 TCPServerWrap/)
  t.match(output, /left behind: 1 ProcessWrap/)
  t.match(output, /left behind: the warning look out/)
  t.same(
    [...outcome].filter(([, result]) => result === 'ok').map(([name]) => name),
    ['is clean'],
  )
  t.equal(outcome.size, 9)
})

t.test('heap growth tells work that keeps from work that does not', async (t) => {
  const kept: unknown[] = []
  const grown = await heapGrowth(async () => void kept.push(new Array(20_000).fill(0.5)))
  t.ok(grown > 5 * 20_000 * 8 * 0.9, `${grown} bytes`)
  const clean = await heapGrowth(async () => void new Array(20_000).fill(0.5))
  t.ok(clean < 100_000, `${clean} bytes`)
  t.equal(kept.length, 7)
})

t.test('an authority issues certificates that its own certificate verifies', async (t) => {
  const authority = testAuthority()
  const issued = authority.issue('example.test', { hosts: ['example.test', '127.0.0.1'] })
  const certificate = new X509Certificate(issued.cert)
  t.ok(certificate.verify(new X509Certificate(authority.cert).publicKey))
  t.notOk(certificate.verify(new X509Certificate(testAuthority().cert).publicKey))
  t.equal(certificate.checkHost('example.test'), 'example.test')
  t.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1')
  const ended = new X509Certificate(authority.issue('example.test', { days: -1 }).cert)
  t.ok(Date.parse(ended.validTo) < Date.now())
})

interface Exchange {
  /** What the server got. */
  readonly received: Uint8Array
  readonly largest: number
  readonly clientEnd: string
  readonly serverEnd: string
  readonly sentMs: number
}

/** Sends 1000 bytes through a proxy and ends, or is ended. */
async function exchange(disturb: Disturbances, waitMs = 2000): Promise<Exchange> {
  const chunks: Uint8Array[] = []
  let accepted: Socket | undefined
  const server = createServer((socket) => {
    accepted = socket
    socket.on('data', (bytes) => chunks.push(bytes)).on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await chaosProxy({ port: (server.address() as AddressInfo).port, disturb })
  const client = connect(proxy.port, '127.0.0.1')
  client.on('error', () => {}).resume()
  await once(client, 'connect')
  const start = performance.now()
  const ended = (socket: Socket) =>
    new Promise<string>((resolve) => {
      const timer = setTimeout(() => resolve('silent'), waitMs)
      const done = (how: string) => {
        clearTimeout(timer)
        resolve(how)
      }
      socket.once('error', () => done('reset'))
      socket.once('end', () => done('end'))
    })
  while (!accepted) await new Promise((resolve) => setTimeout(resolve, 1))
  const ends = Promise.all([ended(client), ended(accepted)])
  client.end(new Uint8Array(1000).map((_, index) => index))
  const [clientEnd, serverEnd] = await ends
  const sentMs = performance.now() - start
  client.destroy()
  accepted.destroy()
  server.close()
  await proxy.close()
  const received = Buffer.concat(chunks)
  const largest = Math.max(0, ...chunks.map((chunk) => chunk.length))
  return { received, largest, clientEnd, serverEnd, sentMs }
}

t.test('a proxy without orders changes nothing', async (t) => {
  const { received, clientEnd, serverEnd } = await exchange({})
  t.equal(received.length, 1000)
  t.ok(received.every((byte, index) => byte === index % 256))
  t.same([clientEnd, serverEnd], ['end', 'end'])
})

t.test('a proxy cuts at the byte it is told, for both sides', async (t) => {
  for (const cutAt of [0, 1, 999]) {
    const fin = await exchange({ toServer: { cutAt, cut: 'fin' } })
    t.equal(fin.received.length, cutAt)
    t.same([fin.clientEnd, fin.serverEnd], ['end', 'end'])
    const rst = await exchange({ toServer: { cutAt, cut: 'rst' } })
    t.equal(rst.received.length, cutAt)
    t.same([rst.clientEnd, rst.serverEnd], ['reset', 'reset'])
  }
})

t.test('a proxy stalls and swallows without a word', async (t) => {
  for (const disturbance of [{ stallAt: 10 }, { stallAt: 0 }, { swallowAt: 10 }]) {
    const { received, clientEnd, serverEnd } = await exchange({ toServer: disturbance }, 100)
    t.equal(received.length, Object.values(disturbance)[0])
    t.same([clientEnd, serverEnd], ['silent', 'silent'])
  }
})

t.test('a proxy delays and splits', async (t) => {
  const late = await exchange({ toServer: { delayMs: 50 } })
  t.equal(late.received.length, 1000)
  t.ok(late.sentMs >= 49, `${late.sentMs} ms`)
  const pieces = await exchange({ toServer: { splitBytes: 7, delayMs: 1 } })
  t.equal(pieces.received.length, 1000)
  t.ok(pieces.received.every((byte, index) => byte === index % 256))
})

import { harness } from '@hawser/compliance/harness'
import { native } from '@hawser/wire'
import t from 'tap'
import type { Line, Still } from './support/still.js'
import { still } from './support/still.js'
import { post, wire, world } from './support/world.js'

harness(t)

const answered = /^HTTP\/1.1 408 Request Timeout\r\n[\s\S]*came too slowly/

/** Sends a text a character a second, and gives the second at which the line was cut. */
async function drip(world: Still, line: Line, text: string): Promise<number> {
  for (const [second, character] of [...text].entries()) {
    if (line.ended) return second
    line.send(character)
    await world.pass(1_000)
  }
  return Number.POSITIVE_INFINITY
}

t.test('headers that drip in are cut within six seconds', async (t) => {
  const world = await still(t)
  const line = await world.dial()
  const second = await drip(world, line, 'GET /f HTTP/1.1\r\nHost: a\r\n')
  t.ok(second >= 5 && second <= 7, `${second}`)
  t.match(line.text, answered)
})

t.test('the time it takes to find the protocol out counts too', async (t) => {
  const world = await still(t, { before: [native()] })
  const line = await world.dial()
  const second = await drip(world, line, 'GET /f HTTP/1.1\r\nHost: a\r\n')
  t.ok(second >= 5 && second <= 7, `${second}`)
  t.match(line.text, answered)
})

t.test('the answer to slow headers is there within six seconds', async (t) => {
  const world = await still(t)
  const line = await world.dial()
  line.send('GET ')
  await world.pass(4_900)
  t.equal(line.text, '')
  await world.pass(1_100)
  t.match(line.text, answered)
  t.match(world.logs, [{ event: 'connection_bad_frame' }])
})

t.test('headers that come in time are taken', async (t) => {
  const world = await still(t)
  world.server.rpc('/f', () => 'fine')
  const line = await world.dial()
  await world.pass(2_000)
  line.send('GET /f HT')
  await world.pass(2_500)
  line.send('TP/1.1\r\nHost: a\r\n\r\n')
  await world.settle()
  t.match(line.text, /"fine"$/)
})

t.test('a connection on which nothing is asked is closed without a word', async (t) => {
  const world = await still(t)
  const line = await world.dial()
  await world.pass(6_000)
  t.ok(line.ended)
  t.equal(line.text, '')
})

t.test('a later request that drips in is cut as the first one would be', async (t) => {
  const world = await still(t)
  world.server.rpc('/f', (x: number) => x)
  const line = await world.dial()
  line.send(post('/f', '[1]'))
  await world.settle()
  t.match(line.text, /\r\n\r\n1$/)
  await world.pass(60_000)
  t.notOk(line.ended, 'an idle connection is kept')
  line.text = ''
  const second = await drip(world, line, post('/f', '[1]'))
  t.ok(second >= 5 && second <= 7, `${second}`)
  t.match(line.text, answered)
})

t.test('a request that begins right behind an answer has no more time', async (t) => {
  const world = await still(t)
  world.server.rpc('/f', (x: number) => x)
  const line = await world.dial()
  line.send(post('/f', '[1]'))
  await world.settle()
  line.text = ''
  // Its first bytes come before anybody has looked at the connection again, and nothing follows.
  line.send('GET /f HTTP/1.1\r\n')
  await world.settle()
  await world.pass(4_500)
  t.equal(line.text, '')
  await world.pass(1_100)
  t.match(line.text, answered)
})

t.test('a body that drips in is cut within six seconds', async (t) => {
  const world = await still(t)
  const line = await world.dial()
  world.server.rpc('/f', (x: number) => x)
  line.send(post('/f', `["${'x'.repeat(100)}"]`).slice(0, -100))
  const second = await drip(world, line, 'x'.repeat(100))
  t.ok(second >= 5 && second <= 7, `${second}`)
  t.match(line.text, answered)
})

t.test('a body in pieces is cut likewise', async (t) => {
  const world = await still(t)
  const line = await world.dial()
  world.server.rpc('/f', (x: number) => x)
  line.send(
    'POST /f HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
  )
  const second = await drip(world, line, '1\r\n[\r\n'.repeat(5))
  t.ok(second >= 5 && second <= 7, `${second}`)
})

t.test('the body of a refused request has no more time than any other', async (t) => {
  const world = await still(t)
  const line = await world.dial()
  line.send(post('/absent', 'x'.repeat(100)).slice(0, -100))
  const second = await drip(world, line, 'x'.repeat(100))
  t.ok(second >= 5 && second <= 7, `${second}`)
})

t.test('a body may take its time while it grows, and no longer than requestMs', async (t) => {
  const world = await still(t)
  world.server.rpc('/f', (text: string) => text.length)
  const steady = await world.dial()
  const body = JSON.stringify(['x'.repeat(40_000)])
  const request = post('/f', body)
  steady.send(request.slice(0, -40_000))
  for (let at = 0; at < 20; at++) {
    steady.send(request.slice(-40_000 + 2_000 * at, at === 19 ? undefined : -40_000 + 2_000 * (at + 1)))
    await world.pass(1_000)
  }
  t.match(steady.text, /\r\n\r\n40000$/)
  const long = await world.dial()
  const longer = post('/f', JSON.stringify(['x'.repeat(80_000)]))
  long.send(longer.slice(0, -80_000))
  let seconds = 0
  for (; seconds < 40 && !long.ended; seconds++) {
    long.send(longer.slice(-80_000 + 2_000 * seconds, -80_000 + 2_000 * (seconds + 1)))
    await world.pass(1_000)
  }
  t.ok(seconds >= 30 && seconds <= 32, `${seconds}`)
  t.match(long.text, answered)
})

t.test('a handler may take as long as it is given', async (t) => {
  const world = await still(t, { http: { timeoutMs: Number.POSITIVE_INFINITY } })
  let finish: (() => void) | undefined
  world.server.rpc(
    '/f',
    () =>
      new Promise<string>((resolve) => {
        finish = () => resolve('late')
      }),
  )
  const line = await world.dial()
  line.send(post('/f', '[]'))
  await world.pass(120_000)
  finish?.()
  await world.settle()
  t.match(line.text, /"late"$/)
})

t.test('without an option the deadline of a call is callMs', async (t) => {
  const world = await still(t)
  world.server.rpc('/f', () => new Promise(() => {}))
  const line = await world.dial()
  line.send(post('/f', '[]'))
  await world.pass(4_900)
  t.equal(line.text, '')
  await world.pass(200)
  t.match(line.text, /^HTTP\/1.1 504 /)
})

t.test('a connection without use is closed after idleMs', async (t) => {
  const world = await still(t, { limits: { idleMs: 10_000, idleJitter: 0 } })
  world.server.rpc('/f', () => 1)
  const line = await world.dial()
  line.send(post('/f', '[]'))
  await world.pass(9_500)
  t.notOk(line.ended)
  line.send(post('/f', '[]'))
  await world.pass(9_500)
  t.notOk(line.ended, 'use is use')
  await world.pass(3_000)
  t.ok(line.ended)
})

t.test('a peer that does not read its answer is dropped', async (t) => {
  const { server, port } = await world(t, { limits: { writeStallMs: 300 } })
  server.rpc('/f', () => 'x'.repeat(4_000_000))
  const line = wire(t, port)
  line.socket.pause()
  line.send(post('/f', '[]').repeat(8))
  const wait = () => new Promise((resolve) => setTimeout(resolve, 20))
  while (server.connections.length === 0) await wait()
  const [peer] = server.connections
  t.match(await peer?.closed, { reason: 'slow_consumer' })
})

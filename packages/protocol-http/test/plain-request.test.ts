import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { post, wire, world } from './support/world.js'

harness(t)

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

t.test('a body that comes before its reader is held back, not read in full, and arrives whole', async (t) => {
  let admit: () => void = () => {}
  const asked = new Promise<void>((resolve) => {
    admit = resolve
  })
  let begun = false
  const { server, port } = await world(t, {
    limits: { receiveBytes: 2 ** 26 },
    authenticate: () => {
      begun = true
      return asked
    },
  })
  server.rpc('/length', (text: string) => text.length)
  const line = wire(t, port)
  // More than the buffers of two sockets hold.
  const length = 30_000_000
  const text = post('/length', JSON.stringify(['x'.repeat(length)]))
  line.send(text)
  while (!begun) await sleep(10)
  await sleep(200)
  t.ok(line.socket.writableLength > 0, `${line.socket.writableLength} of ${text.length} bytes wait`)
  admit()
  t.match((await line.until(/\r\n\r\n(\d+)$/))[1], String(length))
  line.send(post('/length', '["next"]'))
  t.equal((await line.until(/\r\n\r\n(4)$/))[1], '4', 'the connection goes on')
})

t.test('bodies that nobody reads are thrown away, and the next request is read', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/f', () => 1)
  const line = wire(t, port)
  const large = 'x'.repeat(200_000)
  line.send(post('/absent', large) + post('/f', '[]'))
  await line.until(/^HTTP\/1.1 404 [\s\S]*HTTP\/1.1 200 [\s\S]*\r\n\r\n1$/)
  const chunked = `POST /absent HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`
  const chunks = Array.from({ length: 30 }, () => `1000\r\n${'y'.repeat(0x1000)}\r\n`).join('')
  const other = wire(t, port)
  other.send(`${chunked}${chunks}0\r\n\r\n${post('/f', '[]')}`)
  await other.closed
  t.match(other.text, /^HTTP\/1.1 404 /, 'a body of unknown length ends the connection')
})

t.test('a hundred requests in one piece are answered in turn', async (t) => {
  const { server, port } = await world(t)
  server.rpc('/same', (n: number) => n)
  const line = wire(t, port)
  line.send(Array.from({ length: 100 }, (_, n) => post('/same', `[${n}]`)).join(''))
  await line.until(/\r\n\r\n99$/)
  const answers = [...line.text.matchAll(/\r\n\r\n(\d+)(?=HTTP|$)/g)].map(([, n]) => Number(n))
  t.same(
    answers,
    Array.from({ length: 100 }, (_, n) => n),
  )
})

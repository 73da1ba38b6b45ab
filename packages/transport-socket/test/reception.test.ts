import { connect, createServer } from 'node:net'
import { harness } from '@hawser/compliance/harness'
import { type Connection, defaultLimits, type LogEntry, systemClock } from '@hawser/contract'
import t from 'tap'
import { capsFor, Reception } from '../src/index.js'

harness(t)

t.test('a program that throws costs that connection alone, and is told of within limits', async (t) => {
  const lines: LogEntry[] = []
  const left: unknown[] = []
  const options = {
    clock: systemClock(),
    limits: defaultLimits,
    caps: capsFor(10, 10, 1),
    log: (entry: LogEntry) => lines.push(entry),
  }
  let count = 0
  const accepted: Connection[] = []
  const reception = new Reception(options, (connection) => {
    if (count++ < 2) throw new Error('bad accept')
    connection.start((bytes) => connection.send(bytes))
    accepted.push(connection)
  })
  const owner = { left: (connection: unknown) => left.push(connection) }
  const server = createServer({ pauseOnConnect: true }, (socket) =>
    reception.hand(socket, { address: 'test://peer' }, owner),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  if (!bound || typeof bound === 'string') throw new TypeError('no port')
  const sockets = Array.from({ length: 3 }, () => connect(bound.port, '127.0.0.1'))
  const outcomes = sockets.map(
    (socket) =>
      new Promise<string>((resolve) => {
        socket.on('error', () => {})
        socket.once('data', (bytes) => resolve(String(bytes)))
        socket.once('close', () => resolve('closed'))
        socket.write('x')
      }),
  )
  t.same((await Promise.all(outcomes)).sort(), ['closed', 'closed', 'x'])
  t.equal(lines.length, 1)
  t.match(lines[0], { level: 'error', event: 'accept_threw' })
  for (const socket of sockets) socket.destroy()
  await accepted[0]?.closed
  server.close()
  while (left.length < 3) await new Promise((resolve) => setTimeout(resolve, 1))
})

import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { harness } from '@hawser/compliance/harness'
import { topic } from '@hawser/push'
import t from 'tap'
import { until } from './support/subscriber.js'
import { world } from './support/world.js'

harness(t)

const python = '/usr/bin/python3'
const run = promisify(execFile)

function missing(): string | false {
  if (process.env.CI) return false
  try {
    execFileSync(python, ['-c', 'import websockets'], { stdio: 'ignore' })
    return false
  } catch {
    return 'The Python module websockets is not installed'
  }
}

const program = `
import asyncio, sys, websockets

async def main(url, protocol, count):
    async with websockets.connect(url, subprotocols=[protocol]) as socket:
        print(socket.subprotocol)
        for _ in range(count):
            message = await socket.recv()
            print(message if isinstance(message, str) else message.hex())
        try:
            await socket.send('hello')
            await socket.recv()
        except websockets.ConnectionClosed as closed:
            print(closed.rcvd.code, closed.rcvd.reason)

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
`

t.test('AM-54 a client in Python subscribes', { skip: missing() }, async (t) => {
  const { server, port } = await world(t)
  const nagging = topic<string>(server, '/nagging')
  for (const [protocol, first] of [
    ['ecv_amrpc_json', '"one"'],
    ['ecv_amrpc_msgpack', 'a36f6e65'],
  ] as const) {
    const said = run(python, ['-c', program, `ws://127.0.0.1:${port}/nagging`, protocol, '2'])
    await until(() => nagging.size === 1)
    nagging.publish('one')
    nagging.publish('two')
    const { stdout } = await said
    const lines = stdout.trim().split('\n')
    t.same(lines.slice(0, 2), [protocol, first])
    t.equal(lines[3], '1003 Nothing is to be sent here; do not retry')
    await until(() => nagging.size === 0)
  }
})

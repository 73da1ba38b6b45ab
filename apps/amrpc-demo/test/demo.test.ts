import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { somewhere } from './support/somewhere.js'

harness(t)

const start = (name: string, ...args: string[]): ChildProcess =>
  spawn(
    process.execPath,
    ['--import=tsx', fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url)), ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )

async function linesOf(child: ChildProcess): Promise<string[]> {
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout! })) lines.push(line)
  return lines
}

t.test('AM-02 the client shows the same over tcp and ipc, and Ctrl-C ends the server', async (t) => {
  const { tcp, ipc } = somewhere()
  const server = start('server', tcp, ipc, '0')
  t.teardown(() => server.kill('SIGKILL'))
  const greeting: string[] = []
  for await (const line of createInterface({ input: server.stdout! })) {
    greeting.push(line)
    if (line.startsWith('Ctrl-C')) break
  }
  const listening = /tcp:\S+/.exec(greeting.join('\n'))![0]
  for (const address of [listening, ipc]) {
    const client = start('client', address)
    const exited = once(client, 'exit')
    t.same(await linesOf(client), [
      '123',
      'Uint8Array(3) [ 255, 0, 16 ]',
      'Ada is 37 now',
      'true false',
      'invalid_argument: Nothing can be divided by 0 { a: 1, b: 0 }',
      'ready, steady, go',
    ])
    t.same(await exited, [0, null])
  }
  server.kill('SIGINT')
  t.same(await once(server, 'exit'), [0, null])
})

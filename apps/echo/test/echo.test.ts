import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'

harness(t)

const start = (name: string, address: string): ChildProcess =>
  spawn(
    process.execPath,
    ['--import=tsx', fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url)), address],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )

async function linesOf(child: ChildProcess): Promise<string[]> {
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout! })) lines.push(line)
  return lines
}

t.test('the client shows what the server answers, and Ctrl-C ends the server', async (t) => {
  const server = start('server', 'tcp://127.0.0.1:0')
  t.teardown(() => server.kill('SIGKILL'))
  const served = createInterface({ input: server.stdout! })
  const [greeting] = (await once(served, 'line')) as [string]
  t.match(
    greeting,
    /^Serving \/echo, \/mean, echo\.Words\/split at tcp:\/\/127\.0\.0\.1:\d+\. Ctrl-C ends it\.$/,
  )

  const client = start('client', /tcp:\S+\d/.exec(greeting)![0])
  const exited = once(client, 'exit')
  t.same(await linesOf(client), [
    'hello, said the server',
    '4',
    'invalid_argument: Nothing can be divided by 0 { a: 0, b: 0 }',
    'a',
    'rope',
    'is',
    'laid',
  ])
  t.same(await exited, [0, null])

  server.kill('SIGINT')
  t.same(await once(server, 'exit'), [0, null])
  served.close()
})

t.test('without a server, the client says so and fails', async (t) => {
  // The port of nobody: 1 is reserved and never listened on here.
  const client = spawn(
    process.execPath,
    ['--import=tsx', fileURLToPath(new URL('../src/client.ts', import.meta.url)), 'tcp://127.0.0.1:1'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const exited = once(client, 'exit')
  let errors = ''
  for await (const chunk of client.stderr!) errors += String(chunk)
  t.match(errors, /unavailable|unreachable/)
  t.same(await exited, [1, null])
})

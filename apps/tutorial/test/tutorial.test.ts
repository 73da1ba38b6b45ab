import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'

harness(t)

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))
// As it is built: threads load no TypeScript.
const program = fileOf('../dist/main.js')
const found = spawnSync('python3', ['--version']).status === 0
const skip = found || process.env.CI ? false : 'python3 is not installed: the client in Python was not tried'
const pings = Array.from({ length: 10 }, (_, number) => `pong ireader ${number}`)

interface Served extends AsyncDisposable {
  readonly child: ChildProcess
  readonly port: string
  /** What it has said. */
  readonly lines: readonly string[]
}

async function served(model: string): Promise<Served> {
  const child = spawn(process.execPath, [program, model, 'tcp://127.0.0.1:0', '2'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const reader: Interface = createInterface({ input: child.stdout! })
  reader.on('line', (line) => void lines.push(line))
  const until = async (pattern: RegExp) => {
    for (;;) {
      const line = lines.find((line) => pattern.test(line))
      if (line) return line
      await once(reader, 'line')
    }
  }
  const greeting = await until(/^Serving at/)
  return {
    child,
    lines,
    port: /:(\d+),/.exec(greeting)![1]!,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      child.kill('SIGINT')
      await exited
      reader.close()
    },
  }
}

/** Runs a client in Python, and returns its lines. */
async function python(...args: string[]): Promise<readonly string[]> {
  const child = spawn('python3', ['-I', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  const reading = [child.stdout, child.stderr].map(async (input) => {
    for await (const line of createInterface({ input })) lines.push(line)
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  await Promise.all(reading)
  return code === 0 ? lines : [...lines, `exit ${code}`]
}

const client = (port: string, pause = '0') => python(fileOf('../client.py'), port, pause)

for (const [id, model] of [
  ['PM-08', 'serial'],
  ['PM-09', 'thread-per-connection'],
  ['PM-10', 'process-per-connection'],
  ['PM-13', 'prefork'],
  ['PM-14', 'async'],
  ['PM-15', 'prefork-async'],
] as const)
  t.test(
    `${id} ${model}: the tutorial’s client has its ten pings answered, and so has a second one`,
    { skip },
    async (t) => {
      await using server = await served(model)
      const both = await Promise.all([client(server.port), client(server.port)])
      t.same(both, [pings, pings])
    },
  )

t.test('PM-08 serial: a second client waits for the first to leave', { skip }, async (t) => {
  await using server = await served('serial')
  t.same(await Promise.all([client(server.port, '0.02'), client(server.port, '0.02')]), [pings, pings])
  t.match(
    server.lines.slice(1).map((line) => line.replace(/tcp:\S+/, '…')),
    ['0: … comes', '0: bye …', '0: … comes', '0: bye …'],
  )
})

t.test(
  'PM-01 PM-07 a client that reads as the tutorial does, with one recv each, is answered in one piece',
  { skip },
  async (t) => {
    await using server = await served('async')
    const script = `
import json, socket, struct, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
for number in range(10):
    request = json.dumps({"in": "ping", "params": "ireader %d" % number})
    s.sendall(struct.pack("I", len(request)))
    s.sendall(request.encode())
    length, = struct.unpack("I", s.recv(4))
    answer = json.loads(s.recv(length))
    print(answer["out"], answer["result"])
`
    t.same(await python('-c', script, server.port), pings)
  },
)

t.test('a model that there is not is told, and the server ends with its program', async (t) => {
  const child = spawn(process.execPath, [program, 'forking'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit')
  let errors = ''
  for await (const chunk of child.stderr!) errors += String(chunk)
  t.match(errors, /There is no model forking\. There is serial, /)
  t.same(await exited, [2, null])
})

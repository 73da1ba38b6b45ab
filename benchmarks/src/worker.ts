import { Load } from './load.js'
import type { Answer, Command, Measured, Request, Started, Usage } from './messages.js'
import type { Connect, EchoClient, EchoServer, Serve } from './subject.js'

// The program of a server or client process: one subject, told what to do over the IPC channel of its parent.

type Start = Extract<Command, { kind: 'start' }>
type Task = (count: number) => Promise<unknown>

let subject: EchoServer | EchoClient | undefined
let load: Load | undefined

async function start(command: Start): Promise<Started> {
  const module = (await import(`./subjects/${command.folder}/${command.role}.js`)) as {
    serve: Serve
    connect: Connect
  }
  const { variant, inFlight } = command
  if (command.role === 'client') {
    subject = await module.connect(command.address, { variant, inFlight })
    return { address: command.address }
  }
  const server = await module.serve({ variant })
  subject = server
  return { address: server.address }
}

function usage(): Usage {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { cpu: user + system, rss, heapUsed, external }
}

async function obey(command: Command): Promise<unknown> {
  switch (command.kind) {
    case 'start':
      return await start(command)
    case 'warm':
      load = new Load(subject as EchoClient, command)
      return await load.warm(command.seconds)
    case 'measure':
      return (await load!.measure(command.seconds)) satisfies Measured
    case 'usage':
      return usage()
    case 'task':
      return await (subject as unknown as Record<string, Task>)[command.name]!(command.count)
  }
}

process.on('message', async ({ id, command }: Request) => {
  let answer: Answer
  try {
    answer = { id, value: await obey(command) }
  } catch (error) {
    answer = { id, error: error instanceof Error ? error.message : String(error) }
  }
  process.send!(answer)
})

// Without its parent a worker has nothing to do, and nobody to end it.
process.on('disconnect', () => process.exit())

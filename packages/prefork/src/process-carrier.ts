import { type ChildProcess, fork } from 'node:child_process'
import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { Carrier, CarrierEvents, Spawn } from './carrier.js'
import { entry } from './entry.js'

/** How a child process is begun. */
export interface ProcessOptions {
  readonly env: NodeJS.ProcessEnv
  readonly execArgv: readonly string[]
  /** As a worker of the cluster module, so that what it listens on is shared. */
  readonly clustered: boolean
}

const ignore = () => {}

/** Begins child processes. They get no arguments, which others could see: what they need to know is told over their pipe. */
export function processes(options: ProcessOptions): Spawn {
  return (events) => carry(options.clustered ? forkWorker(options) : forkPlain(options), events)
}

const main = fileURLToPath(entry('process-main'))

// Cloned rather than made JSON, so that bytes are bytes.
const serialization = 'advanced'

function forkPlain({ env, execArgv }: ProcessOptions): ChildProcess {
  return fork(main, [], { env, execArgv: [...execArgv], serialization })
}

function forkWorker({ env, execArgv }: ProcessOptions): ChildProcess {
  if (!cluster.isPrimary) throw new TypeError('A worker of the cluster module cannot have workers of its own')
  const { settings } = cluster
  cluster.setupPrimary({ exec: main, args: [], execArgv: [...execArgv], serialization })
  try {
    // It adds to the environment of this process, and cannot be told to leave anything out but one by one.
    const without = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]))
    return cluster.fork({ ...without, ...env }).process
  } finally {
    // The settings are the whole program's; others may fork workers, too.
    const [, exec, ...args] = process.argv
    const { execArgv } = process
    cluster.setupPrimary({ ...(exec && { exec }), args, execArgv, serialization: 'json', ...settings })
  }
}

function carry(child: ChildProcess, events: CarrierEvents): Carrier {
  let over = false
  const exited: CarrierEvents['exited'] = (exit) => {
    if (over) return
    over = true
    events.exited(exit)
  }
  child.on('message', (message) => events.message(message))
  child.on('error', (error) => {
    if (child.pid === undefined) exited({ code: null, signal: null, error })
  })
  child.on('exit', (code, signal) => {
    // Its last words may still be in the pipe.
    if (child.connected) child.once('disconnect', () => exited({ code, signal }))
    else exited({ code, signal })
  })
  return {
    pid: child.pid,
    post(message) {
      if (child.connected) child.send(message, ignore)
    },
    hand(client, message) {
      // Kept open here until the other side has said that it has it: if it dies before, another can have it.
      if (child.connected) child.send(message, client.socket, { keepOpen: true }, ignore)
    },
    taken: (client) => client.release(),
    kill() {
      child.kill('SIGKILL')
    },
  }
}

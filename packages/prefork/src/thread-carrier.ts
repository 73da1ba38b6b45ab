import { type ResourceLimits, Worker } from 'node:worker_threads'
import { worker } from '@hawser/transport-worker'
import { relay } from './brought.js'
import type { Exit, Spawn } from './carrier.js'
import { entry } from './entry.js'
import { nameOf } from './name.js'

/** How a thread is begun. */
export interface ThreadOptions {
  readonly env: NodeJS.ProcessEnv
  readonly execArgv: readonly string[]
  readonly resourceLimits: ResourceLimits | undefined
}

const name = 'server'

/** Begins threads. Sockets cannot go to another thread, so this one reads and writes them, and passes the bytes. */
export function threads({ env, execArgv, resourceLimits }: ThreadOptions): Spawn {
  return (events, place) => {
    const thread = new Worker(entry('thread-main'), {
      name: nameOf(place),
      env,
      execArgv: [...execArgv],
      ...(resourceLimits && { resourceLimits }),
    })
    const transport = worker({ workers: { [name]: thread } })
    let error: Error | undefined
    thread.on('message', (message) => events.message(message))
    thread.on('error', (thrown) => {
      error = thrown
    })
    thread.on('exit', (code) => {
      transport.remove(name)
      const exit: Exit = { code, signal: null, error }
      events.exited(exit)
    })
    return {
      pid: undefined,
      post: (message) => thread.postMessage(message),
      hand(client, message) {
        thread.postMessage(message)
        transport.dial(`worker://${name}`).then(
          (inner) => {
            // It may have been another thread's already, and gone with that.
            if (client.over) void inner.close()
            else relay(client.connection, inner)
          },
          () => client.refuse('Its thread has ended'),
        )
      },
      taken: (client) => client.placed(),
      kill() {
        void thread.terminate()
      },
    }
  }
}
